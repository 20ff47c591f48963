// Mapping pairs: a document and the messages made of it; messages and the documents made of them.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/mapping/mapping.h"
#include "adapters/mapping/message_json.h"
#include "adapters/mapping/trial.h"
#include "relais_paths.h"
#include "tests/support/golden.h"

namespace relais::mapping {

namespace {

const std::filesystem::path kSource = RELAIS_SOURCE;

struct Pair {
  const char* name;
  const char* mapping;
  const char* sample;
};

std::filesystem::path mapping_path(const Pair& pair) {
  return kSource / "config" / (std::string(pair.mapping) + ".toml");
}
std::filesystem::path sample_path(const Pair& pair) { return kSource / "tests/data" / pair.sample; }

class In : public testing::TestWithParam<Pair> {};
class Out : public testing::TestWithParam<Pair> {};

TEST_P(In, makes_the_recorded_messages) {
  const auto trial = try_reading(mapping_path(GetParam()), sample_path(GetParam()), true);
  tests::expect_golden("mapping/" + std::string(GetParam().name) + ".json", trial.report);
}

TEST_P(Out, makes_the_recorded_documents) {
  const auto loaded = Mapping::load(mapping_path(GetParam()));
  ASSERT_TRUE(loaded.mapping);
  std::ifstream stream(sample_path(GetParam()), std::ios::binary);
  const auto json = nlohmann::ordered_json::parse(stream);
  std::vector<OutgoingMessage> messages;
  for (const auto& item : json) {
    std::string wrong;
    auto message = message_from_json(item, wrong);
    ASSERT_TRUE(message) << wrong;
    messages.push_back(std::move(*message));
  }
  for (const auto& document : loaded.mapping->write(messages).documents)
    tests::expect_golden("mapping/" + std::string(GetParam().name) + "." + document.record, document.bytes);
  const auto trial = try_writing(mapping_path(GetParam()), sample_path(GetParam()), true);
  tests::expect_golden("mapping/" + std::string(GetParam().name) + ".report.json", trial.report);
}

std::string name_of_pair(const testing::TestParamInfo<Pair>& info) {
  std::string name = info.param.name;
  for (auto& c : name)
    if (c == '-') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, In,
    testing::Values(
        Pair{"in-cnaf", "mappings/cnaf-vrsb0801", "depots/cnaf/RSABEM-ouvert.xml"},
        Pair{"in-beneficiaires", "mappings/departement-beneficiaires", "depots/csv/import_beneficiaires.csv"},
        Pair{"in-beneficiaires-buggy", "mappings/departement-beneficiaires",
             "depots/csv/import_beneficiaires_buggy.csv"},
        Pair{"in-en-attente", "mappings/departement-en-attente", "depots/csv/beneficiaires_en_attente.csv"},
        Pair{"in-change-structure", "mappings/departement-reorientations",
             "depots/csv/import_reorientation_change_structure.csv"},
        Pair{"in-change-referent", "mappings/departement-reorientations",
             "depots/csv/import_reorientation_change_referent.csv"},
        Pair{"in-deactivate-referent", "mappings/departement-reorientations",
             "depots/csv/import_reorientation_deactivate_referent.csv"},
        Pair{"in-france-travail", "mappings/france-travail-extrait",
             "depots/csv/i03300c.j.extract_spie_carnet_spie_carnet_de_bord_principal.csv"},
        Pair{"in-wrong-file", "mappings/departement-beneficiaires", "depots/csv/import_charges_orientation.csv"},
        Pair{"in-accueil", "mappings/accueil-csv", "mapping/accueil-statuts.csv"},
        Pair{"in-fixed-width", "mappings/fixed-width", "mapping/orientations.txt"},
        Pair{"in-sql", "mappings/sql-tables", "mapping/rows.json"},
        Pair{"in-ccas", "demo/mappings/ccas", "mapping/ccas-orientations.csv"},
        Pair{"in-cpam", "demo/mappings/cpam", "mapping/cpam-suivis.xml"}),
    name_of_pair);

INSTANTIATE_TEST_SUITE_P(Pairs, Out,
                         testing::Values(Pair{"out-accueil", "mappings/accueil-csv", "mapping/messages.json"},
                                         Pair{"out-fixed-width", "mappings/fixed-width", "mapping/messages.json"},
                                         Pair{"out-sql", "mappings/sql-tables", "mapping/messages.json"},
                                         Pair{"out-ccas", "demo/mappings/ccas", "mapping/messages.json"},
                                         Pair{"out-cpam", "demo/mappings/cpam", "mapping/messages.json"}),
                         name_of_pair);

}  // namespace

}  // namespace relais::mapping
