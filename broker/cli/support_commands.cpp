// relaisctl support-bundle: what somebody who helps must know, and nothing that concerns a person or opens a door.
#include <memory>

#include <sys/utsname.h>

#include "broker/base/clock.h"
#include "broker/base/time_text.h"
#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/options.h"
#include "broker/cli/output_file.h"
#include "broker/cli/support_bundle.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct SupportWanted {
  fs::path data;
  fs::path settings;
  fs::path log;
  std::size_t log_lines = 200;
  fs::path to;
};

/// What the running broker says of itself: figures, codes, ids of institutions. Null without a running broker, which is
/// when help is needed most.
SupportJson broker_now(const fs::path& data) {
  const auto client = BrokerClient::of(data);
  // Its address stays where it was when it ends.
  if (!client || !client->text("/health")) return nullptr;
  SupportJson now;
  for (const auto& [key, path] : {std::pair("status", "/api/v1/status"), std::pair("queues", "/api/v1/queues"),
                                  std::pair("dead_letters", "/api/v1/dead-letters/reasons")}) {
    const auto answer = client->get(path);
    now[key] = answer ? SupportJson::parse(answer->dump()) : SupportJson{{"refused", answer.refusal().name()}};
  }
  for (const auto& [key, path] : {std::pair("health", "/health"), std::pair("ready", "/ready")}) {
    const auto answer = client->text(path);
    const auto said = answer ? SupportJson::parse(*answer, nullptr, false) : SupportJson(answer.refusal().name());
    now[key] = said.is_discarded() ? SupportJson("(no JSON)") : said;
  }
  const auto metrics = client->text("/metrics");
  now["metrics"] = metrics ? SupportJson(*metrics) : SupportJson(metrics.refusal().name());
  return now;
}

SupportJson system_now(const fs::path& data) {
  SupportJson system;
  utsname kernel{};
  if (::uname(&kernel) == 0) system["kernel"] = std::string(kernel.release) + " " + kernel.machine;
  std::error_code error;
  const auto space = fs::space(data, error);
  system["disk_bytes"] = error ? SupportJson() : SupportJson(space.capacity);
  system["disk_available_bytes"] = error ? SupportJson() : SupportJson(space.available);
  system["store_is_there"] = fs::exists(data / "store" / "db" / "CURRENT", error);
  return system;
}

int bundle(const SupportWanted& wanted, const Console& console) {
  SupportJson whole{{"format", "relais-support-1"},
                    {"made_at", base::date_time_text(base::SystemClock().now())},
                    {"relaisctl", RELAIS_VERSION},
                    {"system", system_now(wanted.data)},
                    {"broker", broker_now(wanted.data)}};
  if (!wanted.settings.empty()) whole["settings"] = safe_settings(wanted.settings);
  if (!wanted.log.empty()) whole["log"] = safe_log(wanted.log, wanted.log_lines);
  const auto text = whole.dump(1, ' ', false, SupportJson::error_handler_t::replace) + "\n";
  if (const auto written = write_new_file(wanted.to, text); !written) return console.refuse(written.refusal());
  return console.show(Report()
                          .fact("written", "written", wanted.to.string())
                          .fact("bytes", "bytes", text.size())
                          .fact("broker_answered", "the broker answered", !whole["broker"].is_null()));
}

}  // namespace

void add_support_commands(CLI::App& app, Action& action) {
  auto* const command = app.add_subcommand(
      "support-bundle", "write versions, settings, figures and log lines to a file, without persons, keys or paths");
  const auto wanted = std::make_shared<SupportWanted>();
  add_data_option(*command, wanted->data);
  command->add_option("--config", wanted->settings, "settings of relaisd")->type_name("FILE");
  command->add_option("--log", wanted->log, "log of relaisd")->type_name("FILE");
  command->add_option("--lines", wanted->log_lines, "how many of its last lines")->capture_default_str();
  command->add_option("--to", wanted->to, "file that is made")->required()->type_name("FILE");
  command->callback([&action, wanted] { action = [=](const Console& c) { return bundle(*wanted, c); }; });
}

}  // namespace relais::cli
