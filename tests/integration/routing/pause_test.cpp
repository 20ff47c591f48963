// A pause outlasts the broker's sudden end: a real relaisd, real adapters, and relaisctl.
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "broker/base/time_text.h"
#include "relais_paths.h"
#include "tests/integration/routing/desk.h"
#include "tests/support/real_network.h"
#include "tests/support/run_program.h"

namespace relais::tests {
namespace {

using nlohmann::json;
using std::chrono::hours;

class PausedInstitution : public testing::Test {
 protected:
  PausedInstitution() {
    ccas_ = adapter("ccas-25056", at_ccas_);
    caf_ = adapter("caf-25", at_caf_);
    EXPECT_TRUE(ccas_->wait_for_network(kPatience));
    EXPECT_TRUE(caf_->wait_for_network(kPatience));
  }

  std::unique_ptr<sdk::Adapter> adapter(const std::string& institution, Desk& desk) {
    const auto file = net_.write(institution + "/adapter.toml", net_.adapter_settings(institution, institution));
    auto read = sdk::read_config(file, [](base::TableReader&, const std::filesystem::path&) {});
    EXPECT_TRUE(read.faults.empty());
    auto made = std::make_unique<sdk::Adapter>(std::move(read.config), desk, clock_);
    EXPECT_TRUE(made->start());
    return made;
  }

  /// What relaisctl answers; an empty object where it refuses.
  json control(const std::string& words) {
    const auto run = run_program(
        fmt::format("'{}/relaisctl' --json {} --data '{}/broker/data'", RELAIS_BIN, words, net_.folder().string()));
    return run.exit_code == 0 ? json::parse(run.output) : json::object();
  }

  [[nodiscard]] std::string at(std::chrono::milliseconds ahead) const {
    return base::date_time_text(clock_.now() + ahead);
  }

  /// A new referral of the CCAS, or another word about one.
  void submit(const sdk::Draft& draft) {
    const auto before = at_ccas_.receipts.size();
    ASSERT_TRUE(ccas_->submit(draft));
    ASSERT_TRUE(at_ccas_.wait([&] { return at_ccas_.receipts.size() > before; }));
  }

  static sdk::Draft request(const std::string& referral) {
    sdk::Draft made;
    made.envelope.set_purpose("access_to_rights");
    made.envelope.add_recipients("caf-25");
    made.envelope.set_referral_id(referral);
    made.envelope.mutable_referral_requested();
    v1::Identity identity;
    identity.set_family_name("Exemple-plante");
    sdk::add_content(made, identity);
    return made;
  }

  static sdk::Draft cancellation(const std::string& referral) {
    sdk::Draft made;
    made.envelope.set_referral_id(referral);
    made.envelope.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_SENT_BY_MISTAKE);
    return made;
  }

  base::SystemClock clock_;
  RealNetwork net_;
  Desk at_ccas_;
  Desk at_caf_;
  std::unique_ptr<sdk::Adapter> ccas_;
  std::unique_ptr<sdk::Adapter> caf_;
};

TEST_F(PausedInstitution, is_still_paused_after_a_crash_and_then_gets_everything_once_and_in_order) {
  const auto first = sdk::new_id(), second = sdk::new_id();
  ASSERT_TRUE(control(fmt::format("pause set caf-25 --until \"{}\" --operator test --reason maintenance", at(hours(5))))
                  .contains("position"));
  net_.broker().kill();
  net_.broker().start();
  net_.wait_for_broker();

  submit(request(first));
  submit(cancellation(first));
  submit(request(second));
  // Both adapters have a session with the broker that came back: what is not here in two seconds is held back.
  for (int i = 0; i < 600 && control("status").value("sessions", 0) < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::this_thread::sleep_for(std::chrono::seconds(2));
  ASSERT_EQ(control("status").value("sessions", 0), 2);
  EXPECT_EQ(at_caf_.count(), 0U);
  // The fourth is the SDK's own: the CCAS knows the outcome of what it cancelled.
  auto queue = nlohmann::json::object();
  for (int i = 0; i < 600 && queue.value("queued", 0) < 4; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto answer = control("queues");
    for (const auto& one : answer["queues"])
      if (one["institution"] == "caf-25") queue = one;
  }
  EXPECT_EQ(queue["queued"], 4);
  EXPECT_FALSE(queue["paused_until"].is_null());
  ASSERT_EQ(control("pause list")["pauses"].size(), 1U);

  // Once more with the messages on its disk, and the CAF's adapter away, as in a maintenance.
  net_.broker().kill();
  caf_.reset();
  net_.broker().start();
  net_.wait_for_broker();
  caf_ = adapter("caf-25", at_caf_);
  ASSERT_TRUE(caf_->wait_for_network(kPatience));
  EXPECT_EQ(at_caf_.count(), 0U);

  ASSERT_TRUE(control("pause end caf-25 --operator test --reason done").contains("position"));
  ASSERT_TRUE(at_caf_.wait([&] { return at_caf_.messages.size() >= 4; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ASSERT_EQ(at_caf_.count(), 4U);
  std::vector<std::string> of_first;
  for (const auto& message : at_caf_.messages)
    if (message.envelope.referral_id() == first)
      of_first.emplace_back(message.envelope.has_referral_requested()   ? "requested"
                            : message.envelope.has_referral_cancelled() ? "cancelled"
                                                                        : "outcome acknowledged");
  EXPECT_EQ(of_first, (std::vector<std::string>{"requested", "cancelled", "outcome acknowledged"}));
  EXPECT_TRUE(control("pause list")["pauses"].empty());
  EXPECT_TRUE(control("dead list")["dead_letters"].empty());
  const auto audit = control("audit list");
  EXPECT_EQ(audit["acts"][0]["action"], "institution.resume");
  EXPECT_EQ(audit["acts"][0]["about"], "institution caf-25");
  EXPECT_TRUE(control("pause end caf-25 --operator test --reason again").empty());
}

}  // namespace
}  // namespace relais::tests
