// A real relaisd, a host that publishes, and four adapters of one guest that all want the same few places.
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/slots.h"
#include "relais_paths.h"
#include "tests/support/real_network.h"
#include "tests/support/run_program.h"

namespace relais::tests {
namespace {

constexpr int kAdapters = 4;
constexpr int kAttempts = 1'000;
constexpr std::uint32_t kPlaces = 7;
constexpr auto kPatience = std::chrono::minutes(4);
constexpr std::int64_t kHour = 3'600'000;

/// Remembers what became of each message.
class Memory final : public sdk::Handler {
 public:
  sdk::Verdict on_message(const sdk::Incoming& message) override {
    const std::lock_guard lock(mutex_);
    ++heard_[message.envelope.body_case()];
    return sdk::Verdict::handled();
  }
  void on_receipt(const base::MessageId& message, std::uint64_t) override { note(message, "receipt"); }
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override {
    note(message, refusal.code());
  }

  std::string fate_of(const base::MessageId& message) {
    const std::lock_guard lock(mutex_);
    return fates_[std::string(message.bytes())];
  }
  std::map<std::string, int> fates() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> counted;
    for (const auto& [id, fate] : fates_) ++counted[fate];
    return counted;
  }
  std::size_t answered() {
    const std::lock_guard lock(mutex_);
    return fates_.size();
  }
  int heard(v1::Envelope::BodyCase body) {
    const std::lock_guard lock(mutex_);
    return heard_[body];
  }

 private:
  void note(const base::MessageId& message, const std::string& fate) {
    const std::lock_guard lock(mutex_);
    fates_[std::string(message.bytes())] = fate;
  }
  std::mutex mutex_;
  std::map<std::string, std::string> fates_;
  std::map<v1::Envelope::BodyCase, int> heard_;
};

class Institution {
 public:
  Institution(const RealNetwork& network, const std::string& id, int key) {
    const auto name = fmt::format("{}-{}", id, key);
    const auto file = network.write(name + "/adapter.toml", network.adapter_settings(name, id, {}, key));
    auto read = sdk::read_config(file, [](base::TableReader&, const std::filesystem::path&) {});
    EXPECT_TRUE(read.faults.empty()) << name;
    adapter_ = std::make_unique<sdk::Adapter>(std::move(read.config), memory_, clock_);
    const auto started = adapter_->start();
    EXPECT_TRUE(started) << name;
    EXPECT_TRUE(adapter_->wait_for_network(kPatience));
  }
  ~Institution() { adapter_->stop(); }

  sdk::Adapter& adapter() { return *adapter_; }
  Memory& memory() { return memory_; }

 private:
  base::SystemClock clock_;
  Memory memory_;
  std::unique_ptr<sdk::Adapter> adapter_;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

v1::Slot slot(const std::string& id, int hours, std::uint32_t capacity) {
  v1::Slot slot;
  slot.set_slot_id(id);
  slot.set_start_ms((base::to_ms(base::SystemClock().now()) / kHour + hours) * kHour);
  slot.set_end_ms(slot.start_ms() + kHour);
  slot.set_capacity(capacity);
  return slot;
}

v1::SlotsQuery query() {
  v1::SlotsQuery query;
  query.set_purpose("access_to_rights");
  query.set_host("caf-25");
  return query;
}

/// A referral of its own for each attempt, so that no order of a case holds one behind the other.
std::vector<sdk::Draft> attempts(const v1::Slot& wanted, int count) {
  std::vector<sdk::Draft> drafts;
  for (int i = 0; i < count; ++i) {
    auto& request = drafts.emplace_back().envelope;
    request.add_recipients("caf-25");
    request.set_purpose("access_to_rights");
    request.set_referral_id(sdk::new_id());
    request.set_case_id(sdk::new_id());
    request.mutable_referral_requested();
    v1::Envelope booking;
    booking.set_referral_id(request.referral_id());
    booking.set_appointment_id(sdk::new_id());
    *booking.mutable_appointment_booked()->mutable_meeting() = sdk::meeting_in(wanted);
    drafts.emplace_back().envelope = booking;
  }
  return drafts;
}

TEST(Slots, of_a_real_broker_are_published_found_and_never_given_to_more_than_they_hold) {
  const RealNetwork network(kAdapters);
  Institution host(network, "caf-25", 1);
  std::vector<std::unique_ptr<Institution>> guests;
  for (int i = 1; i <= kAdapters; ++i) guests.push_back(std::make_unique<Institution>(network, "ccas-25056", i));

  const std::vector<v1::Slot> slots{slot("workshop", 48, kPlaces), slot("morning", 24, 1)};
  for (const auto& draft : sdk::publish_slots("access_to_rights", slots)) {
    const auto id = host.adapter().submit(draft);
    ASSERT_TRUE(id) << id.refusal().english();
    ASSERT_TRUE(comes_true([&] { return !host.memory().fate_of(*id).empty(); }));
    ASSERT_EQ(host.memory().fate_of(*id), "receipt");
  }
  const auto found = guests[0]->adapter().slots(query());
  ASSERT_TRUE(found) << found.refusal().english();
  ASSERT_EQ(found->slots_size(), 2);
  EXPECT_EQ(found->slots(0).slot().slot_id(), "morning") << "soonest first";
  EXPECT_EQ(found->slots(1).free(), kPlaces);
  const auto workshop = found->slots(1).slot();

  {
    std::vector<std::jthread> racing;
    for (auto& guest : guests)
      racing.emplace_back([&] {
        const auto drafts = attempts(workshop, kAttempts / kAdapters);
        const auto done = guest->adapter().submit(drafts);
        EXPECT_TRUE(done) << done.refusal().english();
      });
  }
  std::map<std::string, int> fates;
  for (auto& guest : guests) {
    ASSERT_TRUE(comes_true([&] { return guest->memory().answered() >= 2 * kAttempts / kAdapters; }));
    for (const auto& [fate, count] : guest->memory().fates()) fates[fate] += count;
  }
  const std::map<std::string, int> expected{{"receipt", kAttempts + static_cast<int>(kPlaces)},
                                            {"slot.full", kAttempts - static_cast<int>(kPlaces)}};
  EXPECT_EQ(fates, expected);

  const auto after = guests[1]->adapter().slots(query());
  ASSERT_TRUE(after) << after.refusal().english();
  ASSERT_EQ(after->slots_size(), 1);
  EXPECT_EQ(after->slots(0).slot().slot_id(), "morning");
  EXPECT_TRUE(comes_true([&] {
    return host.memory().heard(v1::Envelope::kAppointmentBooked) == static_cast<int>(kPlaces);
  })) << host.memory().heard(v1::Envelope::kAppointmentBooked);

  const auto listed = run_program(
      fmt::format("'{}/relaisctl' --json slots caf-25 --data '{}/broker/data'", RELAIS_BIN, network.folder().string()));
  ASSERT_EQ(listed.exit_code, 0) << listed.output;
  const auto shown = nlohmann::json::parse(listed.output).at("slots");
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[1].at("slot_id"), "workshop");
  EXPECT_EQ(shown[1].at("taken"), kPlaces);
  EXPECT_EQ(shown[1].at("free"), 0);
  EXPECT_EQ(shown[0].at("free"), 1);
  const auto unknown = run_program(
      fmt::format("'{}/relaisctl' slots msa-25 --data '{}/broker/data' 2>&1", RELAIS_BIN, network.folder().string()));
  EXPECT_EQ(unknown.exit_code, 1) << unknown.output;
}

}  // namespace
}  // namespace relais::tests
