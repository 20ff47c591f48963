#include "adapters/sdk/route_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relais::sdk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RouteChoice : public testing::Test {
 protected:
  RouteChoice() {
    question_.set_institution("ccas-25056");
    question_.set_purpose("housing");
    question_.set_service_need("logement-hebergement");
    question_.set_commune("25056");
  }

  void add(const std::string& institution, const std::string& service, const std::string& agreement) {
    auto& candidate = *answer_.add_candidates();
    candidate.set_institution(institution);
    candidate.set_service_id(service);
    candidate.set_agreement(agreement);
  }

  v1::RouteQuery question_;
  v1::RouteAnswer answer_;
};

TEST_F(RouteChoice, is_the_only_candidate_with_an_agreement) {
  add("caf-25", "caf-logement", "ccas-caf");
  add("adil-25", "adil-conseil", "");
  const auto route = choose_route(question_, answer_);
  ASSERT_TRUE(route.ok());
  EXPECT_EQ(route->institution, "caf-25");
  EXPECT_EQ(route->service_id, "caf-logement");
}

TEST_F(RouteChoice, names_no_service_when_several_of_the_institution_take_it) {
  add("caf-25", "a", "ccas-caf");
  add("caf-25", "b", "ccas-caf");
  const auto route = choose_route(question_, answer_);
  ASSERT_TRUE(route.ok());
  EXPECT_EQ(route->institution, "caf-25");
  EXPECT_EQ(route->service_id, "");
}

TEST_F(RouteChoice, is_refused_with_the_candidates_when_they_are_several) {
  add("caf-25", "a", "ccas-caf");
  add("ccas-25388", "b", "all");
  add("ccas-25388", "c", "all");
  add("adil-25", "d", "");
  const auto route = choose_route(question_, answer_);
  ASSERT_FALSE(route.ok());
  EXPECT_EQ(route.refusal().name(), "route.ambiguous");
  EXPECT_THAT(route.refusal().allowed, ElementsAre("caf-25", "ccas-25388"));
  EXPECT_THAT(route.refusal().english(), HasSubstr("caf-25 (a), ccas-25388 (b), ccas-25388 (c)"));
  EXPECT_THAT(route.refusal().french(), HasSubstr("logement-hebergement à 25056"));
  EXPECT_THAT(route.refusal().english(), Not(HasSubstr("adil-25")));
}

TEST_F(RouteChoice, is_refused_when_there_is_none_and_names_who_lacks_an_agreement) {
  add("adil-25", "d", "");
  const auto route = choose_route(question_, answer_);
  ASSERT_FALSE(route.ok());
  EXPECT_EQ(route.refusal().name(), "route.none");
  EXPECT_THAT(route.refusal().english(), HasSubstr("without an agreement: adil-25 (d)"));
  answer_.Clear();
  EXPECT_THAT(choose_route(question_, answer_).refusal().english(),
              HasSubstr("The network has no such recipient: no agreement of ccas-25056 leads to anybody who takes "
                        "logement-hebergement in 25056"));
}

TEST_F(RouteChoice, is_asked_for_by_requests_without_a_recipient_that_name_a_need_or_a_commune) {
  v1::Envelope envelope;
  envelope.mutable_referral_requested();
  EXPECT_FALSE(wants_route(envelope));
  envelope.mutable_referral_requested()->set_commune("25056");
  EXPECT_TRUE(wants_route(envelope));
  envelope.add_recipients("caf-25");
  EXPECT_FALSE(wants_route(envelope));
  envelope.clear_recipients();
  envelope.mutable_referral_cancelled();
  EXPECT_FALSE(wants_route(envelope));
}

}  // namespace
}  // namespace relais::sdk
