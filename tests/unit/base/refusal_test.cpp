#include "broker/base/refusal.h"

#include <gtest/gtest.h>

#include "broker/base/result.h"

namespace relais::base {
namespace {

TEST(Refusal, fills_its_sentences_with_the_facts) {
  const auto refusal =
      refuse(RefusalCode::agreement_none, {}, {{"from", "ccas-25056"}, {"to", "caf-25"}, {"purpose", "housing"}});
  EXPECT_EQ(refusal.english(), "No agreement covers this message from ccas-25056 to caf-25 for the purpose housing.");
  EXPECT_EQ(refusal.french(),
            "Aucune convention ne couvre ce message de ccas-25056 vers caf-25 pour la finalité housing.");
}

TEST(Refusal, leaves_out_the_parts_whose_facts_are_missing) {
  EXPECT_EQ(refuse(RefusalCode::agreement_none, {}, {{"from", "caf-25"}}).english(),
            "No agreement covers this message (from: caf-25).");
  EXPECT_EQ(refuse(RefusalCode::agreement_none).english(), "No agreement covers this message.");
}

TEST(Refusal, loses_no_fact_that_the_sentence_has_no_place_for) {
  const auto refusal = refuse(RefusalCode::broker_draining, "submits[2]", {{"since", "12:00"}});
  EXPECT_TRUE(refusal.english().ends_with(" (field: submits[2], since: 12:00)."));
  EXPECT_TRUE(refusal.french().ends_with(" (champ: submits[2], since: 12:00)."));
}

TEST(Refusal, names_the_present_state_and_what_is_allowed) {
  auto refusal = refuse(RefusalCode::lifecycle_invalid_transition);
  refusal.present = "cancelled";
  refusal.allowed = {"outcome_acknowledged", "information_requested"};
  EXPECT_EQ(refusal.english(),
            "This is not possible now: the present state is cancelled; allowed now: outcome_acknowledged, "
            "information_requested.");
}

TEST(Refusal, goes_to_the_wire_with_all_it_knows) {
  auto refusal = refuse(RefusalCode::broker_disk_full, "submits[0]");
  refusal.present = "requested";
  refusal.allowed = {"referral_accepted"};
  const auto wire = refusal.to_wire("0123456789abcdef");
  EXPECT_EQ(wire.code(), "broker.disk_full");
  EXPECT_EQ(wire.english(), refusal.english());
  EXPECT_EQ(wire.french(), refusal.french());
  EXPECT_EQ(wire.field(), "submits[0]");
  EXPECT_TRUE(wire.retry());
  EXPECT_EQ(wire.message_id(), "0123456789abcdef");
  EXPECT_EQ(wire.present(), "requested");
  ASSERT_EQ(wire.allowed_size(), 1);
  EXPECT_EQ(wire.allowed(0), "referral_accepted");
}

TEST(Result, holds_a_value_or_a_refusal) {
  const Result<int> good = 3;
  const Result<int> bad = refuse(RefusalCode::not_found);
  EXPECT_EQ(*good, 3);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.refusal().name(), "not.found");
}

TEST(ResultDeathTest, stops_the_process_when_the_wrong_side_is_read) {
  const Result<int> bad = refuse(RefusalCode::not_found);
  EXPECT_DEATH(static_cast<void>(*bad), "bug: value of a refused result");
}

}  // namespace
}  // namespace relais::base
