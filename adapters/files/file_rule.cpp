#include "adapters/files/file_rule.h"

#include <algorithm>
#include <array>

#include "broker/base/check.h"

namespace relais::files {

namespace {

struct Rule {
  std::string_view code;
  std::string_view french;
  std::string_view english;
};

constexpr std::array kRules = {
    Rule{"file.duplicate",
         "Ce fichier a déjà été lu (sous le numéro {}). Rien n'a été envoyé une seconde fois. Si ces lignes sont bien "
         "nouvelles, exportez-les à nouveau avec au moins une donnée qui change.",
         "This file was read before (as number {}). Nothing was sent a second time. If these rows are new, export them "
         "again with at least one value that differs."},
    Rule{"file.no_mapping", "Aucune correspondance n'est configurée pour un fichier de ce nom.",
         "No mapping is configured for a file of this name."},
    Rule{"file.not_readable", "Le fichier ne peut pas être lu ({}).", "The file can not be read ({})."},
    Rule{"file.too_large", "Le fichier est trop grand : au plus {} octets.",
         "The file is too large: at most {} bytes."},
    Rule{"referral.not_named", "La ligne ne dit pas de quelle orientation il s'agit.",
         "The row does not say which referral it is about."},
    Rule{"reference.too_long", "Le numéro dépasse {} octets.", "The number is longer than {} bytes."},
    Rule{"reference.unknown", "Aucune orientation n'est connue sous ce numéro.",
         "No referral is known by this number."},
    Rule{
        "reference.already_open",
        "Une orientation est déjà en cours sous ce numéro, avec d'autres données. Elle n'a pas été envoyée une seconde "
        "fois : envoyez un complément, ou annulez la première.",
        "A referral with this number is open already, with other data. It was not sent a second time: send further "
        "information, or cancel the first."},
    Rule{"referral.not_open", "Cette orientation est inconnue ici, ou elle est close.",
         "This referral is not known here, or it is closed."},
    Rule{"recipient.missing", "Le destinataire manque.", "The recipient is missing."},
    Rule{"appointment.unknown", "Aucun rendez-vous en cours ne correspond à cette ligne.",
         "No open appointment belongs to this row."},
    Rule{"appointment.ambiguous",
         "Plusieurs rendez-vous sont en cours pour cette orientation : indiquez le numéro du rendez-vous.",
         "Several appointments are open for this referral: give the number of the appointment."},
    Rule{"delivery.failed", "Le message n'est pas arrivé à {}.", "The message did not reach {}."},
    Rule{"message.no_record",
         "Un message « {} » est arrivé, mais la correspondance ne prévoit pas d'enregistrement pour lui.",
         "A message \"{}\" arrived, but the mapping has no record for it."},
};

std::string filled(std::string_view sentence, std::string_view detail) {
  std::string text(sentence);
  if (const auto hole = text.find("{}"); hole != std::string::npos) text.replace(hole, 2, detail);
  return text;
}

}  // namespace

RuleBroken broken(std::string_view code, std::string_view detail) {
  const auto* const rule = std::ranges::find(kRules, code, &Rule::code);
  base::check(rule != kRules.end(), "a rule of the catalogue");
  return {std::string(code), filled(rule->french, detail), filled(rule->english, detail)};
}

RuleBroken broken(const base::Refusal& refusal) {
  return {std::string(refusal.name()), refusal.french(), refusal.english()};
}

RuleBroken broken(const v1::Refused& refusal) { return {refusal.code(), refusal.french(), refusal.english()}; }

Reason reason_of(const RuleBroken& rule, const mapping::Place& place) {
  Reason reason;
  reason.file = place.file;
  reason.line = place.line;
  reason.record = place.record;
  reason.place = place.element;
  reason.rule = rule.rule;
  reason.french = rule.french;
  reason.english = rule.english;
  return reason;
}

}  // namespace relais::files
