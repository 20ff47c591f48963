// Nobody falls: each step has its deadline, a missed one is told, and who does not decide loses the referral to the
// next.
#include "broker/engine/open_referrals.h"
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

using std::chrono::hours;

class DeadlineTest : public MachineTest {
 protected:
  void SetUp() override {
    auto network = simulation::territory(1);
    for (auto& agreement : *network.mutable_agreements()) {
      auto& deadline = *agreement.mutable_deadlines(0);
      deadline.mutable_receive_within()->set_ms(hour_ms(4));
      deadline.mutable_first_appointment_within()->set_ms(hour_ms(30));
      if (agreement.id() == "caf-1.ccas-1") agreement.set_fallback("cpam-1");
    }
    apply_network(network);
    for (const auto* institution : {"ccas-1", "caf-1", "cpam-1"}) open(institution);
  }

  static std::int64_t hour_ms(int count) { return count * 3'600'000LL; }

  std::string ask(const std::vector<std::string>& fallbacks = {}) {
    auto asked = request();
    for (const auto& fallback : fallbacks) asked.add_fallbacks(fallback);
    return refusal_of(asked);
  }

  std::string say(const std::string& from, const std::string& to, void (*fill)(v1::Envelope&)) {
    auto message = envelope(from, to);
    fill(message);
    return refusal_of(message);
  }

  /// Lets time pass in steps of an hour; answers what `institution` finds then.
  std::vector<v1::Envelope> pass(int count, const std::string& institution) {
    for (int i = 0; i < count; ++i) {
      now_ += hours(1);
      machine_->pass_time(now_, 100);
      turn();
    }
    return drain(institution);
  }
};

TEST_F(DeadlineTest, tells_that_nobody_received_and_goes_on_to_the_decision) {
  ASSERT_EQ(ask(), "accepted");
  EXPECT_EQ(referral().step(), v1::DEADLINE_STEP_RECEIVE);
  const auto told = pass(5, "ccas-1");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].deadline_missed().step(), v1::DEADLINE_STEP_RECEIVE);
  EXPECT_EQ(told[0].deadline_missed().holder(), "ccas-1");
  EXPECT_EQ(told[0].deadline_missed().reminder(), 1U);
  EXPECT_EQ(referral().step(), v1::DEADLINE_STEP_DECIDE);
  EXPECT_EQ(referral().deadline_ms(), referral().decide_by_ms());
}

TEST_F(DeadlineTest, waits_for_a_first_appointment_and_then_for_the_outcome) {
  ASSERT_EQ(ask(), "accepted");
  ASSERT_EQ(say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  EXPECT_EQ(referral().step(), v1::DEADLINE_STEP_FIRST_APPOINTMENT);
  EXPECT_EQ(referral().deadline_ms(), base::to_ms(now_) + hour_ms(30));
  auto booked = envelope("caf-1", "ccas-1");
  booked.set_appointment_id(std::string(16, 'a'));
  auto& meeting = *booked.mutable_appointment_booked()->mutable_meeting();
  meeting.set_start_ms(base::to_ms(now_) + hour_ms(24));
  meeting.set_end_ms(base::to_ms(now_) + hour_ms(25));
  ASSERT_EQ(refusal_of(booked), "accepted");
  EXPECT_EQ(referral().step(), v1::DEADLINE_STEP_COMPLETE);
  EXPECT_EQ(referral().deadline_ms(), referral().complete_by_ms());
}

TEST_F(DeadlineTest, tells_the_lead_too_when_the_same_step_is_late_again) {
  ASSERT_EQ(ask(), "accepted");
  ASSERT_EQ(say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  const auto told = pass(24 * 10, "caf-1");
  std::vector<std::uint32_t> reminders;
  for (const auto& envelope : told)
    if (envelope.has_deadline_missed()) reminders.push_back(envelope.deadline_missed().reminder());
  EXPECT_EQ(reminders, (std::vector<std::uint32_t>{1, 2, 3}));  // appointment, outcome, and a week later
  EXPECT_FALSE(referral().holder().empty());
  EXPECT_GT(referral().deadline_ms(), base::to_ms(now_));
}

TEST_F(DeadlineTest, tells_a_third_institution_that_leads_the_case_from_the_second_time_on) {
  ASSERT_EQ(ask(), "accepted");
  ASSERT_EQ(say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  auto other = envelope("ccas-1", "cpam-1", 's');
  other.mutable_referral_requested();
  ASSERT_EQ(refusal_of(other), "accepted");
  auto accepted = envelope("cpam-1", "ccas-1", 's');
  accepted.mutable_referral_accepted();
  ASSERT_EQ(refusal_of(accepted), "accepted");
  auto offered = envelope("ccas-1", "cpam-1");
  offered.clear_referral_id();
  offered.mutable_lead_offered();
  ASSERT_EQ(refusal_of(offered), "accepted");
  auto taken = envelope("cpam-1", "ccas-1");
  taken.clear_referral_id();
  taken.mutable_lead_accepted();
  ASSERT_EQ(refusal_of(taken), "accepted");
  const auto of_the_other = [](const std::vector<v1::Envelope>& told) {
    std::vector<std::uint32_t> reminders;
    for (const auto& envelope : told)
      if (envelope.has_deadline_missed() && envelope.referral_id() == std::string(16, 'r'))
        reminders.push_back(envelope.deadline_missed().reminder());
    return reminders;
  };
  EXPECT_EQ(of_the_other(pass(31, "cpam-1")), std::vector<std::uint32_t>{}) << "the first time is for the two of it";
  EXPECT_EQ(of_the_other(pass(20, "cpam-1")), std::vector<std::uint32_t>{2});
  EXPECT_EQ(of_the_other(drain("caf-1")), (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(DeadlineTest, hands_an_undecided_referral_on_to_the_fallback_with_the_request_as_its_sender_wrote_it) {
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  const auto told = pass(21, "cpam-1");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[0].has_referral_requested());
  EXPECT_EQ(told[0].sender(), "ccas-1");
  EXPECT_EQ(told[1].referral_reassigned().from(), "caf-1");
  EXPECT_EQ(told[1].referral_reassigned().to(), "cpam-1");
  EXPECT_EQ(referral().recipient(), "cpam-1");
  EXPECT_EQ(referral().status(), v1::REFERRAL_STATUS_REQUESTED);
  EXPECT_EQ(referral().holder(), "ccas-1");
  EXPECT_GT(referral().deadline_ms(), base::to_ms(now_));
  // Who let the time pass has no part in it any more; the next one has.
  EXPECT_EQ(say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "secrecy.not_followed_together");
  EXPECT_EQ(say("cpam-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
}

TEST_F(DeadlineTest, takes_back_a_request_that_the_first_recipient_never_fetched) {
  machine_->session_closed(sessions_.at("caf-1"), now_);
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  pass(21, "cpam-1");
  EXPECT_EQ(machine_->state().counts("caf-1").real().dead(), 0U) << "nobody can send it there any more";
  EXPECT_EQ(machine_->state().counts("caf-1").real().discarded(), 1U);
  for (const auto& envelope : drain("caf-1")) EXPECT_FALSE(envelope.has_referral_requested());
}

TEST_F(DeadlineTest, expires_when_nobody_is_left_to_take_it) {
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  const auto told = pass(48, "ccas-1");
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const auto& e) { return e.has_referral_expired(); }));
  EXPECT_EQ(referral().status(), v1::REFERRAL_STATUS_EXPIRED);
  EXPECT_EQ(referral().holder(), "ccas-1");
  // Twice nobody received it, then one did not decide, then the other.
  EXPECT_EQ(machine_->figures().deadlines_missed,
            (std::map<std::string, std::uint64_t>{{"caf-1", 1}, {"ccas-1", 2}, {"cpam-1", 1}}));
}

TEST_F(DeadlineTest, is_counted_among_the_overdue_until_somebody_moves_the_referral_on) {
  const auto overdue = [&] { return OpenReferrals(store_).tally(now_, {}).overdue; };
  ASSERT_EQ(ask(), "accepted");
  pass(3, "ccas-1");
  EXPECT_TRUE(overdue().empty());
  pass(2, "ccas-1");
  EXPECT_EQ(overdue(), (OpenReferralTally::Counts{{"ccas-1", 1}}));
  ASSERT_EQ(say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  turn();
  EXPECT_TRUE(overdue().empty());
}

TEST_F(DeadlineTest, skips_a_fallback_whose_agreement_has_ended) {
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  auto network = simulation::territory(2);
  for (auto& agreement : *network.mutable_agreements())
    if (agreement.id() == "ccas-1.cpam-1") agreement.set_valid_until_ms(base::to_ms(now_) + hour_ms(1));
  apply_network(network);
  pass(21, "ccas-1");
  EXPECT_EQ(referral().status(), v1::REFERRAL_STATUS_EXPIRED);
}

TEST_F(DeadlineTest, hands_on_nothing_that_the_person_had_erased_whether_it_was_fetched_before_or_not) {
  for (const char id : {'r', 's'}) {
    auto asked = request(id);
    asked.add_fallbacks("cpam-1");
    ASSERT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {"caf-1", "cpam-1"}}}), "accepted");
    if (id == 'r') drain("caf-1");
    if (id == 'r') machine_->session_closed(sessions_.at("caf-1"), now_);
  }
  auto erasure = envelope("ccas-1", "nobody");
  erasure.clear_recipients();
  erasure.clear_referral_id();
  erasure.mutable_rights_requested()->set_right(v1::RIGHT_ERASURE);
  ASSERT_EQ(refusal_of(erasure), "accepted");
  pass(21, "ccas-1");
  EXPECT_EQ(referral('r').status(), v1::REFERRAL_STATUS_EXPIRED);
  EXPECT_EQ(referral('s').status(), v1::REFERRAL_STATUS_EXPIRED);
  for (const auto& envelope : drain("cpam-1")) EXPECT_FALSE(envelope.has_referral_requested());
}

TEST_F(DeadlineTest, takes_back_a_request_that_had_ended_among_the_dead_letters) {
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  for (int i = 0; i < 3; ++i) {  // attempts_max
    machine_->session_closed(sessions_.at("caf-1"), now_);
    const auto session = open("caf-1");
    const auto offered = turn()[session];
    ASSERT_EQ(offered.deliveries_size(), 1);
    v1::Settle settle;
    settle.add_delivery_ids(offered.deliveries(0).delivery_id());
    settle.mutable_retry()->set_after_ms(1);
    machine_->settled(session, settle, now_);
    turn();
    now_ += std::chrono::seconds(1);
    machine_->pass_time(now_, 100);
    turn();
  }
  ASSERT_EQ(machine_->state().counts("caf-1").real().dead(), 1U);
  pass(21, "cpam-1");
  EXPECT_EQ(machine_->state().counts("caf-1").real().dead(), 0U);
  EXPECT_EQ(referral().recipient(), "cpam-1");
}

TEST_F(DeadlineTest, skips_a_fallback_that_the_person_has_not_agreed_to) {
  auto network = simulation::territory(2);
  for (auto& agreement : *network.mutable_agreements()) {
    if (agreement.id() == "caf-1.ccas-1") agreement.set_fallback("cpam-1");
    if (agreement.id() == "ccas-1.cpam-1") agreement.set_basis(v1::BASIS_CONSENT);
  }
  apply_network(network);
  ASSERT_EQ(ask({"cpam-1"}), "accepted") << "its own recipient needs no consent";
  for (const auto& envelope : pass(21, "cpam-1")) EXPECT_FALSE(envelope.has_referral_requested());
  EXPECT_EQ(referral().status(), v1::REFERRAL_STATUS_EXPIRED);
}

TEST_F(DeadlineTest, hands_on_to_whom_the_law_names_where_the_agreement_names_nobody) {
  auto network = simulation::territory(2);
  network.mutable_purposes(0)->set_default_recipient("cpam-1");
  apply_network(network);
  ASSERT_EQ(ask({"cpam-1"}), "accepted");
  bool requested = false;
  for (const auto& envelope : pass(21, "cpam-1")) requested = requested || envelope.has_referral_requested();
  EXPECT_TRUE(requested);
  EXPECT_EQ(referral().recipient(), "cpam-1");
}

TEST_F(DeadlineTest, refuses_a_fallback_that_neither_agreement_nor_law_names) {
  auto to_cpam = envelope("ccas-1", "cpam-1");
  to_cpam.mutable_referral_requested();
  to_cpam.add_fallbacks("caf-1");
  EXPECT_EQ(refusal_of(to_cpam), "fallback.not_agreed");
  EXPECT_EQ(ask({"msa-9"}), "route.none");
  auto network = simulation::territory(2);
  network.mutable_purposes(0)->set_default_recipient("caf-1");
  apply_network(network);
  to_cpam.mutable_message_id()->back() = 'z';
  EXPECT_EQ(refusal_of(to_cpam), "accepted");
}

}  // namespace
}  // namespace relais::engine
