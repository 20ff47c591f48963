#include "broker/engine/machine.h"

#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

TEST_F(MachineTest, takes_nothing_before_a_network_definition_is_in_force) {
  open("ccas-1");
  EXPECT_EQ(refusal_of(request()), "network.none");
}

TEST_F(MachineTest, gives_receipt_and_delivery_only_with_the_batch_that_makes_them_durable) {
  apply_network();
  const auto ccas = open("ccas-1");
  const auto caf = open("caf-1");
  submit(request());
  const auto before = store_.durable().position;
  auto step = machine_->take_step();
  EXPECT_EQ(store_.durable().position, before);  // nothing is promised yet
  ASSERT_EQ(step.effects.size(), 2U);
  ASSERT_EQ(step.batch.records.size(), 1U);
  EXPECT_EQ(step.effects[0].session, ccas);
  EXPECT_EQ(step.effects[0].frame.receipts(0).position(), before + 1);
  EXPECT_EQ(step.effects[1].session, caf);
  EXPECT_EQ(step.effects[1].frame.deliveries(0).attempt(), 1U);
}

TEST_F(MachineTest, answers_a_repeated_submission_with_the_first_receipt_also_after_a_restart) {
  apply_network();
  open("ccas-1");
  const auto message = request();
  submit(message);
  const auto first = turn().at(sessions_.at("ccas-1")).receipts(0);
  now_ += std::chrono::hours(1);
  boot();
  open("ccas-1");
  submit(message);
  const auto again = turn().at(sessions_.at("ccas-1")).receipts(0);
  EXPECT_EQ(again.position(), first.position());
  EXPECT_EQ(again.durable_at_ms(), first.durable_at_ms());
  EXPECT_TRUE(again.repeated());
  auto other = message;
  other.set_priority(v1::PRIORITY_STAT);
  EXPECT_EQ(refusal_of(other), "envelope.message_id_reused");
}

TEST_F(MachineTest, refuses_a_sender_that_the_session_does_not_speak_for) {
  apply_network();
  open("ccas-1");
  const auto cpam = open("cpam-1");
  EXPECT_EQ(refusal_of(request(), cpam), "identity.forged_sender");
}

TEST_F(MachineTest, refuses_what_no_agreement_covers) {
  apply_network();
  open("ccas-1");
  auto unknown = request();
  unknown.set_recipients(0, "msa-1");
  EXPECT_EQ(refusal_of(unknown), "route.none");
  auto purpose = request();
  purpose.set_purpose("employment");
  EXPECT_EQ(refusal_of(purpose), "purpose.unknown");
}

TEST_F(MachineTest, lets_only_the_two_sides_of_a_referral_speak_of_it) {
  apply_network();
  open("ccas-1");
  open("caf-1");
  open("cpam-1");
  submit(request());
  turn();
  auto stranger = envelope("cpam-1", "ccas-1");
  stranger.mutable_referral_accepted();
  EXPECT_EQ(refusal_of(stranger), "secrecy.not_followed_together");
  auto wrong_side = envelope("ccas-1", "caf-1");
  wrong_side.mutable_referral_accepted();
  EXPECT_EQ(refusal_of(wrong_side), "lifecycle.not_your_role");
  auto elsewhere = envelope("caf-1", "cpam-1");
  elsewhere.mutable_referral_accepted();
  EXPECT_EQ(refusal_of(elsewhere), "secrecy.not_followed_together");
  auto second = envelope("cpam-1", "caf-1", 'q');
  second.mutable_referral_requested();
  EXPECT_EQ(refusal_of(second), "secrecy.not_followed_together");
}

TEST_F(MachineTest, lets_the_first_of_two_that_race_win_and_tells_the_other_what_is_allowed) {
  apply_network();
  open("ccas-1");
  const auto caf = open("caf-1");
  submit(request());
  turn();
  auto cancelled = envelope("ccas-1", "caf-1");
  cancelled.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_WITHDREW);
  auto accepted = envelope("caf-1", "ccas-1");
  accepted.mutable_referral_accepted();
  submit(cancelled);
  submit(accepted);
  const auto refused = turn().at(caf).refusals(0);
  EXPECT_EQ(refused.code(), "lifecycle.invalid_transition");
  EXPECT_EQ(refused.present(), "cancelled");
  EXPECT_FALSE(refused.allowed().empty());
  EXPECT_EQ(refused.message_id(), accepted.message_id());
}

TEST_F(MachineTest, walks_a_referral_to_the_closed_loop) {
  apply_network();
  open("ccas-1");
  open("caf-1");
  submit(request());
  EXPECT_EQ(referral().holder(), "ccas-1");
  const auto say = [&](const std::string& from, const std::string& to, auto fill) {
    auto e = envelope(from, to);
    fill(e);
    EXPECT_EQ(refusal_of(e), "accepted") << e.body_case();
  };
  say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_received(); });
  EXPECT_EQ(referral().holder(), "caf-1");
  say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_accepted(); });
  say("caf-1", "ccas-1", [&](auto& e) {
    e.set_appointment_id(std::string(16, 'a'));
    auto& meeting = *e.mutable_appointment_booked()->mutable_meeting();
    meeting.set_start_ms(base::to_ms(now_) + 1'000);
    meeting.set_end_ms(base::to_ms(now_) + 2'000);
  });
  for (const auto fill : {+[](v1::Envelope& e) { e.mutable_appointment_arrived(); },
                          +[](v1::Envelope& e) { e.mutable_appointment_fulfilled(); }})
    say("caf-1", "ccas-1", [&](auto& e) {
      e.set_appointment_id(std::string(16, 'a'));
      fill(e);
    });
  say("caf-1", "ccas-1", [](auto& e) { e.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED); });
  EXPECT_EQ(referral().holder(), "ccas-1");
  EXPECT_FALSE(referral().closed());
  say("ccas-1", "caf-1", [](auto& e) { e.mutable_outcome_acknowledged(); });
  EXPECT_TRUE(referral().closed());
  auto late = envelope("caf-1", "ccas-1");
  late.mutable_information_requested();
  EXPECT_EQ(refusal_of(late), "lifecycle.invalid_transition");
}

TEST_F(MachineTest, expires_a_referral_that_nobody_decided_on_and_tells_both_sides) {
  apply_network();
  const auto ccas = open("ccas-1");
  const auto caf = open("caf-1");
  submit(request());
  acknowledge(caf, turn().at(caf).deliveries(0).delivery_id());
  turn();
  now_ += std::chrono::hours(20);
  machine_->pass_time(now_, 10);
  const auto frames = turn();
  EXPECT_EQ(referral().status(), v1::REFERRAL_STATUS_EXPIRED);
  for (const auto session : {ccas, caf}) {
    v1::Envelope notice;
    ASSERT_EQ(frames.at(session).deliveries_size(), 1);
    notice.ParseFromString(frames.at(session).deliveries(0).envelope());
    EXPECT_TRUE(notice.has_referral_expired());
    EXPECT_EQ(notice.sender(), "relais");
    EXPECT_TRUE(base::verify(base::signing_public(key_of(2)), base::kEnvelopeDomain,
                             frames.at(session).deliveries(0).envelope(),
                             frames.at(session).deliveries(0).signature()));
  }
}

TEST_F(MachineTest, refuses_submissions_while_draining_or_short_of_disk_and_goes_on_delivering) {
  apply_network();
  open("ccas-1");
  submit(request());
  turn();
  machine_->set_draining(true);
  EXPECT_EQ(refusal_of(request('s', 'd')), "broker.draining");
  machine_->set_draining(false);
  store_.set_free_bytes(1'000);
  machine_->look_at_disk();
  EXPECT_EQ(refusal_of(request('t', 'e')), "broker.disk_full");
  const auto caf = open("caf-1");
  acknowledge(caf, turn().at(caf).deliveries(0).delivery_id());
  turn();
  EXPECT_EQ(machine_->state().counts("caf-1").real().delivered(), 1U);
  store_.set_free_bytes(std::uint64_t{1} << 40);
  machine_->look_at_disk();
  EXPECT_EQ(refusal_of(request('u', 'f')), "accepted");
}

TEST_F(MachineTest, counts_exercises_apart_and_never_mixes_them) {
  apply_network();
  open("ccas-1");
  open("caf-1");
  auto exercise = request();
  exercise.set_exercise(true);
  submit(exercise);
  turn();
  EXPECT_EQ(machine_->state().counts("caf-1").exercise().queued(), 1U);
  EXPECT_EQ(machine_->state().counts("caf-1").real().queued(), 0U);
  auto real = envelope("caf-1", "ccas-1");
  real.mutable_referral_accepted();
  EXPECT_EQ(refusal_of(real), "envelope.malformed");
}

TEST_F(MachineTest, takes_a_network_definition_only_when_it_is_newer_and_signed_by_the_authority) {
  apply_network(3);
  const auto older = machine_->operated(
      core::ApplyNetwork{{"me", "test"}, simulation::signed_by(authority_, simulation::territory(3))}, now_);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.refusal().name(), "network.not_newer");
  const auto forged = machine_->operated(
      core::ApplyNetwork{{"me", "test"}, simulation::signed_by(signer_, simulation::territory(4))}, now_);
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.refusal().name(), "network.signature");
  const auto nameless = machine_->operated(
      core::ApplyNetwork{{"me", ""}, simulation::signed_by(authority_, simulation::territory(4))}, now_);
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.refusal().name(), "operator.reason_missing");
}

TEST_F(MachineTest, refuses_a_request_for_a_service_that_the_recipient_does_not_have_and_for_a_commune_that_is_none) {
  apply_network();
  open("ccas-1");
  const auto asked_for = [&](const std::string& service, const std::string& commune) {
    auto asked = request();
    asked.mutable_referral_requested()->set_service_id(service);
    asked.mutable_referral_requested()->set_commune(commune);
    submit(asked);
    const auto frames = turn();
    const auto& frame = frames.at(sessions_.at("ccas-1"));
    return frame.refusals().empty() ? "accepted" : frame.refusals(0).code() + " " + frame.refusals(0).field();
  };
  EXPECT_EQ(asked_for("nobodys", ""), "service.not_offered referral_requested.service_id");
  EXPECT_EQ(asked_for("cpam-1-help", ""), "service.not_offered referral_requested.service_id");
  EXPECT_EQ(asked_for("", "25999"), "commune.unknown referral_requested.commune");
  EXPECT_EQ(asked_for("caf-1-help", "25056"), "accepted");
}

}  // namespace
}  // namespace relais::engine
