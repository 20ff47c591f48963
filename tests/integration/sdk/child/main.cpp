// An adapter for tests: submits some requests, writes down what it is told, and dies by SIGKILL at one chosen instant.
//
// Table [child]: `ledger`, a file to which lines are added; `submit`, how many requests to caf-25; `pause_ms` between
// them; `die`:
//   submitted  once submit() has returned for all of them
//   receipt    when the broker's first receipt is here, before anything noted it
//   delivery   when the first request reached the handler, before its effect
//   effect     after that effect, before the message is noted as handled
//   noted      once it is noted as handled; the handler waits for the file `ledger`.go before it answers
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/sdk/run_adapter.h"
#include "broker/base/check.h"

namespace relais {
namespace {

constexpr auto kLook = std::chrono::milliseconds(2);

struct Settings {
  std::string ledger;
  std::string die;
  std::int64_t submit = 0;
  std::int64_t pause_ms = 0;
};

/// What was written is there after the process was killed.
class Ledger {
 public:
  explicit Ledger(std::string path)
      : path_(std::move(path)), file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
    base::check(file_ >= 0, "the ledger can be written");
  }

  void add(const std::string& line) const {
    const auto whole = line + "\n";
    base::check(::write(file_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()), "a line is written");
  }

  [[nodiscard]] bool has(const std::string& wanted) const {
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);)
      if (line == wanted) return true;
    return false;
  }

  [[nodiscard]] bool may_go() const { return std::filesystem::exists(path_ + ".go"); }

 private:
  std::string path_;
  int file_;
};

class Child final : public sdk::Connector {
 public:
  explicit Child(Settings settings) : settings_(std::move(settings)), ledger_(settings_.ledger) {}

  base::Status start(sdk::Adapter& adapter) override {
    thread_ = std::jthread([this, &adapter](const std::stop_token& stop) { work(adapter, stop); });
    return base::Done{};
  }
  void stop() override { thread_ = {}; }

  sdk::Verdict on_message(const sdk::Incoming& message) override {
    const bool is_news = message.envelope.has_referral_requested() || message.envelope.has_announcement_made();
    if (!is_news) return sdk::Verdict::handled();
    const auto id = base::id_text(message.envelope.message_id());
    die_at("delivery");
    const auto effect = fmt::format("effect {} {}", id, message.position);
    if (message.maybe_repeated) ledger_.add("repeated " + id);
    if (!message.maybe_repeated || !ledger_.has(effect)) ledger_.add(effect);
    die_at("effect");
    while (settings_.die == "noted" && !ledger_.may_go()) std::this_thread::sleep_for(kLook);
    return sdk::Verdict::handled({{"noted", id}});
  }
  void on_receipt(const base::MessageId& message, std::uint64_t position) override {
    const auto id = base::id_text(message.bytes());
    while (settings_.die == "receipt" && !ledger_.has("submitted " + id)) std::this_thread::sleep_for(kLook);
    die_at("receipt");
    ledger_.add(fmt::format("receipt {} {}", id, position));
  }
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override {
    ledger_.add(fmt::format("refused {} {}", base::id_text(message.bytes()), refusal.code()));
  }

 private:
  void die_at(std::string_view instant) const {
    if (settings_.die == instant) ::raise(SIGKILL);
  }

  void work(sdk::Adapter& adapter, const std::stop_token& stop) {
    while (!adapter.wait_for_network(std::chrono::milliseconds(100)))
      if (stop.stop_requested()) return;
    ledger_.add("network");
    for (std::int64_t i = 0; i < settings_.submit && !stop.stop_requested(); ++i) {
      sdk::Draft draft;
      draft.envelope.add_recipients("caf-25");
      draft.envelope.set_purpose("access_to_rights");
      draft.envelope.mutable_referral_requested();
      const auto id = adapter.submit(draft);
      base::check(id.ok(), "a draft can be submitted");
      ledger_.add("submitted " + base::id_text(id->bytes()));
      std::this_thread::sleep_for(std::chrono::milliseconds(settings_.pause_ms));
    }
    if (settings_.submit > 0) die_at("submitted");
    bool told = false;
    while (!stop.stop_requested()) {
      if (adapter.store().get("noted")) die_at("noted");
      if (!told && adapter.health().repeated > 0) {
        ledger_.add("acknowledged-again");
        told = true;
      }
      std::this_thread::sleep_for(kLook);
    }
  }

  Settings settings_;
  Ledger ledger_;
  std::jthread thread_;
};

}  // namespace
}  // namespace relais

int main(int argc, char** argv) {
  using namespace relais;
  Settings settings;
  sdk::Program program;
  program.name = "sdk-child";
  program.summary = "An adapter that is killed, for tests.";
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path&) {
    auto table = whole.table("child");
    if (!table) return;
    settings.ledger = table->text("ledger");
    settings.die = table->text("die");
    settings.submit = table->integer("submit", 0);
    settings.pause_ms = table->integer("pause_ms", 0);
    table->finish();
  };
  program.make = [&](const sdk::AdapterConfig&) -> base::Result<std::unique_ptr<sdk::Connector>> {
    return std::unique_ptr<sdk::Connector>(std::make_unique<Child>(settings));
  };
  return sdk::run_adapter(argc, argv, program);
}
