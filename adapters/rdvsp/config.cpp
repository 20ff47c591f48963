#include "adapters/rdvsp/config.h"

#include <algorithm>

#include "adapters/http/speakers.h"
#include "adapters/sdk/secret_file.h"
#include "adapters/sdk/served_institutions.h"

namespace relais::rdvsp {

namespace {

using base::TableReader;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::filesystem::path;

constexpr std::size_t kSecretBytesLeast = 16;
constexpr std::size_t kNumberBytesMost = 18;

std::string needed(TableReader& table, std::string_view key, std::string allowed) {
  auto text = table.text(key);
  if (text.empty()) table.fault(key, key, "is missing", std::move(allowed));
  return text;
}

std::vector<std::string> read_secrets(TableReader& table, const path& folder) {
  std::vector<std::string> secrets;
  const auto files = table.texts("secret_files");
  if (files.empty())
    table.fault("secret_files", "secret_files", "is missing", "files with the webhook's shared secret");
  for (const auto& file : files) {
    auto secret = sdk::read_secret_line((folder / file).lexically_normal());
    if (!secret)
      table.fault("secret_files", "secret_files", secret.refusal().english(), "a file of mode 0600 with the secret");
    else if (secret->size() < kSecretBytesLeast)
      table.fault("secret_files", "secret_files", "holds a secret that is too short", "at least 16 characters");
    else
      secrets.push_back(std::move(*secret));
  }
  return secrets;
}

std::optional<mapping::Mapping> read_mapping(TableReader& table, const path& folder) {
  const auto file = needed(table, "mapping", "the path of a mapping file");
  if (file.empty()) return std::nullopt;
  auto loaded = mapping::Mapping::load((folder / file).lexically_normal());
  for (const auto& fault : loaded.faults) table.fault("mapping", "mapping", mapping::text(fault), {});
  if (!loaded.mapping) return std::nullopt;
  if (loaded.mapping->in_format() != mapping::Format::json)
    table.fault("mapping", "mapping", "does not read JSON", "a mapping with [in] of json: an appointment");
  if (loaded.mapping->out_format() != mapping::Format::json ||
      !loaded.mapping->writes(v1::Envelope::kReferralRequested))
    table.fault("mapping", "mapping", "does not write a person as JSON",
                "a mapping with [out] of json and a record for referral_requested");
  return loaded.mapping;
}

std::vector<std::string> read_organisations(TableReader& table) {
  auto numbers = table.texts("organisations");
  if (numbers.empty())
    table.fault("organisations", "organisations", "is missing", R"(numbers of organisations, such as ["309"])");
  for (const auto& number : numbers)
    if (number.empty() || number.size() > kNumberBytesMost ||
        !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
      table.fault("organisations", "organisations", "holds no number", R"(numbers of organisations, such as ["309"])");
  return numbers;
}

ApiConfig read_api(TableReader& table, const path& folder) {
  ApiConfig api;
  api.target = http::read_url(table);
  if (!api.target.path.empty() && api.target.path != "/")
    table.fault("url", "url", "has a path", "https://host[:port]: what is called there is fixed");
  api.ca_file = http::read_ca_file(table, folder);
  http::read_duration(table, "timeout", api.timeout, milliseconds(300'000), "at most 5m");
  api.email = needed(table, "email", "the agent's address, by which it signs in");
  if (const auto file = needed(table, "password_file", "a file of mode 0600 with the agent's password");
      !file.empty()) {
    if (auto password = sdk::read_secret_line((folder / file).lexically_normal()))
      api.password = std::move(*password);
    else
      table.fault("password_file", "password_file", password.refusal().english(),
                  "a file of mode 0600 with the agent's password");
  }
  table.finish();
  return api;
}

void at_least(TableReader& table, std::string_view key, milliseconds value, milliseconds least, std::string allowed) {
  if (value < least) table.fault(key, key, "is too short", std::move(allowed));
}

ExchangeConfig read_exchange(TableReader& table, const path& folder) {
  ExchangeConfig exchange;
  exchange.institution = needed(table, "institution", "the id of an institution that this adapter serves");
  exchange.tokens = http::read_tokens(table, folder);
  exchange.secrets = read_secrets(table, folder);
  exchange.organisations = read_organisations(table);
  exchange.mapping = read_mapping(table, folder);
  exchange.invite = !table.boolean("no_invitation");
  exchange.invitation_link = table.text("invitation_link");
  if (!exchange.invitation_link.empty() && exchange.invitation_link.find(kTokenHole) == std::string::npos)
    table.fault("invitation_link", "invitation_link", "has no place for the token",
                "https://host/prendre_rdv?invitation_token={token}");
  if (const auto word = table.text("accept"); word == "invitation")
    exchange.accept = AcceptWhen::invitation;
  else if (!word.empty() && word != "appointment")
    table.fault("accept", "accept", "is not one of the two", "appointment or invitation");
  exchange.complete_when_seen = table.boolean("complete_when_seen");
  http::read_duration(table, "walk_every", exchange.walk_every, hours(24), "at most 1d");
  at_least(table, "walk_every", exchange.walk_every, std::chrono::seconds(1), "at least 1s");
  http::read_duration(table, "look_back", exchange.look_back, hours(24 * 400), "at most 400d");
  http::read_duration(table, "remember_for", exchange.remember_for, hours(24 * 4'000), "at most 4000d");
  at_least(table, "remember_for", exchange.remember_for, exchange.look_back, "at least look_back");
  if (auto api = table.table("api"))
    exchange.api = read_api(*api, folder);
  else
    table.fault("api", "api", "is missing", "the table [exchange.api]");
  return exchange;
}

}  // namespace

Config read_config(TableReader& whole, const path& folder) {
  Config config;
  if (auto table = whole.table("rdvsp")) {
    config.server = http::read_server(*table, folder);
    table->finish();
  }
  http::Speakers speakers;
  whole.tables("exchange", "exchange", [&](TableReader& table, int) {
    config.exchanges.push_back(read_exchange(table, folder));
    const auto& exchange = config.exchanges.back();
    speakers.add(table, exchange.institution, exchange.tokens);
  });
  if (config.exchanges.empty()) whole.fault("exchange", "exchange", "is missing", "at least one table [[exchange]]");
  return config;
}

base::Status fit_to(const sdk::AdapterConfig& adapter, const Config& config) {
  if (auto fits = sdk::exchanges_fit(adapter, config.exchanges); !fits) return fits;
  if (!adapter.automatic_receipts)
    return base::refuse(base::RefusalCode::config_invalid, "relais.no_automatic_receipts",
                        {{"why",
                          "this adapter tells that a referral was received once its person is in "
                          "RDV Service Public: there is nothing to tell later"}});
  return base::Done{};
}

}  // namespace relais::rdvsp
