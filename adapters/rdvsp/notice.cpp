#include "adapters/rdvsp/notice.h"

#include <algorithm>
#include <array>

#include "broker/base/check.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::rdvsp {

namespace {

constexpr std::size_t kAboutBytes = 16;

struct Rule {
  std::string_view code;
  std::string_view english;
  std::string_view french;
};

constexpr std::array kRules = {
    Rule{"rdv.ambiguous",
         "The person has several referrals here and the appointment's reason does not tell which it is about: it was "
         "not "
         "passed on.",
         "La personne a plusieurs orientations ici et le motif du rendez-vous ne dit pas laquelle : il n'a pas été "
         "transmis."},
    Rule{"rdv.corrected",
         "The status of an appointment that was told to its end was changed in RDV Service Public: no message takes "
         "that "
         "back. Tell the sender of the referral.",
         "Le statut d'un rendez-vous déjà annoncé comme terminé a été modifié dans RDV Service Public : aucun message "
         "ne "
         "reprend cette annonce. Prévenez l'expéditeur de l'orientation."},
    Rule{"rdv.gone",
         "An appointment to come is no longer in RDV Service Public's list, and nothing said that it was cancelled. "
         "Look "
         "it up there.",
         "Un rendez-vous à venir ne figure plus dans la liste de RDV Service Public, sans annonce d'annulation. "
         "Vérifiez-le là-bas."},
    Rule{"rdv.unreadable", "An appointment in RDV Service Public's list can not be read: {}.",
         "Un rendez-vous de la liste de RDV Service Public est illisible : {}."},
    Rule{"appointment.cancelled_elsewhere",
         "The other institution cancelled this appointment. RDV Service Public has no call for that: cancel it there.",
         "L'autre institution a annulé ce rendez-vous. RDV Service Public n'offre pas d'appel pour cela : annulez-le "
         "là-bas."},
    Rule{
        "referral.ended",
        "The referral ended while this appointment is open. Cancel it in RDV Service Public if it has no object left.",
        "L'orientation a pris fin alors que ce rendez-vous est prévu. Annulez-le dans RDV Service Public s'il n'a plus "
        "d'objet."},
    Rule{
        "rights.asked",
        "A person of this case asks for {}. RDV Service Public must be looked through by hand, and the answer given by "
        "the institution.",
        "Une personne de ce parcours exerce un droit ({}). RDV Service Public doit être examiné à la main, et la "
        "réponse "
        "donnée par l'institution."},
    Rule{"person.email_taken",
         "RDV Service Public has the person's e-mail address already, for a person whom it does not show. The person "
         "was "
         "created without it: merge the two there if they are one.",
         "RDV Service Public connaît déjà l'adresse électronique de la personne, sans montrer pour qui. La personne a "
         "été "
         "créée sans elle : fusionnez les deux fiches là-bas s'il s'agit de la même."},
    Rule{"person.refused", "RDV Service Public does not take the person: {}. The referral went back to its sender.",
         "RDV Service Public n'accepte pas la personne : {}. L'orientation est revenue à son expéditeur."},
    Rule{"person.not_written", "The mapping can not write the person: {}. The referral went back to its sender.",
         "La correspondance ne peut pas écrire la personne : {}. L'orientation est revenue à son expéditeur."},
    Rule{"message.not_shown", "A message \"{}\" arrived that RDV Service Public has no place for.",
         "Un message « {} » est arrivé, pour lequel RDV Service Public n'a pas de place."},
    Rule{"message.not_carried",
         "A message \"{}\" has a content that RDV Service Public has no place for; its sender was told that it did not "
         "arrive.",
         "Un message « {} » a un contenu pour lequel RDV Service Public n'a pas de place ; son expéditeur sait qu'il "
         "n'est "
         "pas arrivé."},
};

std::string filled(std::string_view sentence, std::string_view detail) {
  std::string text(sentence);
  if (const auto hole = text.find("{}"); hole != std::string::npos) text.replace(hole, 2, detail);
  return text;
}

}  // namespace

http::BookedProblem notice(std::string_view code, std::string_view about, base::Instant now, std::string reference,
                           std::string referral_id, std::string_view detail) {
  const auto* const rule = std::ranges::find(kRules, code, &Rule::code);
  base::check(rule != kRules.end(), "a notice of the catalogue");
  const auto digest = base::hash(std::string(code) + "\n", about);
  return {now,
          "rdvsp",
          base::hex(base::view(digest).substr(0, kAboutBytes)),
          std::string(code),
          {},
          filled(rule->english, detail),
          filled(rule->french, detail),
          std::move(reference),
          std::move(referral_id)};
}

}  // namespace relais::rdvsp
