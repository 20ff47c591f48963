// Pauses of deliveries: when they begin and end, and that nothing is offered, lost or counted in between.
#include "broker/journal/overlay_tables.h"
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

class PauseTest : public MachineTest {
 protected:
  PauseTest() {
    apply_network();
    open("ccas-1", 1'000);
  }

  std::string pause(std::optional<base::Instant> from, base::Instant until, const std::string& institution = "caf-1") {
    return code_of(machine_->operated(core::PauseInstitution{{"me", "maintenance"}, institution, from, until}, now_));
  }

  std::string resume(const std::string& institution = "caf-1") {
    return code_of(machine_->operated(core::ResumeInstitution{{"me", "back early"}, institution}, now_));
  }

  static std::string code_of(const base::Result<core::Position>& done) {
    return done ? "" : std::string(done.refusal().name());
  }

  /// The referral ids, by their letter, of what a session is given now.
  std::string given(SessionId session) {
    machine_->pass_time(now_, 100);
    const auto frames = turn();
    std::string letters;
    if (!frames.contains(session)) return letters;
    for (const auto& delivery : frames.at(session).deliveries()) {
      letters += core::State::parse<v1::Envelope>(delivery.envelope()).referral_id()[0];
      out_.push_back(delivery);
    }
    return letters;
  }

  /// The state that the journal alone gives.
  base::Hash replayed() {
    struct Nobody final : core::Observer {
      void ready(std::string_view, std::uint8_t, core::MessageKey) override {}
      void no_longer_ready(std::string_view, std::uint8_t, core::MessageKey) override {}
      void payload_erased(core::MessageKey) override {}
      void network_changed() override {}
      void resumed(std::string_view) override {}
    } nobody;
    const journal::MemoryStore empty;
    journal::OverlayTables tables(empty, 0);
    core::State state(tables);
    const auto end = store_.replay(1, [&](const journal::StoredRecord& stored) {
      core::apply(state, core::State::parse<v1::Record>(stored.bytes), nobody);
      return true;
    });
    EXPECT_TRUE(end);
    state.write_counts();
    return core::state_digest(tables);
  }

  std::vector<v1::Deliver> out_;
};

TEST_F(PauseTest, offers_nothing_and_then_everything_in_order) {
  const auto caf = open("caf-1");
  const auto cpam = open("cpam-1");
  ASSERT_EQ(pause(std::nullopt, now_ + hours(4)), "");
  submit(request('1', 'a'));
  submit(request('2', 'a'));
  submit(request('3', 'b'));
  auto other = envelope("ccas-1", "cpam-1", '4', 'd');
  other.mutable_referral_requested();
  submit(other);
  EXPECT_EQ(given(cpam), "4");
  EXPECT_EQ(given(caf), "");
  now_ += hours(4) - minutes(1);
  EXPECT_EQ(given(caf), "");
  EXPECT_EQ(machine_->state().counts("caf-1").real().queued(), 3U);
  now_ += minutes(1);
  out_.clear();
  EXPECT_EQ(given(caf), "13");
  for (const auto& delivery : out_) EXPECT_EQ(delivery.attempt(), 1U);
  acknowledge(caf, out_[0].delivery_id());
  EXPECT_EQ(given(caf), "2");
}

TEST_F(PauseTest, lets_the_institution_submit_and_settle_what_it_had) {
  const auto caf = open("caf-1");
  submit(request('1', 'a'));
  ASSERT_EQ(given(caf), "1");
  ASSERT_EQ(pause(std::nullopt, now_ + hours(4)), "");
  acknowledge(caf, out_[0].delivery_id());
  auto accepted = envelope("caf-1", "ccas-1", '1', 'a');
  accepted.mutable_referral_accepted();
  submit(accepted);
  const auto frames = turn();
  EXPECT_EQ(frames.at(caf).receipts_size(), 1);
  EXPECT_EQ(machine_->state().counts("caf-1").real().delivered(), 1U);
}

TEST_F(PauseTest, counts_no_loss_when_the_adapter_is_stopped) {
  for (char c = '1'; c <= '4'; ++c) submit(request(c, c));
  turn();
  for (std::uint32_t i = 0; i + 1 < Dispatcher::kLossesMax; ++i) {
    ASSERT_EQ(given(open("caf-1")), "1234");
    machine_->session_closed(sessions_.at("caf-1"), now_);
  }
  const auto caf = open("caf-1");
  ASSERT_EQ(given(caf), "1234");
  ASSERT_EQ(pause(std::nullopt, now_ + days(1)), "");
  machine_->session_closed(caf, now_);  // would be one too many
  EXPECT_EQ(given(open("caf-1")), "");
  EXPECT_EQ(machine_->state().counts("caf-1").real().parked(), 0U);
  ASSERT_EQ(resume(), "");
  EXPECT_EQ(given(sessions_.at("caf-1")), "1234");
}

TEST_F(PauseTest, begins_when_it_was_announced_for_and_ends_by_itself_also_after_a_restart) {
  ASSERT_EQ(pause(now_ + days(2), now_ + days(3)), "");
  EXPECT_FALSE(machine_->state().paused("caf-1"));
  const auto caf = open("caf-1");
  submit(request('1', 'a'));
  EXPECT_EQ(given(caf), "1");
  boot();
  now_ += days(2);
  machine_->pass_time(now_, 100);
  EXPECT_TRUE(machine_->state().paused("caf-1"));
  turn();
  boot();
  EXPECT_TRUE(machine_->state().paused("caf-1"));
  EXPECT_EQ(given(open("caf-1")), "");
  now_ += days(1);
  EXPECT_EQ(given(sessions_.at("caf-1")).substr(0, 1), "1");
  EXPECT_FALSE(machine_->state().pause("caf-1"));
  EXPECT_EQ(replayed(), core::state_digest(journal::OverlayTables(store_, 0)));
}

TEST_F(PauseTest, ends_earlier_when_told_and_no_timer_is_left) {
  ASSERT_EQ(pause(now_ + days(1), now_ + days(2)), "");
  ASSERT_EQ(resume(), "");
  EXPECT_EQ(resume(), "pause.none");
  EXPECT_EQ(machine_->next_due(), base::Instant::max());
  ASSERT_EQ(pause(std::nullopt, now_ + days(2)), "");
  ASSERT_EQ(resume(), "");
  EXPECT_EQ(machine_->next_due(), base::Instant::max());
  turn();
  EXPECT_EQ(replayed(), core::state_digest(journal::OverlayTables(store_, 0)));
}

TEST_F(PauseTest, gets_another_end_but_is_never_longer_than_it_may_be) {
  const auto began = now_;
  ASSERT_EQ(pause(std::nullopt, now_ + days(1)), "");
  now_ += hours(20);
  EXPECT_EQ(pause(now_ + hours(1), now_ + days(1)), "pause.has_begun");
  EXPECT_EQ(pause(std::nullopt, began + days(7) + minutes(1)), "pause.too_long");
  ASSERT_EQ(pause(std::nullopt, began + days(7)), "");
  EXPECT_EQ(base::from_ms(machine_->state().pause("caf-1")->from_ms()), began);
  EXPECT_EQ(machine_->next_due(), began + days(7));
  // An announced one is replaced as a whole.
  ASSERT_EQ(pause(now_ + days(10), now_ + days(11), "cpam-1"), "");
  ASSERT_EQ(pause(now_ + days(20), now_ + days(27), "cpam-1"), "");
  EXPECT_EQ(base::from_ms(machine_->state().pause("cpam-1")->from_ms()), now_ + days(20));
}

TEST_F(PauseTest, refuses_what_makes_no_sense) {
  EXPECT_EQ(pause(std::nullopt, now_ + hours(1), "nobody"), "not.found");
  EXPECT_EQ(resume("nobody"), "not.found");
  EXPECT_EQ(resume(), "pause.none");
  EXPECT_EQ(pause(now_ - minutes(1), now_ + hours(1)), "pause.in_the_past");
  EXPECT_EQ(pause(std::nullopt, now_), "pause.in_the_past");
  EXPECT_EQ(pause(now_ + hours(2), now_ + hours(1)), "pause.times");
  EXPECT_EQ(pause(now_ + hours(2), now_ + hours(2)), "pause.times");
  EXPECT_EQ(pause(std::nullopt, now_ + days(7) + minutes(1)), "pause.too_long");
  EXPECT_EQ(pause(now_ + days(1), now_ + days(8) + minutes(1)), "pause.too_long");
  EXPECT_EQ(code_of(machine_->operated(core::PauseInstitution{{"me", ""}, "caf-1", {}, now_ + hours(1)}, now_)),
            "operator.reason_missing");
  EXPECT_EQ(code_of(machine_->operated(core::ResumeInstitution{{"", "why"}, "caf-1"}, now_)),
            "operator.reason_missing");
}

TEST_F(PauseTest, stops_no_deadline) {
  open("caf-1");
  ASSERT_EQ(pause(std::nullopt, now_ + days(7)), "");
  submit(request('1', 'a'));
  turn();
  const auto before = referral('1').deadline_ms();
  ASSERT_LT(before, base::to_ms(now_ + days(7)));
  now_ = base::from_ms(before);
  machine_->pass_time(now_, 100);
  const auto frames = turn();
  EXPECT_TRUE(machine_->state().paused("caf-1"));
  EXPECT_EQ(referral('1').status(), v1::REFERRAL_STATUS_EXPIRED);
  // Who asked learns of it in time, and can turn elsewhere.
  ASSERT_TRUE(frames.contains(sessions_.at("ccas-1")));
  const auto told = core::State::parse<v1::Envelope>(frames.at(sessions_.at("ccas-1")).deliveries(0).envelope());
  EXPECT_TRUE(told.has_referral_expired());
}

}  // namespace
}  // namespace relais::engine
