#include "broker/core/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relais::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kHousing = "logement-hebergement";
constexpr std::string_view kStay = "logement-hebergement--se-maintenir-dans-le-logement";

class Routes : public testing::Test {
 protected:
  Routes() {
    network_.add_purposes()->set_id("housing");
    network_.add_purposes()->set_id("health");
    for (const auto* id : {"asker", "caf-25", "ccas-25056", "adil-25", "far-62"})
      network_.add_institutions()->set_id(id);
    auto& agreement = *network_.add_agreements();
    agreement.set_id("convention");
    agreement.set_valid_from_ms(1'000);
    agreement.set_valid_until_ms(2'000);
    agreement.add_purposes()->set_purpose("housing");
    for (const auto* to : {"caf-25", "ccas-25056", "far-62"}) {
      auto& direction = *agreement.add_directions();
      direction.set_from("asker");
      direction.set_to(to);
    }
    question_.set_institution("asker");
    question_.set_purpose("housing");
    question_.set_service_need(std::string(kStay));
    question_.set_commune("25056");
  }

  v1::Service& add_service(const std::string& id, const std::string& institution, std::string_view thematic) {
    auto& service = *network_.add_services();
    service.set_id(id);
    service.set_institution(institution);
    service.set_name("Service " + id);
    service.add_thematics(std::string(thematic));
    service.add_departements("25");
    return service;
  }

  v1::Institution& institution(int number) { return *network_.mutable_institutions(number); }

  base::Result<Routing> find(std::int64_t now_ms = 1'500) {
    directory_ = std::make_unique<Directory>(network_);
    return find_route(*directory_, Territory::france(), question_, base::from_ms(now_ms));
  }

  /// "taken caf-25 a", in the order of the routing.
  std::vector<std::string> offers() {
    std::vector<std::string> shown;
    const auto routing = find();
    EXPECT_TRUE(routing.ok());
    for (const auto& offer : routing->offers)
      shown.push_back(std::string(fit_name(offer.fit)) + " " + offer.institution->id() +
                      (offer.service == nullptr ? "" : " " + offer.service->id()));
    return shown;
  }

  std::string route() {
    const auto found = find()->route();
    if (!found) return "";
    return found->institution->id() + (found->service == nullptr ? "" : " " + found->service->id());
  }

  v1::NetworkDefinition network_;
  v1::RouteQuery question_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(Routes, lead_to_the_one_service_that_takes_the_need_at_the_place) {
  add_service("a", "caf-25", kStay);
  add_service("b", "ccas-25056", "sante--acces-aux-soins");
  add_service("c", "far-62", kStay).set_departements(0, "62");
  EXPECT_THAT(offers(), ElementsAre("taken caf-25 a", "elsewhere far-62 c", "other_need ccas-25056 b"));
  EXPECT_EQ(route(), "caf-25 a");
  const auto answer = find()->answer();
  ASSERT_EQ(answer.candidates_size(), 1);
  EXPECT_EQ(answer.candidates(0).agreement(), "convention");
  EXPECT_EQ(answer.candidates(0).service_name(), "Service a");
}

TEST_F(Routes, lead_nowhere_when_nobody_offers_the_need) {
  add_service("b", "ccas-25056", "sante--acces-aux-soins");
  EXPECT_EQ(route(), "");
  EXPECT_THAT(find()->answer().candidates(), IsEmpty());
}

TEST_F(Routes, are_a_choice_when_several_institutions_take_it) {
  add_service("b", "ccas-25056", kStay);
  add_service("a", "caf-25", kStay);
  EXPECT_THAT(offers(), ElementsAre("taken caf-25 a", "taken ccas-25056 b"));
  EXPECT_EQ(route(), "");
}

TEST_F(Routes, lead_to_the_institution_when_several_of_its_services_take_it) {
  add_service("a", "caf-25", kStay);
  add_service("b", "caf-25", kHousing);
  EXPECT_EQ(route(), "caf-25");
}

TEST_F(Routes, name_who_would_take_it_but_has_no_agreement_with_the_asker) {
  add_service("a", "adil-25", kStay);
  EXPECT_THAT(offers(), ElementsAre("no_agreement adil-25 a"));
  EXPECT_EQ(route(), "");
  ASSERT_EQ(find()->answer().candidates_size(), 1);
  EXPECT_EQ(find()->answer().candidates(0).agreement(), "");
}

TEST_F(Routes, need_an_agreement_for_this_purpose_that_is_in_force) {
  add_service("a", "caf-25", kStay);
  EXPECT_TRUE(find(1'999)->route());
  EXPECT_FALSE(find(2'000)->route());
  EXPECT_FALSE(find(999)->route());
  question_.set_purpose("health");
  EXPECT_FALSE(find()->route());
}

TEST_F(Routes, never_lead_back_to_the_asker) {
  add_service("a", "asker", kStay);
  EXPECT_THAT(offers(), ElementsAre("own asker a"));
  EXPECT_THAT(find()->answer().candidates(), IsEmpty());
}

TEST_F(Routes, leave_out_who_is_full_while_another_has_room) {
  add_service("a", "caf-25", kStay).set_capacity(v1::CAPACITY_FULL);
  add_service("b", "ccas-25056", kStay).set_capacity(v1::CAPACITY_WAITLIST);
  EXPECT_THAT(offers(), ElementsAre("taken ccas-25056 b", "full caf-25 a"));
  EXPECT_EQ(route(), "ccas-25056 b");
}

TEST_F(Routes, lead_to_who_is_full_when_nobody_under_an_agreement_has_room) {
  add_service("a", "caf-25", kStay).set_capacity(v1::CAPACITY_FULL);
  add_service("b", "adil-25", kStay).set_capacity(v1::CAPACITY_AVAILABLE);
  EXPECT_THAT(offers(), ElementsAre("taken caf-25 a", "no_agreement adil-25 b"));
  EXPECT_EQ(route(), "caf-25 a");
}

TEST_F(Routes, name_those_with_room_first) {
  for (const auto& [id, capacity] : {std::pair{"w", v1::CAPACITY_WAITLIST}, std::pair{"f", v1::CAPACITY_FULL},
                                     std::pair{"u", v1::CAPACITY_UNSPECIFIED}, std::pair{"a", v1::CAPACITY_AVAILABLE},
                                     std::pair{"e", v1::CAPACITY_FURTHER_ASSESSMENT}})
    add_service(id, "adil-25", kStay).set_capacity(capacity);
  EXPECT_THAT(offers(), ElementsAre("no_agreement adil-25 a", "no_agreement adil-25 u", "no_agreement adil-25 e",
                                    "no_agreement adil-25 w", "no_agreement adil-25 f"));
}

TEST_F(Routes, cover_by_commune_by_epci_and_by_departement) {
  auto& service = add_service("a", "caf-25", kStay);
  service.clear_departements();
  EXPECT_EQ(route(), "");  // names no place, and neither does its institution
  service.add_communes("25056");
  EXPECT_EQ(route(), "caf-25 a");
  service.set_communes(0, "25388");
  EXPECT_EQ(route(), "");
  service.add_epcis("242500361");
  EXPECT_EQ(route(), "caf-25 a");
}

TEST_F(Routes, fall_back_to_the_catchment_of_the_institution) {
  add_service("a", "caf-25", kStay).clear_departements();
  institution(1).add_departements("25");
  EXPECT_EQ(route(), "caf-25 a");
  network_.mutable_services(0)->add_communes("25388");  // its own catchment is instead of, not beside
  EXPECT_EQ(route(), "");
}

TEST_F(Routes, resolve_a_commune_that_was_merged_in_the_question_and_in_the_catchment) {
  auto& service = add_service("a", "far-62", kStay);
  service.set_departements(0, "59");
  service.add_communes("62447");
  question_.set_commune("62461");
  EXPECT_EQ(find()->commune, "62447");
  EXPECT_EQ(route(), "far-62 a");
  service.set_communes(0, "62549");  // merged into the same
  EXPECT_EQ(route(), "far-62 a");
}

TEST_F(Routes, tell_an_arrondissement_from_the_next_one) {
  auto& service = add_service("a", "caf-25", kStay);
  service.set_departements(0, "13");
  service.add_communes("75112");
  question_.set_commune("75112");
  EXPECT_EQ(route(), "caf-25 a");
  question_.set_commune("75111");
  EXPECT_EQ(route(), "");
  service.set_communes(0, "75056");
  EXPECT_EQ(route(), "caf-25 a");
}

TEST_F(Routes, take_a_family_of_thematics_for_each_of_them) {
  EXPECT_TRUE(contains_need(kHousing, kStay));
  EXPECT_TRUE(contains_need(kStay, kHousing));
  EXPECT_TRUE(contains_need(kStay, kStay));
  EXPECT_FALSE(contains_need(kStay, "logement-hebergement--acheter"));
  EXPECT_FALSE(contains_need("logement", kStay));
  EXPECT_FALSE(contains_need("logement-hebergement-2", kHousing));
  EXPECT_FALSE(contains_need("", kStay));
}

TEST_F(Routes, without_a_need_lead_to_whom_the_agreement_and_the_place_point_at) {
  question_.clear_service_need();
  institution(1).add_departements("25");
  institution(2).add_communes("25388");
  institution(3).add_departements("25");
  EXPECT_THAT(offers(), ElementsAre("taken caf-25", "no_agreement adil-25", "elsewhere ccas-25056", "elsewhere far-62",
                                    "own asker"));
  EXPECT_EQ(route(), "caf-25");
}

TEST_F(Routes, refuse_a_question_that_names_something_that_is_not) {
  const auto code = [&] { return find().refusal().name(); };
  question_.set_commune("25999");
  EXPECT_EQ(code(), "commune.unknown");
  question_.set_commune("besançon");
  EXPECT_EQ(code(), "commune.unknown");
  question_.clear_commune();
  question_.set_service_need("Logement !");
  EXPECT_EQ(code(), "input.invalid");
  question_.set_purpose("hosing");
  EXPECT_EQ(code(), "purpose.unknown");
  question_.set_institution("nobody");
  EXPECT_EQ(code(), "identity.unknown");
}

TEST_F(Routes, name_at_most_a_hundred_candidates_those_with_an_agreement_first) {
  for (int i = 0; i < 150; ++i) add_service("s" + std::to_string(i), "adil-25", kStay);
  add_service("z", "caf-25", kStay);
  const auto answer = find()->answer();
  EXPECT_EQ(answer.candidates_size(), 100);
  EXPECT_EQ(answer.candidates(0).service_id(), "z");
}

}  // namespace
}  // namespace relais::core
