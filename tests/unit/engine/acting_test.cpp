// Acting for another, teams behind one desk, and announcements.
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

class ActingTest : public MachineTest {
 protected:
  void SetUp() override {
    auto network = simulation::territory(1);
    auto& delegation = *network.add_delegations();
    delegation.set_id("counter");
    delegation.set_from("ccas-1");
    delegation.set_to("mission-1");
    delegation.set_agreement("ccas-1.mission-1");
    delegation.add_acts(v1::ACT_REFER);
    delegation.add_acts(v1::ACT_BOOK);
    delegation.add_communes("25056");
    delegation.set_valid_until_ms(base::to_ms(now_) + kDayMs);
    for (auto& institution : *network.mutable_institutions())
      if (institution.id() == "caf-1") institution.add_members("cpam-1");
    change(network);
    apply_network(network);
    for (const auto& institution : simulation::kInstitutions) open(institution);
  }

  virtual void change(v1::NetworkDefinition&) {}

  /// mission-1 asks caf-1 for ccas-1.
  v1::Envelope delegated() {
    auto asked = envelope("mission-1", "caf-1");
    asked.set_on_behalf_of("ccas-1");
    asked.mutable_referral_requested()->set_commune("25056");
    return asked;
  }

  std::string say(const std::string& from, const std::vector<std::string>& to, void (*fill)(v1::Envelope&)) {
    auto message = envelope(from, "nobody");
    message.clear_recipients();
    for (const auto& one : to) message.add_recipients(one);
    fill(message);
    return refusal_of(message);
  }

  /// The kinds of what waits for an institution.
  std::vector<v1::Envelope::BodyCase> told(const std::string& institution) {
    std::vector<v1::Envelope::BodyCase> kinds;
    for (const auto& message : drain(institution)) kinds.push_back(message.body_case());
    return kinds;
  }

  static constexpr std::int64_t kDayMs = 86'400'000;
};

using Kinds = std::vector<v1::Envelope::BodyCase>;

TEST_F(ActingTest, both_see_what_one_does_for_the_other_and_the_delegating_one_stays_accountable) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  EXPECT_EQ(referral().principal(), "ccas-1");
  EXPECT_EQ(referral().holder(), "ccas-1");
  EXPECT_EQ(referral().agreement(), "caf-1.ccas-1");
  ASSERT_EQ(say("caf-1", {"mission-1"}, [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  EXPECT_EQ(told("mission-1"), Kinds{v1::Envelope::kReferralAccepted});
  EXPECT_EQ(told("ccas-1"), (Kinds{v1::Envelope::kReferralRequested, v1::Envelope::kReferralAccepted}));
  const auto parcours = machine_->state().find<v1::CaseRow>(core::TableId::cases, std::string(16, 'c')).value();
  EXPECT_EQ(parcours.lead(), "ccas-1");
  EXPECT_EQ(parcours.participants_size(), 3);
}

TEST_F(ActingTest, the_loop_is_closed_by_either_and_then_nobody_takes_part_any_more) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  ASSERT_EQ(say("caf-1", {"mission-1", "ccas-1"}, [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  ASSERT_EQ(
      say("caf-1", {"mission-1"}, [](auto& e) { e.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED); }),
      "accepted");
  EXPECT_EQ(referral().holder(), "ccas-1");
  ASSERT_EQ(say("ccas-1", {"caf-1"}, [](auto& e) { e.mutable_outcome_acknowledged(); }), "accepted");
  EXPECT_EQ(say("mission-1", {"caf-1"}, [](auto& e) { e.mutable_outcome_acknowledged(); }),
            "lifecycle.invalid_transition");
  EXPECT_EQ(told("mission-1"), (Kinds{v1::Envelope::kReferralAccepted, v1::Envelope::kReferralCompleted,
                                      v1::Envelope::kOutcomeAcknowledged}));
  const auto parcours = machine_->state().find<v1::CaseRow>(core::TableId::cases, std::string(16, 'c')).value();
  EXPECT_EQ(parcours.participants_size(), 0);
}

TEST_F(ActingTest, without_a_delegation_nobody_acts_for_another) {
  auto asked = delegated();
  asked.set_on_behalf_of("cpam-1");
  EXPECT_EQ(refusal_of(asked), "delegation.none");
  asked = delegated();
  asked.set_sender("ccas-1");
  asked.set_on_behalf_of("mission-1");
  EXPECT_EQ(refusal_of(asked), "delegation.none") << "it does not hold the other way round";
  asked = delegated();
  asked.set_on_behalf_of("nobody-1");
  EXPECT_EQ(refusal_of(asked), "identity.unknown");
}

TEST_F(ActingTest, outside_its_place_and_after_its_end_a_delegation_does_not_hold) {
  auto elsewhere = delegated();
  elsewhere.mutable_referral_requested()->set_commune("25388");
  EXPECT_EQ(refusal_of(elsewhere), "delegation.out_of_scope");
  now_ += base::Milliseconds(kDayMs);
  EXPECT_EQ(refusal_of(delegated()), "delegation.none");
}

TEST_F(ActingTest, what_is_open_when_a_delegation_ends_is_brought_to_its_end_but_nothing_is_booked) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  ASSERT_EQ(say("caf-1", {"mission-1"}, [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  now_ += base::Milliseconds(kDayMs);
  const auto propose = [](v1::Envelope& e) {
    e.set_appointment_id(std::string(16, 'a'));
    auto& meeting = *e.mutable_appointment_proposed()->mutable_meeting();
    meeting.set_start_ms(e.sent_at_ms() + kDayMs);
    meeting.set_end_ms(e.sent_at_ms() + kDayMs + 3'600'000);
  };
  EXPECT_EQ(say("mission-1", {"caf-1"}, propose), "delegation.none");
  EXPECT_EQ(say("ccas-1", {"caf-1"}, propose), "accepted") << "the institution itself still may";
  EXPECT_EQ(say("mission-1", {"caf-1"},
                [](auto& e) { e.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_NO_LONGER_NEEDED); }),
            "accepted");
}

TEST_F(ActingTest, later_messages_name_the_institution_they_act_for_truly_or_not_at_all) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  auto cancelled = envelope("mission-1", "caf-1");
  cancelled.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_NO_LONGER_NEEDED);
  cancelled.set_on_behalf_of("cpam-1");
  EXPECT_EQ(refusal_of(cancelled), "delegation.none");
  auto answer = envelope("caf-1", "mission-1");
  answer.mutable_referral_accepted();
  answer.set_on_behalf_of("ccas-1");
  EXPECT_EQ(refusal_of(answer), "delegation.none");
  cancelled.set_on_behalf_of("ccas-1");
  EXPECT_EQ(refusal_of(cancelled), "accepted");
}

TEST_F(ActingTest, a_missed_deadline_is_told_to_the_delegating_institution_too) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  drain("ccas-1");
  now_ += base::Milliseconds(21 * 3'600'000);
  machine_->pass_time(now_, 10);
  EXPECT_EQ(told("ccas-1"), Kinds{v1::Envelope::kReferralExpired});
}

TEST_F(ActingTest, a_delegation_holds_no_longer_than_the_convention_it_rests_on) {
  auto network = simulation::territory(2);
  auto& delegation = *network.add_delegations();
  delegation.set_id("counter");
  delegation.set_from("ccas-1");
  delegation.set_to("mission-1");
  delegation.set_agreement("ccas-1.mission-1");
  delegation.add_acts(v1::ACT_REFER);
  for (auto& agreement : *network.mutable_agreements())
    if (agreement.id() == "ccas-1.mission-1") agreement.set_valid_until_ms(base::to_ms(now_) - 1);
  apply_network(network);
  EXPECT_EQ(refusal_of(delegated()), "delegation.none");
}

TEST_F(ActingTest, the_member_whom_a_team_names_gets_the_request_and_answers_for_it) {
  auto asked = envelope("ccas-1", "caf-1");
  asked.mutable_referral_requested();
  asked.add_team_members("cpam-1");
  ASSERT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {"caf-1", "cpam-1"}}}), "accepted");
  EXPECT_TRUE(told("cpam-1").empty()) << "nothing before the team names it";
  ASSERT_EQ(say("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_accepted()->set_member("cpam-1"); }), "accepted");
  EXPECT_EQ(referral().member(), "cpam-1");
  EXPECT_EQ(referral().holder(), "cpam-1");
  EXPECT_EQ(told("cpam-1"), Kinds{v1::Envelope::kReferralRequested});
  ASSERT_EQ(
      say("cpam-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED); }),
      "accepted");
  EXPECT_EQ(told("caf-1").back(), v1::Envelope::kReferralCompleted) << "the team sees what its member says";
  ASSERT_EQ(say("ccas-1", {"cpam-1"}, [](auto& e) { e.mutable_outcome_acknowledged(); }), "accepted");
  const auto parcours = machine_->state().find<v1::CaseRow>(core::TableId::cases, std::string(16, 'c')).value();
  EXPECT_EQ(parcours.participants_size(), 0);
}

TEST_F(ActingTest, a_team_names_nobody_for_a_request_that_the_person_had_erased) {
  auto asked = envelope("ccas-1", "caf-1");
  asked.mutable_referral_requested();
  asked.add_team_members("cpam-1");
  ASSERT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {"caf-1", "cpam-1"}}}), "accepted");
  drain("caf-1");
  auto erasure = envelope("ccas-1", "nobody");
  erasure.clear_recipients();
  erasure.clear_referral_id();
  erasure.mutable_rights_requested()->set_right(v1::RIGHT_ERASURE);
  ASSERT_EQ(refusal_of(erasure), "accepted");
  EXPECT_EQ(say("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_accepted()->set_member("cpam-1"); }),
            "contents.erased");
  EXPECT_EQ(say("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_accepted(); }), "accepted") << "itself it may";
}

TEST_F(ActingTest, everybody_gets_only_the_compartments_that_are_sealed_for_it) {
  const auto compartments_for = [&](const std::string& institution) {
    const auto session = open(institution);
    auto frames = turn();
    int count = 0;
    for (const auto& delivery : frames[session].deliveries()) {
      count += delivery.compartments_size();
      acknowledge(session, delivery.delivery_id());
    }
    turn();
    return count;
  };
  for (const auto& institution : simulation::kInstitutions) machine_->session_closed(sessions_.at(institution), now_);
  open("ccas-1");
  auto to_team = envelope("ccas-1", "caf-1", 't', 't');
  to_team.mutable_referral_requested();
  to_team.add_team_members("cpam-1");
  ASSERT_EQ(refusal_of_sealed(to_team, {{v1::CATEGORY_IDENTITY, {"cpam-1"}}}), "accepted");
  EXPECT_EQ(compartments_for("caf-1"), 0) << "it is sealed for the member";
  open("mission-1");
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  drain("ccas-1");
  machine_->session_closed(sessions_.at("ccas-1"), now_);
  auto answer = envelope("caf-1", "mission-1");
  answer.mutable_referral_accepted();
  ASSERT_EQ(refusal_of_sealed(answer, {{v1::CATEGORY_IDENTITY, {"mission-1"}}}), "accepted");
  EXPECT_EQ(compartments_for("ccas-1"), 0) << "it is told, and the content is for the sender alone";
}

TEST_F(ActingTest, the_delegating_institution_is_told_what_its_own_mission_allows) {
  EXPECT_EQ(refusal_of_sealed(delegated(), {{v1::CATEGORY_HEALTH, {"ccas-1"}}}), "secrecy.category_not_needed");
  EXPECT_EQ(refusal_of_sealed(delegated(), {{v1::CATEGORY_IDENTITY, {"ccas-1", "caf-1"}}}), "accepted");
}

TEST_F(ActingTest, a_request_that_can_not_arrive_is_the_delegating_institutions_and_both_are_told) {
  ASSERT_EQ(refusal_of(delegated()), "accepted");
  ASSERT_EQ(say("caf-1", {"mission-1"}, [](auto& e) { e.mutable_referral_received(); }), "accepted");
  drain("ccas-1");
  drain("mission-1");
  ASSERT_EQ(reject_all("caf-1"), 1);
  EXPECT_EQ(referral().holder(), "ccas-1");
  EXPECT_EQ(told("mission-1"), Kinds{v1::Envelope::kDeliveryFailed});
  EXPECT_EQ(told("ccas-1"), Kinds{v1::Envelope::kDeliveryFailed});
}

TEST_F(ActingTest, a_team_names_only_its_members) {
  auto asked = envelope("ccas-1", "caf-1");
  asked.mutable_referral_requested();
  asked.add_team_members("mission-1");
  EXPECT_EQ(refusal_of(asked), "team.not_a_member");
  asked.clear_team_members();
  ASSERT_EQ(refusal_of(asked), "accepted");
  EXPECT_EQ(say("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_accepted()->set_member("mission-1"); }),
            "team.not_a_member");
  EXPECT_EQ(say("cpam-1", {"ccas-1"}, [](auto& e) { e.mutable_referral_accepted(); }), "secrecy.not_followed_together");
}

TEST_F(ActingTest, a_member_is_told_what_its_own_mission_allows) {
  auto asked = envelope("ccas-1", "caf-1");
  asked.mutable_referral_requested();
  asked.add_team_members("cpam-1");
  EXPECT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_HEALTH, {"cpam-1"}}}), "secrecy.category_not_needed");
}

TEST_F(ActingTest, an_announcement_reaches_those_it_names_without_an_agreement_and_shows_who_has_it) {
  auto made = envelope("ccas-1", "caf-1");
  made.add_recipients("cpam-1");
  made.clear_case_id();
  made.clear_referral_id();
  made.mutable_announcement_made();
  EXPECT_EQ(refusal_of_sealed(made, {}), "envelope.malformed") << "without a text";
  EXPECT_EQ(refusal_of_sealed(made, {{v1::CATEGORY_IDENTITY, {"caf-1"}}}), "envelope.malformed") << "a person";
  ASSERT_EQ(refusal_of_sealed(made, {{v1::CATEGORY_NOTE, {"caf-1", "cpam-1"}}}), "accepted");
  EXPECT_EQ(told("caf-1"), Kinds{v1::Envelope::kAnnouncementMade});
  turn();
  const auto row = machine_->state().message(made.message_id()).value();
  ASSERT_EQ(row.deliveries_size(), 2);
  EXPECT_EQ(row.deliveries(0).state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(row.deliveries(1).state(), v1::DELIVERY_STATE_QUEUED);
  EXPECT_FALSE(machine_->state().find<v1::CaseRow>(core::TableId::cases, ""));
}

}  // namespace
}  // namespace relais::engine
