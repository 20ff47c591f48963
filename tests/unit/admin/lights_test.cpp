#include "broker/admin/lights.h"

#include <gtest/gtest.h>

#include "broker/admin/json.h"

namespace relais::admin {
namespace {

using nlohmann::json;

constexpr base::Instant kNow = base::from_ms(1'800'000'000'000);

v1::Institution with_keys(std::int64_t valid_until_ms) {
  v1::Institution institution;
  for (auto* keys :
       {institution.mutable_transport_keys(), institution.mutable_signing_keys(), institution.mutable_sealing_keys()})
    keys->Add()->set_valid_until_ms(valid_until_ms);
  return institution;
}

constexpr base::Milliseconds kSilentAfter = std::chrono::hours(4);

json light(const engine::QueueReport& report, const v1::Institution& institution, const Presence& presence) {
  return light_of(report, institution, presence, kSilentAfter, kNow);
}

/// The last adapter, when none is there, went a minute ago.
std::string colour(const engine::QueueReport& report, const v1::Institution& institution, std::size_t connected) {
  return light(report, institution, {connected, kNow - std::chrono::minutes(1)})["colour"];
}

TEST(Lights, are_green_when_nothing_is_wrong) {
  const auto shown = light({}, with_keys(0), {1, {}});
  EXPECT_EQ(shown["colour"], "green");
  EXPECT_TRUE(shown["reasons"].empty());
}

TEST(Lights, are_red_when_no_adapter_has_been_there_for_the_time_that_is_set) {
  const auto gone = kNow - kSilentAfter;
  const auto shown = light({}, with_keys(0), {0, gone});
  EXPECT_EQ(shown["colour"], "red");
  ASSERT_EQ(shown["reasons"].size(), 1u);
  EXPECT_EQ(shown["reasons"][0]["code"], "silent");
  EXPECT_EQ(shown["reasons"][0]["since"], iso_time(gone));
  EXPECT_EQ(light({}, with_keys(0), {0, gone + base::Milliseconds(1)})["reasons"][0]["code"], "no_adapter");
  EXPECT_EQ(light({}, with_keys(0), {1, gone})["colour"], "green");
}

TEST(Lights, are_red_when_messages_wait_and_nobody_is_there_to_take_them) {
  engine::QueueReport report;
  EXPECT_EQ(colour(report, with_keys(0), 0), "amber");
  report.counts.mutable_real()->set_queued(1);
  EXPECT_EQ(colour(report, with_keys(0), 0), "red");
  EXPECT_EQ(colour(report, with_keys(0), 1), "green");
}

TEST(Lights, change_with_the_age_of_the_oldest) {
  engine::QueueReport report;
  report.oldest = kNow - std::chrono::minutes(14);
  EXPECT_EQ(colour(report, with_keys(0), 1), "green");
  report.oldest = kNow - std::chrono::minutes(15);
  EXPECT_EQ(colour(report, with_keys(0), 1), "amber");
  report.oldest = kNow - std::chrono::hours(1);
  EXPECT_EQ(colour(report, with_keys(0), 1), "red");
}

TEST(Lights, warn_of_dead_letters_but_not_of_those_of_an_exercise) {
  engine::QueueReport report;
  report.counts.mutable_exercise()->set_dead(5);
  EXPECT_EQ(colour(report, with_keys(0), 1), "green");
  report.counts.mutable_real()->set_dead(1);
  EXPECT_EQ(colour(report, with_keys(0), 1), "amber");
}

TEST(Lights, warn_a_month_before_the_last_key_ends_and_stand_on_red_after) {
  const auto at = [](auto in) { return base::to_ms(kNow + in); };
  EXPECT_EQ(colour({}, with_keys(at(std::chrono::days(31))), 1), "green");
  EXPECT_EQ(colour({}, with_keys(at(std::chrono::days(29))), 1), "amber");
  EXPECT_EQ(colour({}, with_keys(at(std::chrono::days(0))), 1), "red");
  auto rotated = with_keys(at(std::chrono::days(2)));
  for (auto* keys : {rotated.mutable_transport_keys(), rotated.mutable_signing_keys(), rotated.mutable_sealing_keys()})
    keys->Add();
  EXPECT_EQ(colour({}, rotated, 1), "green");
}

TEST(IsoTime, is_read_as_it_is_written) {
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'800'000'000'123}})
    EXPECT_EQ(parse_iso_time(iso_time(base::from_ms(ms))), base::from_ms(ms));
  for (const char* wrong : {"", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T00:00:00",
                            "2026-01-31T00:00:00.12Z", "2026-01-31T00:00:00+01:0", "x026-01-31T00:00:00Z"})
    EXPECT_FALSE(parse_iso_time(wrong)) << wrong;
}

}  // namespace
}  // namespace relais::admin
