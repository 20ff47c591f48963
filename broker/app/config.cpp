#include "broker/app/config.h"

#include <algorithm>
#include <iterator>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "broker/access/account_file.h"

namespace relais::app {

namespace {

using base::TableReader;

std::filesystem::path path_at(TableReader& table, std::string_view key, const std::filesystem::path& folder) {
  const auto text = table.text(key);
  if (text.empty()) {
    table.fault(key, key, "is missing", "a path; a relative one is taken from the folder of this file");
    return {};
  }
  return (folder / text).lexically_normal();
}

/// 0 (absent) keeps the default.
template <class Number>
void number(TableReader& table, std::string_view key, std::int64_t least, std::int64_t most, Number& value) {
  const auto read = table.integer(key, least);
  if (read == 0) return;
  if (read > most) return table.fault(key, key, "is too large", "at most " + std::to_string(most));
  value = static_cast<Number>(read);
}

void duration(TableReader& table, std::string_view key, std::chrono::milliseconds& value) {
  if (const auto read = table.duration(key); read != 0) value = std::chrono::milliseconds(read);
}

void read_broker(TableReader& table, const std::filesystem::path& folder, Config& config) {
  config.data_dir = path_at(table, "data_dir", folder);
  config.transport_key = path_at(table, "transport_key", folder);
  config.signing_key = path_at(table, "signing_key", folder);
  if (const auto endpoint = table.text("endpoint"); !endpoint.empty()) {
    config.router.endpoint = endpoint;
    if (!endpoint.starts_with("tcp://"))
      table.fault("endpoint", "endpoint", "is not an endpoint", "tcp://ADDRESS:PORT");
  }
  const auto authority = table.key_bytes("authority_public_key");
  if (authority.size() == base::kKeyBytes)
    std::copy(authority.begin(), authority.end(), config.authority_public_key.begin());
  else
    table.fault("authority_public_key", "authority_public_key", "is not a public key",
                "32 bytes as 44 characters of base64 (relaisctl keys show)");
  config.verify_signatures = table.boolean("verify_signatures");
}

/// "127.example.org" is none.
bool is_loopback(const std::string& host) {
  in_addr address{};
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && ::inet_pton(AF_INET, host.c_str(), &address) == 1);
}

/// An origin, as a browser writes it: without a path, and without a port that goes without saying.
bool is_origin(const std::string& address) {
  const bool tls = address.starts_with("https://");
  if (!tls && !address.starts_with("http://")) return false;
  const auto place = address.substr(address.find("://") + 3);
  return !place.empty() && !place.ends_with(tls ? ":443" : ":80") && std::ranges::none_of(place, [](char c) {
    return (c >= 'A' && c <= 'Z') || std::string_view("/?#@ ").find(c) != std::string_view::npos;
  });
}

void read_admin(TableReader& table, const std::filesystem::path& folder, Config& config) {
  if (const auto host = table.text("host"); !host.empty()) config.admin_host = host;
  number(table, "port", 1, 65'535, config.admin_port);
  if (table.boolean("any_port")) config.admin_port = 0;
  duration(table, "silent_after", config.silent_after);
  const auto certificate = table.text("tls_certificate"), key = table.text("tls_key");
  if (!certificate.empty()) config.admin_tls_certificate = (folder / certificate).lexically_normal();
  if (!key.empty()) config.admin_tls_key = (folder / key).lexically_normal();
  if (certificate.empty() != key.empty()) {
    const char* const missing = certificate.empty() ? "tls_certificate" : "tls_key";
    table.fault(missing, missing, "is missing", "TLS needs tls_certificate and tls_key");
  }
  config.admin_public_address = table.text("public_address");
  if (!config.admin_public_address.empty() && !is_origin(config.admin_public_address))
    table.fault("public_address", "public_address", "is not an address",
                "https://name or https://name:port, in small letters, the port only when it is not 443");
  config.admin_behind_proxy = table.boolean("behind_proxy");
  if (config.admin_behind_proxy && !is_loopback(config.admin_host))
    table.fault("behind_proxy", "behind_proxy", "is not for this host",
                "a proxy on this machine, and host on 127.0.0.1: others could claim any address");
}

void read_access(TableReader& table, const std::filesystem::path& folder, Config& config) {
  if (const auto accounts = table.text("accounts"); !accounts.empty())
    config.access.accounts = (folder / accounts).lexically_normal();
  if (auto provider = table.table("provider")) config.access.provider = access::read_provider(*provider, folder);
  duration(table, "session_idle", config.access.sessions.idle);
  duration(table, "session_most", config.access.sessions.absolute);
  if (config.access.sessions.absolute < config.access.sessions.idle)
    table.fault("session_most", "session_most", "is shorter than a session may be idle", "at least session_idle");
}

/// What is open to other machines is open to those alone who log in, and to nobody on the way.
void check_admin_door(TableReader& table, const Config& config) {
  if (is_loopback(config.admin_host)) return;
  constexpr const char* kAllowed =
      "127.0.0.1; or another address with tls_certificate, tls_key, and somebody who can log in (relaisctl account "
      "add)";
  if (config.admin_tls_certificate.empty())
    table.fault("host", "host", "is open to other machines without TLS", kAllowed);
  if (!config.access.provider &&
      std::ranges::all_of(access::read_account_file(config.access.accounts).accounts, &access::Account::disabled))
    table.fault("host", "host", "is open to other machines, and nobody can log in", kAllowed);
}

void read_log(TableReader& table, Config& config) {
  const auto level = table.text("level");
  if (level == "debug")
    config.log_level = base::LogLevel::debug;
  else if (level == "warning")
    config.log_level = base::LogLevel::warning;
  else if (level == "error")
    config.log_level = base::LogLevel::error;
  else if (!level.empty() && level != "info")
    table.fault("level", "level", "is not a level", "debug, info, warning, error");
  const auto format = table.text("format");
  if (format == "json")
    config.log_format = base::LogFormat::json;
  else if (!format.empty() && format != "key_value")
    table.fault("format", "format", "is not a format", "key_value, json");
}

void read_limits(TableReader& table, Config& config) {
  constexpr std::int64_t kMebi = 1 << 20;
  auto& router = config.router;
  duration(table, "heartbeat", router.heartbeat);
  duration(table, "silence", router.silence);
  if (router.silence < 2 * router.heartbeat)
    table.fault("silence", "silence", "is too short", "at least twice the heartbeat");
  number(table, "frame_bytes_max", 65'536, 64 * kMebi, router.frame_bytes_max);
  number(table, "message_bytes_max", 4'096, 32 * kMebi, router.message_bytes_max);
  if (router.message_bytes_max > router.frame_bytes_max)
    table.fault("message_bytes_max", "message_bytes_max", "is larger than a frame", "at most frame_bytes_max");
  number(table, "credit_messages_max", 1, 65'536, router.credit_messages_max);
  number(table, "credit_bytes_max", 65'536, 1'024 * kMebi, router.credit_bytes_max);
  number(table, "sessions_max", 1, 65'536, router.sessions_max);
  number(table, "frames_per_second_max", 1, 1'000'000, router.frames_per_second_max);
  auto& machine = config.engine.machine;
  machine.credit_messages_max = router.credit_messages_max;
  machine.credit_bytes_max = router.credit_bytes_max;
  number(table, "disk_reserve_bytes", kMebi, 1LL << 40, machine.disk_reserve_bytes);
  number(table, "batch_records_max", 1, 4'096, config.engine.batch_records_max);
}

void read_delivery(TableReader& table, core::Rules& rules) {
  number(table, "attempts_max", 1, 100'000, rules.attempts_max);
  duration(table, "retry_first", rules.retry_first);
  duration(table, "retry_most", rules.retry_most);
  if (rules.retry_most < rules.retry_first)
    table.fault("retry_most", "retry_most", "is shorter than the first pause", "at least retry_first");
}

void read_deadlines(TableReader& table, core::Rules& rules) {
  duration(table, "decide_within", rules.decide_within);
  duration(table, "complete_within", rules.complete_within);
  duration(table, "acknowledge_within", rules.acknowledge_within);
  duration(table, "remind_every", rules.remind_every);
}

}  // namespace

ConfigRead read_config(const std::filesystem::path& file) {
  ConfigRead read;
  base::Findings findings;
  if (const auto content = base::read_toml(file, file.string(), findings)) {
    TableReader whole(*content, file.string(), {}, findings);
    const auto section = [&](std::string_view name, bool needed, const auto& fill) {
      auto table = whole.table(name);
      if (!table) {
        if (needed) whole.fault(name, name, "is missing", "the table [" + std::string(name) + "]");
        return;
      }
      fill(*table);
      table->finish();
    };
    section("broker", true, [&](TableReader& t) { read_broker(t, file.parent_path(), read.config); });
    read.config.access.accounts = read.config.data_dir / "accounts.toml";
    section("access", false, [&](TableReader& t) { read_access(t, file.parent_path(), read.config); });
    section("admin", false, [&](TableReader& t) {
      read_admin(t, file.parent_path(), read.config);
      check_admin_door(t, read.config);
    });
    section("log", false, [&](TableReader& t) { read_log(t, read.config); });
    section("limits", false, [&](TableReader& t) { read_limits(t, read.config); });
    section("delivery", false, [&](TableReader& t) { read_delivery(t, read.config.engine.machine.rules); });
    section("deadlines", false, [&](TableReader& t) { read_deadlines(t, read.config.engine.machine.rules); });
    whole.finish();
  }
  read.config.engine.machine.rules.authority = read.config.authority_public_key;
  read.faults = findings.take();
  auto accounts = access::read_account_file(read.config.access.accounts).faults;
  std::ranges::move(accounts, std::back_inserter(read.faults));
  return read;
}

}  // namespace relais::app
