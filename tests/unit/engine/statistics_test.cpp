// Digest, indicators and statements, from a journal that a machine wrote.
#include "broker/engine/digest.h"
#include "broker/engine/indicators.h"
#include "broker/engine/statement.h"
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

class StatisticsTest : public MachineTest {
 protected:
  void SetUp() override {
    auto network = simulation::territory(1);
    for (auto& agreement : *network.mutable_agreements())
      if (agreement.id() == "caf-1.ccas-1") agreement.set_unit_price_cents(1'250);
    now_ = day_of("2026-03-02")->begin + std::chrono::hours(9);
    apply_network(network);
    for (const auto& institution : simulation::kInstitutions) open(institution);
  }

  template <class Fill>
  void say(const std::string& from, const std::string& to, char referral, Fill fill, bool exercise = false) {
    auto message = envelope(from, to, referral, referral);
    message.set_exercise(exercise);
    fill(message);
    ASSERT_EQ(refusal_of(message), "accepted");
  }

  void ask(const std::string& to, char referral, const std::string& commune, bool exercise = false) {
    say(
        "ccas-1", to, referral, [&](auto& e) { e.mutable_referral_requested()->set_commune(commune); }, exercise);
  }

  void complete(const std::string& host, char referral, v1::Outcome outcome, bool exercise = false) {
    say(
        host, "ccas-1", referral, [](auto& e) { e.mutable_referral_accepted(); }, exercise);
    say(
        host, "ccas-1", referral, [&](auto& e) { e.mutable_referral_completed()->set_outcome(outcome); }, exercise);
  }
};

TEST_F(StatisticsTest, a_statement_holds_what_was_completed_under_its_agreement_in_the_period) {
  ask("caf-1", 'a', "25056");
  complete("caf-1", 'a', v1::OUTCOME_CONNECTED);
  ask("cpam-1", 'b', "25056");
  complete("cpam-1", 'b', v1::OUTCOME_CONNECTED);
  ask("caf-1", 'x', "25056", true);
  complete("caf-1", 'x', v1::OUTCOME_CONNECTED, true);
  ask("caf-1", 'c', "25056");
  now_ = day_of("2026-03-03")->begin;
  complete("caf-1", 'c', v1::OUTCOME_NOT_REACHABLE);
  const auto first_day = statement(store_, "caf-1.ccas-1", *day_of("2026-03-02"));
  ASSERT_TRUE(first_day);
  ASSERT_EQ(first_day->lines.size(), 1u);
  EXPECT_EQ(first_day->lines[0].referral_id, std::string(16, 'a'));
  EXPECT_EQ(first_day->lines[0].from, "ccas-1");
  EXPECT_EQ(first_day->total_cents(), 1'250);
  const auto both = statement(store_, "caf-1.ccas-1", {day_of("2026-03-02")->begin, day_of("2026-03-03")->end});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->lines.size(), 2u);
  EXPECT_EQ(both->lines[1].outcome, v1::OUTCOME_NOT_REACHABLE);
  EXPECT_EQ(statement(store_, "caf-1.nobody", *day_of("2026-03-02")).refusal().name(), "not.found");
}

TEST_F(StatisticsTest, a_digest_counts_the_events_of_its_day) {
  ask("caf-1", 'a', "25056");
  ask("caf-1", 'b', "25056");
  ask("caf-1", 'x', "25056", true);
  say("caf-1", "ccas-1", 'a', [](auto& e) { e.mutable_referral_accepted(); });
  say("caf-1", "ccas-1", 'b',
      [](auto& e) { e.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY); });
  now_ = day_of("2026-03-04")->begin + std::chrono::hours(2);
  machine_->pass_time(now_, 100);
  turn();
  const auto lines = digest(store_, *day_of("2026-03-02"));
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), simulation::kInstitutions.size());
  EXPECT_EQ((*lines)[0].institution, "ccas-1");
  EXPECT_EQ((*lines)[0].requested, 2u);
  EXPECT_EQ((*lines)[1].received, 2u);
  EXPECT_EQ((*lines)[1].accepted, 1u);
  EXPECT_EQ((*lines)[1].rejected, 1u);
  EXPECT_EQ((*lines)[1].deadlines_missed, 0u);
  const auto later = digest(store_, *day_of("2026-03-04"));
  ASSERT_TRUE(later);
  EXPECT_EQ((*later)[1].deadlines_missed, 1u) << "to complete what it accepted";
  EXPECT_EQ((*later)[0].deadlines_missed, 1u) << "to take note of the rejection";
}

TEST_F(StatisticsTest, indicators_tell_the_month_as_it_ended_and_leave_small_groups_out) {
  for (char referral = 'a'; referral < 'a' + 24; ++referral) {
    ask("caf-1", referral, "25056");
    if (referral < 'a' + 12) complete("caf-1", referral, v1::OUTCOME_CONNECTED);
  }
  ask("cpam-1", 'A', "25388");
  now_ = month_of("2026-03")->end;
  const auto month = indicators(store_, *month_of("2026-03"));
  ASSERT_TRUE(month);
  ASSERT_EQ(month->size(), 3u);
  const auto& by_agreement = (*month)[0];
  ASSERT_EQ(by_agreement.groups.size(), 2u);
  const auto& caf = by_agreement.groups[0];
  EXPECT_EQ(caf.name, "caf-1.ccas-1");
  EXPECT_EQ(caf.referrals[1], 12u);
  EXPECT_EQ(caf.referrals[3], 0u);
  ASSERT_TRUE(caf.to_decision.has_value());
  const auto& cpam = by_agreement.groups[1];
  EXPECT_FALSE(cpam.referrals_total.has_value());
  EXPECT_FALSE(cpam.referrals[0].has_value());
  EXPECT_FALSE(cpam.to_decision.has_value());
  EXPECT_FALSE(caf.referrals[0].has_value() && by_agreement.total.referrals[0].has_value())
      << "the one of the CPAM would follow by subtraction";
  for (const auto& breakdown : *month)
    EXPECT_EQ(breakdown.total.referrals[0].has_value(), by_agreement.total.referrals[0].has_value())
        << "a total that one breakdown hides, another does not show";
  complete("caf-1", 'm', v1::OUTCOME_CONNECTED);
  const auto again = indicators(store_, *month_of("2026-03"));
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)[0].groups[0].referrals[1], 12u) << "what came after the month changes nothing";
}

TEST(Period, days_and_months_are_those_of_paris) {
  EXPECT_EQ(base::to_ms(day_of("2026-03-29")->end) - base::to_ms(day_of("2026-03-29")->begin), 23 * 3'600'000);
  EXPECT_EQ(month_of("2026-12")->end, day_of("2026-12-31")->end);
  for (const auto* text : {"", "2026", "2026-13", "2026-1", "26-01-01", "abcd-ef"})
    EXPECT_FALSE(month_of(text)) << text;
  for (const auto* text : {"2026-02-30", "2026-02-00", "2026-02", "2026/02/01", "2026-02-1x"})
    EXPECT_FALSE(day_of(text)) << text;
}

}  // namespace
}  // namespace relais::engine
