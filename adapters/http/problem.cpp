#include "adapters/http/problem.h"

#include <algorithm>
#include <array>

#include "broker/base/check.h"

namespace relais::http {

namespace {

constexpr std::chrono::seconds kRetryAfter{5};

struct Rule {
  std::string_view code;
  int status;
  std::string_view english;
  std::string_view french;
};

constexpr std::array kRules = {
    Rule{"token.wrong", 401, "The bearer token is missing or wrong.", "Le jeton est absent ou faux."},
    Rule{"signature.missing", 401,
         "The headers webhook-id, webhook-timestamp and webhook-signature are missing or malformed.",
         "Les en-têtes webhook-id, webhook-timestamp et webhook-signature manquent ou sont mal formés."},
    Rule{"signature.wrong", 401, "The signature is not one by a secret that is known here.",
         "La signature ne correspond à aucun secret connu ici."},
    Rule{"signature.too_old", 401, "The time in webhook-timestamp is too far from ours: at most {} seconds.",
         "L'heure de webhook-timestamp est trop éloignée de la nôtre : {} secondes au plus."},
    Rule{"path.unknown", 404, "There is nothing at this path.", "Il n'y a rien à cette adresse."},
    Rule{"method.not_allowed", 405, "This path does not take this method: {}.",
         "Cette adresse n'accepte pas cette méthode : {}."},
    Rule{"body.too_large", 413, "The body is larger than {} bytes; nothing was taken.",
         "Le corps dépasse {} octets ; rien n'a été pris."},
    Rule{"body.incomplete", 400, "The body ended before it was whole, or can not be decoded; nothing was taken.",
         "Le corps est incomplet ou indécodable ; rien n'a été pris."},
    Rule{"body.not_object", 400, "The body is not a JSON object.", "Le corps n'est pas un objet JSON."},
    Rule{"body.invalid", 422, "The body breaks {} rules; nothing of it was taken.",
         "Le corps enfreint {} règles ; rien n'en a été pris."},
    Rule{"body.records", 413, "The body has more than {} records; nothing was taken.",
         "Le corps a plus de {} enregistrements ; rien n'a été pris."},
    Rule{"content_type.wrong", 415, "The Content-Type is not application/json.",
         "Le Content-Type n'est pas application/json."},
    Rule{"parameter.unknown", 400, "There is no such parameter here.", "Ce paramètre n'existe pas ici."},
    Rule{"parameter.invalid", 400, "The parameter is not valid: {} is expected.",
         "Le paramètre n'est pas valable : {} est attendu."},
    Rule{"field.unknown", 422, "There is no such field here.", "Ce champ n'existe pas ici."},
    Rule{"field.invalid", 422, "The field is not valid: {} is expected.",
         "Le champ n'est pas valable : {} est attendu."},
    Rule{"key.malformed", 400, "The header Idempotency-Key is not 1 to 200 visible characters.",
         "L'en-tête Idempotency-Key n'est pas fait de 1 à 200 caractères visibles."},
    Rule{"key.reused", 422, "This key came before with another content; nothing was taken.",
         "Cette clé a déjà servi pour un autre contenu ; rien n'a été pris."},
    Rule{"mapping.unknown", 404, "No mapping of that name is configured here.",
         "Aucune correspondance de ce nom n'est configurée ici."},
    Rule{"message.unknown", 404, "No message with this id was submitted here, or it is too long ago.",
         "Aucun message portant cet identifiant n'a été remis ici, ou il y a trop longtemps."},
    Rule{"item.unknown", 404, "There is no such item in the inbox.",
         "Cet élément n'est pas dans la boîte de réception."},
    Rule{"problem.unknown", 404, "There is no such problem.", "Ce problème n'existe pas."},
    Rule{"reference.unknown", 404, "No referral is known by this number.",
         "Aucune orientation n'est connue sous ce numéro."},
    Rule{"reference.already_open", 409, "Another referral is open with this number.",
         "Une autre orientation est en cours sous ce numéro."},
    Rule{"webhook.none", 404, "No outgoing webhook is configured here.", "Aucun webhook sortant n'est configuré ici."},
    Rule{"internal.failed", 500, "The request failed here; nothing is known to be taken. Repeat it with the same key.",
         "La requête a échoué ici ; rien ne garantit qu'elle ait été prise. Répétez-la avec la même clé."},
};

std::string filled(std::string_view sentence, std::string_view detail) {
  std::string text(sentence);
  if (const auto hole = text.find("{}"); hole != std::string::npos) text.replace(hole, 2, detail);
  return text;
}

Json part_json(const ProblemPart& part) {
  Json json{{"code", part.code}, {"field", part.field}, {"record", part.record}};
  if (part.line != 0) json["line"] = part.line;
  if (part.column != 0) json["column"] = part.column;
  json["detail"] = part.english;
  json["detail_fr"] = part.french;
  return json;
}

}  // namespace

Problem problem(std::string_view code, std::string_view detail, std::string field) {
  const auto* const rule = std::ranges::find(kRules, code, &Rule::code);
  base::check(rule != kRules.end(), "a rule of the catalogue");
  Problem made;
  made.status = rule->status;
  made.code = code;
  made.english = filled(rule->english, detail);
  made.french = filled(rule->french, detail);
  made.field = std::move(field);
  return made;
}

Problem problem(const base::Refusal& refusal) {
  const auto& info = base::info(refusal.code);
  Problem made;
  made.status = info.http_status;
  made.code = info.name;
  made.english = refusal.english();
  made.french = refusal.french();
  made.field = refusal.field;
  if (info.retry) made.retry_after = kRetryAfter;
  return made;
}

ProblemPart part_of(const mapping::Fault& fault, const mapping::Place& place) {
  ProblemPart part;
  part.code = fault.rule;
  part.field = fault.field;
  part.record = place.element;
  part.line = fault.line != 0 ? fault.line : place.line;
  part.column = fault.column;
  part.english = fault.english;
  part.french = fault.french;
  return part;
}

Json to_json(const Problem& problem) {
  Json json{{"type", "urn:relais:problem:" + problem.code},
            {"title", problem.code},
            {"status", problem.status},
            {"detail", problem.english},
            {"detail_fr", problem.french},
            {"code", problem.code}};
  if (!problem.field.empty()) json["field"] = problem.field;
  if (!problem.parts.empty()) {
    json["errors"] = Json::array();
    for (const auto& part : problem.parts) json["errors"].push_back(part_json(part));
  }
  return json;
}

}  // namespace relais::http
