#include "adapters/http/config.h"

#include <algorithm>
#include <set>

#include "adapters/http/speakers.h"
#include "adapters/mapping/json_document.h"
#include "adapters/sdk/secret_file.h"
#include "adapters/sdk/served_institutions.h"

namespace relais::http {

namespace {

using base::TableReader;
using std::filesystem::path;

constexpr std::chrono::milliseconds kWaitMost{60'000};
constexpr std::chrono::milliseconds kRetryFirstMost{600'000};
constexpr std::chrono::milliseconds kTimeoutMost{300'000};
constexpr std::chrono::milliseconds kToleranceMost{3'600'000};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<mapping::Mapping> load(TableReader& table, const path& folder) {
  const auto file = table.text("mapping");
  if (file.empty()) {
    table.fault("mapping", "mapping", "is missing", "the path of a mapping file");
    return std::nullopt;
  }
  auto loaded = mapping::Mapping::load((folder / file).lexically_normal());
  for (const auto& fault : loaded.faults) table.fault("mapping", "mapping", mapping::text(fault), {});
  return loaded.mapping;
}

Secrets read_secrets(TableReader& table, const path& folder) {
  Secrets secrets;
  const auto files = table.texts("secret_files");
  if (files.empty())
    table.fault("secret_files", "secret_files", "is missing", "files with whsec_ and base64 of 24 to 64 bytes");
  for (const auto& file : files) {
    auto secret = read_webhook_secret((folder / file).lexically_normal());
    if (secret)
      secrets.push_back(std::move(*secret));
    else
      table.fault("secret_files", "secret_files", secret.refusal().english(), "mode 0600, whsec_ and base64");
  }
  return secrets;
}

std::optional<SubmitRule> read_submit(TableReader& table, const path& folder, const std::string& institution) {
  const auto name = table.text("name");
  if (!is_name(name))
    table.fault("name", "name", "is not a name", "1 to 64 lower-case letters, digits, - and _: it stands in the path");
  files::DraftingPolicy drafting;
  drafting.institution = institution;
  drafting.recipients = table.texts("recipients");
  drafting.purpose = table.text("purpose");
  auto mapping = load(table, folder);
  if (!mapping) return std::nullopt;
  if (mapping->in_format() != mapping::Format::json) {
    table.fault("mapping", "mapping", "does not read JSON", "a mapping with [in] of json");
    return std::nullopt;
  }
  drafting.reader = mapping->name();
  return SubmitRule{name, std::move(*mapping), std::move(drafting)};
}

std::vector<StatusRange> statuses(TableReader& table, std::string_view key, std::vector<StatusRange> otherwise) {
  const auto words = table.texts(key);
  if (words.empty()) return otherwise;
  std::vector<StatusRange> ranges;
  for (const auto& word : words) {
    if (const auto range = status_range(word))
      ranges.push_back(*range);
    else
      table.fault(key, key, "holds no status", R"("200" to "599", or "2xx")");
  }
  return ranges;
}

JudgeRule read_judge(TableReader& table) {
  JudgeRule rule;
  rule.success = statuses(table, "success", rule.success);
  rule.refuse = statuses(table, "refuse", {});
  rule.gone = statuses(table, "gone", rule.gone);
  if (auto types = table.texts("failure_types"); !types.empty()) rule.failure_types = std::move(types);
  if (auto condition = table.table("success_if")) {
    rule.success_if = {condition->text("pointer"), condition->texts("is")};
    if (rule.success_if->pointer.empty() || !mapping::is_pointer(rule.success_if->pointer))
      condition->fault("pointer", "pointer", "is not a JSON pointer", "a pointer into the answer, such as /etat");
    if (rule.success_if->is.empty()) condition->fault("is", "is", "is missing", "the values that mean success");
    condition->finish();
  }
  return rule;
}

WebhookConfig read_webhook(TableReader& table, const path& folder) {
  WebhookConfig webhook;
  webhook.poster.target = read_url(table);
  webhook.secrets = read_secrets(table, folder);
  if (const auto file = table.text("bearer_file"); !file.empty()) {
    if (auto bearer = sdk::read_secret_line((folder / file).lexically_normal()))
      webhook.bearer = std::move(*bearer);
    else
      table.fault("bearer_file", "bearer_file", bearer.refusal().english(), "a file of mode 0600 with the token");
  }
  webhook.poster.ca_file = read_ca_file(table, folder);
  read_duration(table, "timeout", webhook.poster.timeout, kTimeoutMost, "at most 5m");
  read_duration(table, "retry_first", webhook.retry_first, kRetryFirstMost,
                "at most 10m; later pauses grow to an hour");
  webhook.judge = read_judge(table);
  webhook.reference = table.text("reference");
  if (!webhook.reference.empty() && !mapping::is_pointer(webhook.reference))
    table.fault("reference", "reference", "is not a JSON pointer", "a pointer into the answer, such as /numero");
  table.finish();
  return webhook;
}

void read_receive(TableReader& table, const path& folder, ExchangeConfig& exchange) {
  auto receive = table.table("receive");
  if (!receive) return;
  exchange.receive = load(*receive, folder);
  if (exchange.receive && exchange.receive->out_format() != mapping::Format::json)
    receive->fault("mapping", "mapping", "does not write JSON", "a mapping with [out] of json");
  receive->finish();
}

ExchangeConfig read_exchange(TableReader& table, const path& folder) {
  ExchangeConfig exchange;
  exchange.institution = table.text("institution");
  if (exchange.institution.empty())
    table.fault("institution", "institution", "is missing", "the id of an institution that this adapter serves");
  exchange.tokens = read_tokens(table, folder);
  if (const auto read = table.duration("remember_for"); read != 0) {
    exchange.remember_for = std::chrono::milliseconds(read);
    if (exchange.remember_for < std::chrono::hours(24))
      table.fault("remember_for", "remember_for", "is too short", "at least 1d: repeated requests are told by it");
  }
  std::set<std::string> names;
  table.tables("submit", "submit", [&](TableReader& submit, int) {
    auto rule = read_submit(submit, folder, exchange.institution);
    if (rule && !names.insert(rule->name).second)
      submit.fault("name", "name", "stands twice", "a name of its own for each [[exchange.submit]]");
    if (rule) exchange.submits.push_back(std::move(*rule));
  });
  table.tables("hook", "hook", [&](TableReader& hook, int) {
    auto rule = read_submit(hook, folder, exchange.institution);
    auto secrets = read_secrets(hook, folder);
    std::chrono::milliseconds tolerance = std::chrono::minutes(5);
    read_duration(hook, "tolerance", tolerance, kToleranceMost, "at most 1h");
    if (rule) exchange.hooks.push_back({std::move(*rule), std::move(secrets), tolerance});
  });
  read_receive(table, folder, exchange);
  if (auto webhook = table.table("webhook")) exchange.webhook = read_webhook(*webhook, folder);
  return exchange;
}

GatewayConfig read_gateway(TableReader& table, const path& folder) {
  GatewayConfig gateway{read_server(table, folder)};
  read_duration(table, "wait_most", gateway.wait_most, kWaitMost, "at most 60s");
  table.finish();
  return gateway;
}

}  // namespace

Config read_config(TableReader& whole, const path& folder) {
  Config config;
  if (auto table = whole.table("http")) config.gateway = read_gateway(*table, folder);
  Speakers speakers;
  std::set<std::string> hooks;
  whole.tables("exchange", "exchange", [&](TableReader& table, int) {
    config.exchanges.push_back(read_exchange(table, folder));
    const auto& exchange = config.exchanges.back();
    speakers.add(table, exchange.institution, exchange.tokens);
    for (const auto& hook : exchange.hooks)
      if (!hooks.insert(hook.submit.name).second)
        table.fault("hook", "hook", "has a name that stands twice",
                    "names of [[exchange.hook]] differ in the whole file");
  });
  if (config.exchanges.empty()) whole.fault("exchange", "exchange", "is missing", "at least one table [[exchange]]");
  return config;
}

base::Status fit_to(const sdk::AdapterConfig& adapter, Config& config) {
  for (auto& exchange : config.exchanges) exchange.own_receipts = !adapter.automatic_receipts;
  return sdk::exchanges_fit(adapter, config.exchanges);
}

}  // namespace relais::http
