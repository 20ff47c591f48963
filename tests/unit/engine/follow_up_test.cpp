// What somebody has to see to, as operators find it: referrals that nobody moves, what persons asked, what is kept.
#include "broker/engine/open_referrals.h"
#include "broker/engine/retention.h"
#include "broker/engine/rights_requests.h"
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

using std::chrono::hours;

class FollowUpTest : public MachineTest {
 protected:
  void SetUp() override {
    auto network = simulation::territory(1);
    for (auto& agreement : *network.mutable_agreements())
      agreement.mutable_deadlines(0)->mutable_receive_within()->set_ms(4 * 3'600'000LL);
    apply_network(network);
    for (const auto* institution : {"ccas-1", "caf-1", "cpam-1"}) open(institution);
  }

  void pass(int count) {
    now_ += hours(count);
    machine_->pass_time(now_, 100);
    turn();
  }

  std::vector<std::string> orphans(const std::string& institution = {}) {
    OpenReferralFilter filter;
    filter.orphans = true;
    filter.institution = institution;
    std::vector<std::string> ids;
    for (const auto& referral : OpenReferrals(store_).page(filter, {}, 100).referrals)
      ids.push_back(referral.referral_id);
    return ids;
  }

  /// ccas-1 asks everybody in the case on the person's behalf; answers the request's id.
  std::string ask_rights(v1::Right right) {
    auto asked = envelope("ccas-1", "caf-1");
    asked.clear_recipients();
    asked.clear_referral_id();
    asked.mutable_rights_requested()->set_right(right);
    EXPECT_EQ(refusal_of(asked), "accepted");
    return asked.message_id();
  }

  std::string answer_rights(const std::string& request_id) {
    auto answer = envelope("caf-1", "ccas-1");
    answer.clear_referral_id();
    answer.mutable_rights_answered()->set_request_id(request_id);
    answer.mutable_rights_answered()->set_reply(v1::RIGHTS_REPLY_DONE);
    return refusal_of(answer);
  }

  std::string share() { return refusal_of_sealed(request(), {{v1::CATEGORY_IDENTITY, {"caf-1"}}}); }

  RetentionTally kept() { return Retention(store_).tally(now_, 2, {}); }
};

TEST_F(FollowUpTest, a_referral_is_an_orphan_from_its_first_missed_deadline_until_somebody_moves_it) {
  ASSERT_EQ(refusal_of(request('r', 'c')), "accepted");
  ASSERT_EQ(refusal_of(request('s', 'd')), "accepted");
  EXPECT_TRUE(orphans().empty());
  EXPECT_EQ(OpenReferrals(store_).tally(now_, {}).orphans, 0U);
  pass(5);
  EXPECT_EQ(orphans().size(), 2U);
  EXPECT_EQ(orphans("cpam-1").size(), 0U);
  EXPECT_EQ(OpenReferrals(store_).tally(now_, {}).orphans, 2U);
  auto received = envelope("caf-1", "ccas-1");
  received.mutable_referral_received();
  ASSERT_EQ(refusal_of(received), "accepted");
  EXPECT_EQ(orphans("caf-1"), std::vector<std::string>{std::string(16, 's')});
  EXPECT_EQ(OpenReferrals(store_).tally(now_, {}).real, 2U);
}

TEST_F(FollowUpTest, an_orphan_of_an_exercise_is_counted_among_exercises) {
  auto exercise = request();
  exercise.set_exercise(true);
  ASSERT_EQ(refusal_of(exercise), "accepted");
  pass(5);
  const auto tally = OpenReferrals(store_).tally(now_, {});
  EXPECT_EQ(tally.orphans, 0U);
  EXPECT_EQ(tally.exercise, 1U);
}

TEST_F(FollowUpTest, a_request_of_a_person_waits_until_everybody_has_answered) {
  ASSERT_EQ(refusal_of(request()), "accepted");
  const RightsRequests rights(store_);
  EXPECT_TRUE(rights.pending({}, 10).requests.empty());
  const auto access = ask_rights(v1::RIGHT_ACCESS);
  const auto erasure = ask_rights(v1::RIGHT_ERASURE);
  const auto both = rights.pending({}, 10);
  ASSERT_EQ(both.requests.size(), 2U);
  EXPECT_TRUE(both.next.empty());
  EXPECT_EQ(both.requests[0].case_id, std::string(16, 'c'));
  EXPECT_EQ(both.requests[0].row.by(), "ccas-1");
  ASSERT_EQ(both.requests[0].row.replies_size(), 1);
  EXPECT_EQ(both.requests[0].row.replies(0).institution(), "caf-1");
  const auto first = rights.pending({}, 1);
  ASSERT_EQ(first.requests.size(), 1U);
  const auto second = rights.pending(first.next, 1);
  ASSERT_EQ(second.requests.size(), 1U);
  EXPECT_NE(first.requests[0].row.request_id(), second.requests[0].row.request_id());
  EXPECT_TRUE(second.next.empty());
  ASSERT_EQ(answer_rights(access), "accepted");
  const auto left = rights.pending({}, 10);
  ASSERT_EQ(left.requests.size(), 1U);
  EXPECT_EQ(left.requests[0].row.request_id(), erasure);
  pass(24 * 40);  // the reminder moves it on, and it stays
  EXPECT_EQ(rights.pending({}, 10).requests.size(), 1U);
}

TEST_F(FollowUpTest, contents_are_counted_from_their_delivery_to_their_erasure) {
  ASSERT_EQ(share(), "accepted");
  EXPECT_EQ(kept().kept.messages, 0U) << "no day is set before the delivery";
  drain("caf-1");
  const auto delivered = kept();
  ASSERT_EQ(delivered.next.size(), 1U);
  EXPECT_EQ(delivered.kept.messages, 1U);
  EXPECT_GT(delivered.kept.bytes, 40U);
  EXPECT_EQ(delivered.within_day.bytes, delivered.kept.bytes);
  EXPECT_EQ(delivered.within_week.messages, 1U);
  EXPECT_EQ(delivered.next[0].due, now_ + hours(2));
  EXPECT_EQ(delivered.next[0].bytes, delivered.kept.bytes);
  EXPECT_TRUE(delivered.complete);
  EXPECT_FALSE(Retention(store_).tally(now_, 2, {1, std::chrono::milliseconds(0)}).complete);
  pass(3);
  EXPECT_EQ(kept().kept.messages, 0U);
}

TEST_F(FollowUpTest, contents_that_a_person_had_erased_are_kept_no_longer) {
  ASSERT_EQ(share(), "accepted");
  drain("caf-1");
  ASSERT_EQ(kept().kept.messages, 1U);
  ask_rights(v1::RIGHT_ERASURE);
  EXPECT_EQ(kept().kept.messages, 0U);
}

}  // namespace
}  // namespace relais::engine
