#include "broker/core/network_check.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core/network_check_parts.h"

namespace relais::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string key_of(char c) { return std::string(32, c); }

void add_key(google::protobuf::RepeatedPtrField<v1::PublicKey>& keys, const std::string& id, char c) {
  auto& key = *keys.Add();
  key.set_id(id);
  key.set_key(key_of(c));
}

v1::Institution& add_institution(v1::NetworkDefinition& network, const std::string& id, char first_key) {
  auto& institution = *network.add_institutions();
  institution.set_id(id);
  institution.set_name("Institution " + id);
  institution.set_kind("ccas");
  institution.set_mission("all");
  add_key(*institution.mutable_transport_keys(), "t", first_key);
  add_key(*institution.mutable_signing_keys(), "s", static_cast<char>(first_key + 1));
  add_key(*institution.mutable_sealing_keys(), "x", static_cast<char>(first_key + 2));
  return institution;
}

v1::Agreement& add_agreement(v1::NetworkDefinition& network, const std::string& id) {
  auto& agreement = *network.add_agreements();
  agreement.set_id(id);
  agreement.set_name("Agreement");
  agreement.set_legal_basis("CASF L121-6-2");
  agreement.set_valid_from_ms(1000);
  agreement.set_valid_until_ms(2000);
  auto& direction = *agreement.add_directions();
  direction.set_from("ccas-25056");
  direction.set_to("caf-25");
  auto& rule = *agreement.add_purposes();
  rule.set_purpose("housing");
  rule.add_categories(v1::CATEGORY_IDENTITY);
  return agreement;
}

class NetworkCheck : public testing::Test {
 protected:
  NetworkCheck() {
    network_.set_network("besancon");
    network_.set_name("Besançon");
    network_.set_version(1);
    network_.mutable_broker()->set_transport_key(key_of('A'));
    network_.mutable_broker()->mutable_signing_key()->set_id("b");
    network_.mutable_broker()->mutable_signing_key()->set_key(key_of('B'));
    auto& purpose = *network_.add_purposes();
    purpose.set_id("housing");
    purpose.set_name_en("Housing");
    purpose.set_name_fr("Logement");
    auto& mission = *network_.add_missions();
    mission.set_id("all");
    mission.set_name("All");
    mission.add_categories(v1::CATEGORY_IDENTITY);
    add_institution(network_, "ccas-25056", 'a');
    add_institution(network_, "caf-25", 'd');
    add_agreement(network_, "ccas-caf");
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& fault : check_network(network_)) paths.push_back(fault.path);
    return paths;
  }

  v1::Institution& caf() { return *network_.mutable_institutions(1); }
  v1::Agreement& agreement() { return *network_.mutable_agreements(0); }
  v1::NetworkDefinition network_;
};

TEST_F(NetworkCheck, accepts_a_sound_definition) { EXPECT_THAT(paths(), IsEmpty()); }

TEST_F(NetworkCheck, names_everything_that_is_missing_from_an_empty_definition) {
  network_.Clear();
  EXPECT_THAT(paths(), ElementsAre("network", "name", "version", "broker.transport_key", "broker.signing_key.id",
                                   "broker.signing_key.key", "purposes", "missions", "institutions"));
}

TEST_F(NetworkCheck, names_a_repeated_or_malformed_id_by_its_number) {
  add_institution(network_, "caf-25", 'h');
  add_institution(network_, "CAF 26", 'k');
  add_institution(network_, "relais", 'n');
  *network_.add_missions() = network_.missions(0);
  add_agreement(network_, "");
  EXPECT_THAT(paths(), ElementsAre("missions[1].id", "institutions[2].id", "institutions[3].id",
                                   "institutions[\"relais\"].id", "agreements[1].id", "agreements[1]"));
}

TEST_F(NetworkCheck, refuses_references_to_nothing_and_says_what_there_is) {
  caf().set_mission("health");
  agreement().mutable_directions(0)->set_to("caf-52");
  agreement().mutable_purposes(0)->set_purpose("hosing");
  auto& service = *network_.add_services();
  service.set_id("s");
  service.set_name("S");
  service.set_institution("cpam-25");
  const auto faults = check_network(network_);
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_EQ(faults[0].path, "institutions[\"caf-25\"].mission");
  EXPECT_EQ(faults[0].allowed, "all");
  EXPECT_EQ(faults[1].path, "agreements[\"ccas-caf\"].directions[0].to");
  EXPECT_EQ(faults[1].problem, "there is no such institution");
  EXPECT_EQ(faults[1].allowed, "caf-25, ccas-25056");
  EXPECT_EQ(faults[2].path, "agreements[\"ccas-caf\"].purposes[0].purpose");
  EXPECT_EQ(faults[3].path, "services[\"s\"].institution");
  EXPECT_EQ(faults[0].absent_from, "missions");
  EXPECT_EQ(faults[1].absent_from, "institutions");
  EXPECT_EQ(faults[2].absent_from, "purposes");
}

TEST_F(NetworkCheck, lists_no_more_than_a_dozen_of_what_is_allowed) {
  for (int i = 0; i < 40; ++i) {
    auto& institution = *network_.add_institutions();
    institution.set_id("ccas-" + std::to_string(10000 + i));
    institution.set_name("n");
    institution.set_kind("ccas");
    institution.set_mission("all");
  }
  agreement().mutable_directions(0)->set_to("nobody");
  const auto faults = check_network(network_);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_TRUE(faults[0].allowed.ends_with(", ... (42 in all)")) << faults[0].allowed;
}

TEST_F(NetworkCheck, refuses_a_direction_to_oneself_or_named_twice) {
  *agreement().add_directions() = agreement().directions(0);
  agreement().add_directions()->set_from("caf-25");
  agreement().mutable_directions(2)->set_to("caf-25");
  EXPECT_THAT(paths(),
              ElementsAre("agreements[\"ccas-caf\"].directions[1]", "agreements[\"ccas-caf\"].directions[2].to"));
}

TEST_F(NetworkCheck, refuses_an_agreement_without_direction_purpose_or_legal_basis) {
  agreement().clear_directions();
  agreement().clear_purposes();
  agreement().clear_legal_basis();
  EXPECT_THAT(paths(), ElementsAre("agreements[\"ccas-caf\"].directions", "agreements[\"ccas-caf\"].purposes",
                                   "agreements[\"ccas-caf\"].legal_basis"));
}

TEST_F(NetworkCheck, refuses_an_agreement_that_ends_before_it_begins) {
  agreement().set_valid_until_ms(1000);
  EXPECT_THAT(paths(), ElementsAre("agreements[\"ccas-caf\"].valid_until"));
  agreement().set_valid_until_ms(0);  // no end
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(NetworkCheck, refuses_two_agreements_for_one_question_at_one_time) {
  auto& later = add_agreement(network_, "renewed");
  EXPECT_THAT(paths(), ElementsAre("agreements[\"renewed\"]"));
  later.set_valid_from_ms(2000);
  later.set_valid_until_ms(0);
  EXPECT_THAT(paths(), IsEmpty());
  auto& once_more = add_agreement(network_, "third");
  once_more.set_valid_from_ms(500);
  once_more.set_valid_until_ms(0);
  EXPECT_THAT(paths(), ElementsAre("agreements[\"third\"]", "agreements[\"third\"]"));  // against each of the two
  once_more.mutable_directions(0)->set_from("caf-25");
  once_more.mutable_directions(0)->set_to("ccas-25056");
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(NetworkCheck, refuses_deadlines_that_are_negative_repeated_or_empty) {
  auto& rule = *agreement().add_deadlines();
  rule.set_priority(v1::PRIORITY_ROUTINE);
  rule.mutable_decide_within()->set_ms(-1);
  *agreement().add_deadlines() = rule;
  agreement().mutable_deadlines(1)->mutable_decide_within()->set_ms(5);
  agreement().add_deadlines()->set_priority(v1::PRIORITY_URGENT);
  agreement().add_deadlines()->mutable_decide_within()->set_ms(5);
  EXPECT_THAT(paths(),
              ElementsAre("agreements[\"ccas-caf\"].deadlines[0].decide_within",
                          "agreements[\"ccas-caf\"].deadlines[1].priority", "agreements[\"ccas-caf\"].deadlines[2]",
                          "agreements[\"ccas-caf\"].deadlines[3].priority"));
}

TEST_F(NetworkCheck, refuses_a_calendar_that_has_no_working_time) {
  auto& calendar = *network_.add_calendars();
  calendar.set_id("besancon");
  calendar.set_zone("doubs");
  calendar.add_weekdays(1);
  calendar.add_weekdays(1);
  calendar.add_weekdays(8);
  calendar.set_opens_minute(17 * 60);
  calendar.set_closes_minute(9 * 60);
  agreement().set_calendar("besancon");
  EXPECT_THAT(paths(), ElementsAre("calendars[\"besancon\"].zone", "calendars[\"besancon\"].weekdays[1]",
                                   "calendars[\"besancon\"].weekdays[2]", "calendars[\"besancon\"].closes"));
}

TEST_F(NetworkCheck, refuses_an_agreement_with_a_calendar_that_does_not_exist) {
  agreement().set_calendar("lune");
  EXPECT_THAT(paths(), ElementsAre("agreements[\"ccas-caf\"].calendar"));
}

TEST_F(NetworkCheck, refuses_negative_retention_and_price) {
  agreement().set_retention_ms(-1);
  agreement().set_unit_price_cents(-1);
  EXPECT_THAT(paths(), ElementsAre("agreements[\"ccas-caf\"].retention", "agreements[\"ccas-caf\"].unit_price_cents"));
}

TEST_F(NetworkCheck, refuses_categories_that_are_unknown_or_repeated) {
  auto& rule = *agreement().mutable_purposes(0);
  rule.add_categories(v1::CATEGORY_IDENTITY);
  rule.add_categories(static_cast<v1::Category>(99));
  network_.mutable_missions(0)->add_categories(v1::CATEGORY_UNSPECIFIED);
  EXPECT_THAT(paths(),
              ElementsAre("missions[\"all\"].categories[1]", "agreements[\"ccas-caf\"].purposes[0].categories[1]",
                          "agreements[\"ccas-caf\"].purposes[0].categories[2]"));
}

TEST_F(NetworkCheck, refuses_keys_of_a_wrong_size_and_of_zeros) {
  caf().mutable_transport_keys(0)->set_key("short");
  caf().mutable_signing_keys(0)->set_key(std::string(32, '\0'));
  caf().mutable_sealing_keys(0)->clear_key();
  EXPECT_THAT(paths(), ElementsAre("institutions[\"caf-25\"].transport_keys[0].key",
                                   "institutions[\"caf-25\"].signing_keys[0].key",
                                   "institutions[\"caf-25\"].sealing_keys[0].key"));
}

TEST_F(NetworkCheck, refuses_a_key_that_ends_before_it_begins_and_a_repeated_key_id) {
  caf().mutable_signing_keys(0)->set_valid_from_ms(10);
  caf().mutable_signing_keys(0)->set_valid_until_ms(5);
  caf().mutable_sealing_keys(0)->set_id("s");
  EXPECT_THAT(paths(), ElementsAre("institutions[\"caf-25\"].signing_keys[0].valid_until",
                                   "institutions[\"caf-25\"].sealing_keys[0].id"));
}

TEST_F(NetworkCheck, lets_one_adapter_serve_several_institutions) {
  caf().mutable_transport_keys(0)->set_key(key_of('a'));
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(NetworkCheck, refuses_every_other_key_that_stands_at_two_places) {
  caf().mutable_signing_keys(0)->set_key(key_of('b'));  // another institution's signing key
  caf().mutable_sealing_keys(0)->set_key(key_of('a'));  // a transport key
  add_key(*caf().mutable_transport_keys(), "t2", 'A');  // the broker's
  add_key(*caf().mutable_transport_keys(), "t3", 'd');  // its own, again
  EXPECT_THAT(
      paths(),
      ElementsAre("institutions[\"caf-25\"].transport_keys[1].key", "institutions[\"caf-25\"].transport_keys[2].key",
                  "institutions[\"caf-25\"].signing_keys[0].key", "institutions[\"caf-25\"].sealing_keys[0].key"));
}

TEST_F(NetworkCheck, wants_every_key_of_a_connected_institution_and_none_of_another) {
  caf().clear_signing_keys();
  caf().clear_sealing_keys();
  EXPECT_THAT(paths(), ElementsAre("institutions[\"caf-25\"].signing_keys", "institutions[\"caf-25\"].sealing_keys"));
  caf().clear_transport_keys();
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(NetworkCheck, refuses_codes_of_no_territory) {
  caf().add_communes("25056");
  caf().add_communes("25056");
  caf().add_communes("20004");
  caf().add_epcis("242500362");
  caf().add_departements("2C");
  EXPECT_THAT(paths(), ElementsAre("institutions[\"caf-25\"].communes[1]", "institutions[\"caf-25\"].communes[2]",
                                   "institutions[\"caf-25\"].epcis[0]", "institutions[\"caf-25\"].departements[0]"));
}

TEST_F(NetworkCheck, refuses_delegations_that_run_in_a_circle_however_long) {
  add_institution(network_, "cpam-25", 'q');
  const auto delegate = [&](const std::string& from, const std::string& to) {
    auto& delegation = *network_.add_delegations();
    delegation.set_id(from + "-" + to);
    delegation.set_from(from);
    delegation.set_to(to);
    delegation.set_agreement("ccas-caf");
    delegation.add_acts(v1::ACT_REFER);
  };
  const auto circles = [&] {
    std::vector<std::string> found;
    for (const auto& fault : check_network(network_))
      if (fault.problem == "the delegations run in a circle") found.push_back(fault.path);
    return found;
  };
  delegate("ccas-25056", "caf-25");
  delegate("caf-25", "cpam-25");
  EXPECT_THAT(circles(), IsEmpty());
  delegate("cpam-25", "ccas-25056");
  EXPECT_THAT(circles(), ElementsAre("delegations[\"ccas-25056-caf-25\"].to", "delegations[\"caf-25-cpam-25\"].to",
                                     "delegations[\"cpam-25-ccas-25056\"].to"));
}

TEST_F(NetworkCheck, refuses_a_team_of_itself_of_teams_or_of_the_same_twice) {
  add_institution(network_, "cpam-25", 'q').add_members("caf-25");
  for (const auto* member : {"caf-25", "cpam-25", "ccas-25056", "ccas-25056", "msa-9"}) caf().add_members(member);
  EXPECT_THAT(paths(), ElementsAre("institutions[\"caf-25\"].members[0]", "institutions[\"caf-25\"].members[1]",
                                   "institutions[\"caf-25\"].members[3]", "institutions[\"caf-25\"].members[4]",
                                   "institutions[\"cpam-25\"].members[0]"));
}

TEST(NetworkSyntax, knows_the_communes_of_france) {
  for (const auto* const good : {"25056", "01001", "95680", "2A004", "2B033", "97411", "98818", "97502"})
    EXPECT_TRUE(network::is_commune(good)) << good;
  for (const auto* const bad :
       {"", "2505", "250560", "00001", "96001", "20004", "2C001", "2a004", "97000", "97900", "2505A"})
    EXPECT_FALSE(network::is_commune(bad)) << bad;
}

TEST(NetworkSyntax, knows_the_departements_of_france) {
  for (const auto* const good : {"01", "25", "95", "2A", "2B", "971", "976", "988"})
    EXPECT_TRUE(network::is_departement(good)) << good;
  for (const auto* const bad : {"", "1", "00", "20", "96", "97", "970", "979", "983", "2C", "025"})
    EXPECT_FALSE(network::is_departement(bad)) << bad;
}

TEST(NetworkSyntax, checks_the_digit_of_a_siren) {
  EXPECT_TRUE(network::is_epci("200000172"));
  EXPECT_FALSE(network::is_epci("200000173"));
  EXPECT_FALSE(network::is_epci("20000017"));
  EXPECT_FALSE(network::is_epci("20000017X"));
}

TEST(NetworkSyntax, keeps_ids_short_and_plain) {
  EXPECT_TRUE(network::is_id("access_to.rights-2"));
  EXPECT_TRUE(network::is_id(std::string(64, 'a')));
  for (const auto& bad :
       {std::string(), std::string("-a"), std::string("A"), std::string("a b"), std::string("é"), std::string(65, 'a')})
    EXPECT_FALSE(network::is_id(bad)) << bad;
  EXPECT_TRUE(network::is_thematic(
      "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire"));
  EXPECT_TRUE(network::is_thematic(std::string(128, 'a')));
  for (const auto& bad : {std::string(), std::string("-a"), std::string("A"), std::string(129, 'a')})
    EXPECT_FALSE(network::is_thematic(bad)) << bad;
  EXPECT_TRUE(network::is_institution_id("caf-25"));
  for (const auto& bad : {std::string("a"), std::string("caf_25"), std::string(64, 'a'), std::string("-caf")})
    EXPECT_FALSE(network::is_institution_id(bad)) << bad;
}

}  // namespace
}  // namespace relais::core
