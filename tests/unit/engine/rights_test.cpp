// What a person asks of everybody who was told something in its case, and what an operator asks of every connection.
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

using std::chrono::days;

class RightsTest : public MachineTest {
 protected:
  void SetUp() override {
    apply_network();
    for (const auto* institution : {"ccas-1", "caf-1", "cpam-1"}) open(institution);
  }

  v1::Envelope about_case(const std::string& from, const std::vector<std::string>& to) {
    auto message = envelope(from, "nobody");
    message.clear_recipients();
    for (const auto& recipient : to) message.add_recipients(recipient);
    message.clear_referral_id();
    return message;
  }

  /// ccas-1 refers to `to` with a sealed identity. Answers the request's message id.
  std::string refer(const std::string& to, char referral) {
    auto asked = envelope("ccas-1", to, referral);
    asked.mutable_referral_requested();
    EXPECT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {to}}}), "accepted");
    return asked.message_id();
  }

  template <class Fill>
  void say(const std::string& from, const std::string& to, char referral, Fill fill) {
    auto message = envelope(from, to, referral);
    fill(message);
    ASSERT_EQ(refusal_of(message), "accepted");
  }

  std::string ask(const std::string& from, v1::Right right) {
    auto message = about_case(from, {});
    message.mutable_rights_requested()->set_right(right);
    last_request_ = message.message_id();
    return refusal_of(message);
  }

  std::string answer(const std::string& from, const std::string& to, const std::string& request) {
    auto message = about_case(from, {to});
    message.mutable_rights_answered()->set_request_id(request);
    message.mutable_rights_answered()->set_reply(v1::RIGHTS_REPLY_DONE);
    return refusal_of(message);
  }

  v1::CaseRow parcours() {
    return machine_->state().find<v1::CaseRow>(core::TableId::cases, std::string(16, 'c')).value();
  }

  bool keeps_contents_of(const std::string& message_id) {
    const auto row = machine_->state().message(message_id).value();
    return !store_.payload({row.position(), row.ordinal()}).empty();
  }

  /// The last message that `institution` finds waiting, of everything.
  v1::Envelope last_told(const std::string& institution) {
    auto told = drain(institution);
    return told.empty() ? v1::Envelope() : told.back();
  }

  std::string last_request_;
};

TEST_F(RightsTest, reach_everybody_who_was_told_something_and_are_answered_by_each) {
  refer("caf-1", 'r');
  refer("cpam-1", 's');
  say("cpam-1", "ccas-1", 's',
      [](auto& e) { e.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NOT_ELIGIBLE); });
  say("ccas-1", "cpam-1", 's', [](auto& e) { e.mutable_outcome_acknowledged(); });
  say("caf-1", "ccas-1", 'r', [](auto& e) { e.mutable_referral_accepted(); });

  ASSERT_EQ(ask("caf-1", v1::RIGHT_ACCESS), "accepted");
  const auto request = last_request_;
  for (const auto* asked : {"ccas-1", "cpam-1"}) {
    const auto told = last_told(asked);
    EXPECT_EQ(told.sender(), "relais");
    EXPECT_EQ(told.rights_requested().right(), v1::RIGHT_ACCESS) << asked;
    EXPECT_EQ(told.rights_requested().request_id(), request);
    EXPECT_EQ(told.rights_requested().by(), "caf-1");
  }
  EXPECT_EQ(ask("ccas-1", v1::RIGHT_ACCESS), "rights.already_asked");
  EXPECT_EQ(answer("ccas-1", "cpam-1", request), "rights.unknown");
  EXPECT_EQ(answer("ccas-1", "caf-1", std::string(16, 'x')), "rights.unknown");
  EXPECT_EQ(answer("ccas-1", "caf-1", request), "accepted");
  EXPECT_EQ(answer("ccas-1", "caf-1", request), "rights.unknown");
  EXPECT_NE(parcours().rights(0).due_ms(), 0);
  EXPECT_EQ(answer("cpam-1", "caf-1", request), "accepted");
  EXPECT_EQ(parcours().rights(0).due_ms(), 0);
  EXPECT_EQ(last_told("caf-1").rights_answered().reply(), v1::RIGHTS_REPLY_DONE);
  now_ += days(31);
  machine_->pass_time(now_, 100);
  turn();
  for (const auto& told : drain("caf-1")) EXPECT_FALSE(told.has_rights_overdue());
}

TEST_F(RightsTest, are_nobodys_who_was_told_nothing) {
  EXPECT_EQ(ask("ccas-1", v1::RIGHT_ACCESS), "case.unknown");
  refer("caf-1", 'r');
  EXPECT_EQ(ask("cpam-1", v1::RIGHT_ERASURE), "secrecy.not_followed_together");
  EXPECT_EQ(answer("cpam-1", "ccas-1", std::string(16, 'x')), "secrecy.not_followed_together");
  auto message = about_case("ccas-1", {});
  message.mutable_rights_requested();
  v1::Submit submit;
  message.SerializeToString(submit.mutable_envelope());
  std::string id;
  EXPECT_EQ(core::check_submission(std::move(submit), now_, id).refusal().field, "rights_requested.right");
}

TEST_F(RightsTest, who_is_late_is_told_until_everybody_has_answered) {
  refer("caf-1", 'r');
  ASSERT_EQ(ask("ccas-1", v1::RIGHT_ACCESS), "accepted");
  const auto request = last_request_;
  drain("caf-1");
  const auto overdue = [&](const std::string& institution) {
    int count = 0;
    for (const auto& told : drain(institution))
      if (told.has_rights_overdue()) {
        ++count;
        EXPECT_EQ(told.rights_overdue().request_id(), request);
        EXPECT_EQ(told.rights_overdue().institutions(0), "caf-1");
      }
    return count;
  };
  const auto pass = [&](int count) {
    for (int i = 0; i < count; ++i) {
      now_ += days(1);
      machine_->pass_time(now_, 100);
      turn();
    }
  };
  pass(29);
  EXPECT_EQ(overdue("ccas-1"), 0);
  pass(2);
  EXPECT_EQ(overdue("ccas-1"), 1);
  EXPECT_EQ(overdue("caf-1"), 1);
  pass(8);
  EXPECT_EQ(overdue("caf-1"), 1);
  EXPECT_EQ(answer("caf-1", "ccas-1", request), "accepted");
  pass(15);
  EXPECT_EQ(overdue("caf-1"), 0);
}

TEST_F(RightsTest, those_of_an_exercise_stay_an_exercise) {
  auto asked = request();
  asked.set_exercise(true);
  ASSERT_EQ(refusal_of(asked), "accepted");
  auto message = about_case("ccas-1", {});
  message.set_exercise(true);
  message.mutable_rights_requested()->set_right(v1::RIGHT_ACCESS);
  ASSERT_EQ(refusal_of(message), "accepted");
  now_ += days(31);
  machine_->pass_time(now_, 100);
  turn();
  int heard = 0;
  for (const auto& told : drain("caf-1")) {
    if (!told.has_rights_requested() && !told.has_rights_overdue()) continue;
    ++heard;
    EXPECT_TRUE(told.exercise());
  }
  EXPECT_EQ(heard, 2);
}

TEST_F(RightsTest, an_erasure_takes_the_contents_that_the_broker_still_keeps) {
  const auto arrived = refer("caf-1", 'r');
  drain("caf-1");
  const auto waiting = refer("cpam-1", 's');
  ASSERT_TRUE(keeps_contents_of(arrived));  // for the agreement's two hours
  ASSERT_EQ(ask("ccas-1", v1::RIGHT_ERASURE), "accepted");
  turn();
  EXPECT_FALSE(keeps_contents_of(arrived));
  ASSERT_TRUE(keeps_contents_of(waiting));  // it must still arrive
  drain("cpam-1");
  turn();
  EXPECT_FALSE(keeps_contents_of(waiting));
  now_ += days(1);
  machine_->pass_time(now_, 100);  // the timer of the erased one is gone
  turn();
  boot();
  EXPECT_EQ(parcours().rights_size(), 1);
}

TEST_F(RightsTest, a_test_of_the_connection_reaches_each_institution_as_an_exercise) {
  const core::Operator by{"me", "monday"};
  EXPECT_EQ(machine_->operated(core::TestConnections{by, {"nobody-1"}}, now_).refusal().name(), "identity.unknown");
  EXPECT_EQ(machine_->operated(core::TestConnections{by, {}}, now_).refusal().name(), "input.invalid");
  EXPECT_EQ(machine_->operated(core::TestConnections{{"me", ""}, {"caf-1"}}, now_).refusal().name(),
            "operator.reason_missing");
  ASSERT_TRUE(machine_->operated(core::TestConnections{by, {"caf-1", "cpam-1"}}, now_));
  turn();
  for (const auto* institution : {"caf-1", "cpam-1"}) {
    const auto told = last_told(institution);
    EXPECT_TRUE(told.has_connection_tested());
    EXPECT_TRUE(told.exercise());
    EXPECT_TRUE(told.case_id().empty());
  }
}

}  // namespace
}  // namespace relais::engine
