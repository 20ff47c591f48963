#include "adapters/mapping/rule.h"

#include <algorithm>
#include <array>

#include "broker/base/check.h"

namespace relais::mapping {

namespace {

constexpr std::array kRules = {
    // documents
    Rule{"file.too_large", "the document is larger than {} bytes", "le document dépasse {} octets"},
    Rule{"file.too_many_records", "the document has more than {} records", "le document a plus de {} enregistrements"},
    Rule{"file.too_many_values", "the document has more than {} elements or values",
         "le document a plus de {} éléments ou valeurs"},
    Rule{"file.too_many_rejects", "more than {} records are rejected: the document is not what the mapping expects",
         "plus de {} enregistrements rejetés : le document n'est pas celui que la correspondance attend"},
    Rule{"file.empty", "the document is empty", "le document est vide"},
    Rule{"file.encoding", "the document is not in the encoding {}", "le document n'est pas codé en {}"},
    Rule{"file.null_byte", "the document holds a null byte: it is no text, or in another encoding",
         "le document contient un octet nul : ce n'est pas un texte, ou son codage est autre"},
    Rule{"csv.missing_column", "the column is missing in the header", "la colonne manque dans l'en-tête"},
    Rule{"csv.column_twice", "the column stands more than once in the header",
         "la colonne figure plusieurs fois dans l'en-tête"},
    Rule{"csv.too_many_broken_rows", "more than {} rows with broken quotes",
         "plus de {} lignes dont les guillemets sont mal formés"},
    Rule{"sql.missing_column", "the column is missing in the row", "la colonne manque dans la ligne"},
    Rule{"xml.malformed", "the document is not well-formed XML (libxml2 error {})",
         "le document n'est pas du XML bien formé (erreur libxml2 {})"},
    Rule{"xml.dtd", "the document declares a DTD; that is never read",
         "le document déclare une DTD ; elle n'est jamais lue"},
    Rule{"xml.schema", "not valid against the schema ({})", "non valide selon le schéma ({})"},
    Rule{"xml.no_records", "the document has no element {}", "le document n'a aucun élément {}"},
    Rule{"json.malformed", "the document is not JSON", "le document n'est pas du JSON"},
    Rule{"json.too_deep", "the document is nested more than {} levels deep",
         "le document a plus de {} niveaux d'imbrication"},
    Rule{"json.name_twice", "a name stands twice in one object", "un nom figure deux fois dans un objet"},
    Rule{"json.no_records", "there is no list or object at the pointer {}",
         "il n'y a ni liste ni objet au pointeur {}"},
    Rule{"control.missing", "the control total is missing or no number",
         "le total de contrôle manque ou n'est pas un nombre"},
    Rule{"control.differs", "the control total does not agree: {}", "le total de contrôle ne concorde pas : {}"},
    // records
    Rule{"csv.quote", "a quote is broken or never closed", "un guillemet est mal placé ou jamais fermé"},
    Rule{"csv.too_many_cells", "the row has more cells than the header: {}",
         "la ligne a plus de cellules que l'en-tête : {}"},
    Rule{"csv.too_few_cells", "the row has fewer cells than the header: {}",
         "la ligne a moins de cellules que l'en-tête : {}"},
    Rule{"fixed.short_line", "the line has fewer characters than the columns need: {}",
         "la ligne a moins de caractères que les colonnes : {}"},
    Rule{"field.required", "a value is required", "une valeur est obligatoire"},
    Rule{"field.several", "there are several values where one is expected", "il y a plusieurs valeurs au lieu d'une"},
    Rule{"field.not_text", "an object or a list stands where a value is expected",
         "un objet ou une liste se trouve à la place d'une valeur"},
    Rule{"field.twice", "two fields of the mapping give a value to {}",
         "deux champs de la correspondance donnent une valeur à {}"},
    Rule{"field.too_long", "the value is longer than {}", "la valeur dépasse {}"},
    Rule{"field.characters", "the value holds control characters, or bytes of another encoding",
         "la valeur contient des caractères de contrôle, ou des octets d'un autre codage"},
    Rule{"list.too_long", "the list has more than {} items", "la liste a plus de {} éléments"},
    Rule{"code.unknown", "the code is not in the table {}", "le code n'est pas dans la table {}"},
    Rule{"code.format", "not a code: lower-case letters, digits, - _ . and at most 64 characters",
         "n'est pas un code : minuscules, chiffres, - _ . et 64 caractères au plus"},
    Rule{"thematic.format", "not a thematic: lower-case letters, digits, - _ . and at most 128 characters",
         "n'est pas une thématique : minuscules, chiffres, - _ . et 128 caractères au plus"},
    Rule{"word.unknown", "not one of: {}", "n'est pas l'un de : {}"},
    Rule{"kind.unknown", "no kind of message has this name: see the table {}",
         "aucun type de message n'a ce nom : voir la table {}"},
    Rule{"date.format", "not a date in the form {}", "n'est pas une date de la forme {}"},
    Rule{"date.not_a_day", "this day does not exist", "ce jour n'existe pas"},
    Rule{"date.year", "the year lies outside {}", "l'année est hors de {}"},
    Rule{"time.nonexistent", "this time does not exist in {}: the clocks went forward",
         "cette heure n'existe pas en {} : passage à l'heure d'été"},
    Rule{"time.ambiguous", "this time occurs twice in {}: the clocks went back",
         "cette heure existe deux fois en {} : passage à l'heure d'hiver"},
    Rule{"number.format", "not a number in the expected form", "n'est pas un nombre de la forme attendue"},
    Rule{"number.range", "the number is out of range", "le nombre est hors limites"},
    Rule{"amount.format", "not an amount in euros with at most two decimals",
         "n'est pas un montant en euros avec deux décimales au plus"},
    Rule{"id.format", "not an id of 32 hexadecimal digits", "n'est pas un identifiant de 32 chiffres hexadécimaux"},
    Rule{"institution.format", "not an institution id: lower-case letters, digits and - only, 2 to 63 characters",
         "n'est pas un identifiant d'institution : minuscules, chiffres et - seulement, de 2 à 63 caractères"},
    Rule{"insee.format", "not an INSEE code of a commune (5 characters)",
         "n'est pas un code INSEE de commune (5 caractères)"},
    Rule{"nir.format", "not a social-security number of 13 or 15 characters",
         "n'est pas un numéro de sécurité sociale de 13 ou 15 caractères"},
    Rule{"nir.key", "the key of the social-security number is wrong",
         "la clé du numéro de sécurité sociale est fausse"},
    Rule{"meeting.times", "an appointment ends after it starts, within 24 hours",
         "un rendez-vous finit après son début, dans les 24 heures"},
    Rule{"body.required", "a {} needs a value here", "un message {} a besoin d'une valeur ici"},
    // writing
    Rule{"content.malformed", "the content of this category can not be read",
         "le contenu de cette catégorie est illisible"},
    Rule{"content.categories", "a category of content stands twice or is unknown",
         "une catégorie de contenu figure deux fois ou est inconnue"},
};

const Rule& find(std::string_view code) {
  const auto* const found = std::ranges::find(kRules, code, &Rule::code);
  base::check(found != kRules.end(), "a rule of the catalogue");
  return *found;
}

std::string with_detail(std::string_view sentence, std::string_view detail) {
  std::string text(sentence);
  if (const auto hole = text.find("{}"); hole != std::string::npos) text.replace(hole, 2, detail);
  return text;
}

}  // namespace

std::span<const Rule> rules() { return kRules; }

Fault make_fault(std::string_view code, Spot spot, std::string_view detail) {
  const auto& rule = find(code);
  return {std::string(code),
          std::move(spot.field),
          spot.line,
          spot.column,
          with_detail(rule.english, detail),
          with_detail(rule.french, detail)};
}

}  // namespace relais::mapping
