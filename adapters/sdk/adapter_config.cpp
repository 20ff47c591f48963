#include "adapters/sdk/adapter_config.h"

#include <algorithm>
#include <set>

#include "broker/core/envelope_check.h"

namespace relais::sdk {

namespace {

using base::TableReader;
using std::filesystem::path;

constexpr std::int64_t kMebi = 1 << 20;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+").find(c) != std::string_view::npos;
  });
}

std::string needed_text(TableReader& table, std::string_view key, std::string allowed) {
  auto text = table.text(key);
  if (text.empty()) table.fault(key, key, "is missing", std::move(allowed));
  return text;
}

std::string needed_id(TableReader& table, std::string_view key, const std::string& what) {
  auto text = needed_text(table, key, what);
  if (!text.empty() && !core::is_institution_id(text))
    table.fault(key, key, "is not an id", what + ": lower-case letters, digits and -");
  return text;
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

void public_key(TableReader& table, std::string_view key, base::PublicKeyBytes& value) {
  const auto bytes = table.key_bytes(key);
  if (bytes.size() == value.size())
    std::copy(bytes.begin(), bytes.end(), value.begin());
  else
    table.fault(key, key, "is not a public key", "32 bytes as 44 characters of base64 (relaisctl keys show)");
}

/// Empty, with the fault told, when the file does not hold a key for that use.
std::optional<base::KeyFile> key_file(TableReader& table, std::string_view key, const std::string& name,
                                      const path& folder, const std::string& written, base::KeyUse use) {
  auto file = base::read_key_file((folder / written).lexically_normal());
  const std::string wanted = "a key file for " + std::string(base::key_use_name(use)) + ", mode 0600";
  if (!file) {
    table.fault(key, name, "can not be used: " + file.refusal().english(), wanted);
  } else if (file->use != use) {
    table.fault(key, name, "is a key for " + std::string(base::key_use_name(file->use)), wanted);
  } else {
    return std::move(*file);
  }
  return std::nullopt;
}

std::vector<base::KeyFile> key_files(TableReader& table, std::string_view key, const path& folder, base::KeyUse use) {
  std::vector<base::KeyFile> files;
  const auto written = table.texts(key);
  if (written.empty()) table.fault(key, key, "is missing", "a list of key files");
  for (std::size_t i = 0; i < written.size(); ++i) {
    const std::string name = std::string(key) + "[" + std::to_string(i) + "]";
    if (auto file = key_file(table, key, name, folder, written[i], use)) files.push_back(std::move(*file));
  }
  return files;
}

void read_institutions(TableReader& table, const path& folder, AdapterConfig& config) {
  std::set<std::string> seen;
  table.tables("institution", "institution", [&](TableReader& one, int) {
    ServedInstitution institution;
    institution.id = needed_id(one, "id", "an institution of the network");
    if (!institution.id.empty() && !seen.insert(institution.id).second)
      one.fault("id", "id", "stands here twice", "each institution once");
    institution.signing_keys = key_files(one, "signing_keys", folder, base::KeyUse::signing);
    institution.sealing_keys = key_files(one, "sealing_keys", folder, base::KeyUse::sealing);
    config.institutions.push_back(std::move(institution));
  });
  if (config.institutions.empty())
    table.fault("institution", "institution", "is missing", "at least one table [[relais.institution]]");
}

void read_endpoints(TableReader& table, AdapterConfig& config) {
  config.endpoints = table.texts("endpoints");
  if (config.endpoints.empty())
    table.fault("endpoints", "endpoints", "is missing", "a list such as [\"tcp://192.0.2.1:5570\"]");
  for (std::size_t i = 0; i < config.endpoints.size(); ++i)
    if (!config.endpoints[i].starts_with("tcp://") || config.endpoints[i].rfind(':') < 6)
      table.fault("endpoints", "endpoints[" + std::to_string(i) + "]", "is not an endpoint", "tcp://ADDRESS:PORT");
}

void read_limits(TableReader& table, AdapterConfig& config) {
  number(table, "outbox_bytes_max", kMebi, 1LL << 44, config.outbox_bytes_max);
  number(table, "disk_reserve_bytes", kMebi, 1LL << 44, config.disk_reserve_bytes);
  number(table, "in_hand_messages_max", 1, 4'096, config.in_hand_messages_max);
  number(table, "in_hand_bytes_max", kMebi, 1LL << 30, config.in_hand_bytes_max);
  number(table, "health_port", 0, 65'535, config.health_port);
  duration(table, "reconnect_first", config.times.reconnect_first);
  duration(table, "reconnect_most", config.times.reconnect_most);
  if (config.times.reconnect_most < config.times.reconnect_first)
    table.fault("reconnect_most", "reconnect_most", "is shorter than the first pause", "at least reconnect_first");
}

void read_relais(TableReader& table, const path& folder, AdapterConfig& config) {
  config.name = needed_text(table, "name", "the adapter's name, e.g. \"files-ccas\"");
  if (!config.name.empty() && !is_name(config.name))
    table.fault("name", "name", "is not a name", "1 to 64 letters, digits and . _ - +");
  config.pins.network = needed_id(table, "network", "the id of the network");
  public_key(table, "broker_public_key", config.pins.broker_public_key);
  public_key(table, "authority_public_key", config.pins.authority_public_key);
  read_endpoints(table, config);
  if (const auto written = needed_text(table, "data_dir", "a folder of this adapter alone"); !written.empty())
    config.data_dir = (folder / written).lexically_normal();
  if (const auto written = needed_text(table, "transport_key", "a key file"); !written.empty())
    if (auto file = key_file(table, "transport_key", "transport_key", folder, written, base::KeyUse::transport))
      config.transport_key = std::move(file->pair);
  read_institutions(table, folder, config);
  read_limits(table, config);
  config.automatic_receipts = !table.boolean("no_automatic_receipts");
}

void read_log(TableReader& table, AdapterConfig& config) {
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

}  // namespace

ConfigRead read_config(const path& file, const ReadConnector& read_connector) {
  ConfigRead read;
  base::Findings findings;
  if (const auto content = base::read_toml(file, file.string(), findings)) {
    const auto folder = file.parent_path();
    TableReader whole(*content, file.string(), {}, findings);
    if (auto relais = whole.table("relais")) {
      read_relais(*relais, folder, read.config);
      relais->finish();
    } else {
      whole.fault("relais", "relais", "is missing", "the table [relais]");
    }
    if (auto log = whole.table("log")) {
      read_log(*log, read.config);
      log->finish();
    }
    if (read_connector) read_connector(whole, folder);
    whole.finish();
  }
  read.faults = findings.take();
  return read;
}

}  // namespace relais::sdk
