#include "broker/cli/support_bundle.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <fstream>
#include <map>
#include <set>

#include "broker/base/toml_reader.h"

namespace relais::cli {

namespace {

using Json = SupportJson;

/// Settings of relaisd whose values are numbers, durations, words of a list or addresses.
const std::map<std::string_view, std::set<std::string_view>>& shown_settings() {
  static const std::map<std::string_view, std::set<std::string_view>> shown{
      {"broker", {"verify_signatures"}},
      {"admin", {"port", "any_port", "silent_after"}},
      {"log", {"level", "format"}},
      {"limits",
       {"heartbeat", "silence", "frame_bytes_max", "message_bytes_max", "credit_messages_max", "credit_bytes_max",
        "sessions_max", "frames_per_second_max", "disk_reserve_bytes", "batch_records_max"}},
      {"delivery", {"attempts_max", "retry_first", "retry_most"}},
      {"deadlines", {"decide_within", "complete_within", "acknowledge_within", "remind_every"}}};
  return shown;
}

constexpr std::array<std::string_view, 7> kShownFields{"position", "code",        "version",   "number",
                                                       "bytes",    "institution", "admin_port"};
constexpr std::size_t kValueMost = 64;

bool all_of(std::string_view text, std::string_view also) {
  return !text.empty() && text.size() <= kValueMost && std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || also.find(c) != std::string_view::npos;
  });
}

/// A duration, a word, a number: nothing that could be a key or a sentence.
bool is_small_word(std::string_view text) { return text.size() <= 16 && all_of(text, "_"); }

/// A version, an id of an institution, a code, a number.
bool is_code(std::string_view text) { return text.size() <= 32 && all_of(text, "._-:"); }

/// What relaisd says happens: each of its lines begins with one of these.
constexpr auto kEvents = std::to_array<std::string_view>({
    "accounts can not be read",
    "backup",
    "can not open",
    "can not start",
    "disk full, waiting for room",
    "disk has room again",
    "draining",
    "journal can not be written, stopping",
    "logged in",
    "login refused",
    "network definition in force",
    "no backup",
    "request failed",
    "rocksdb",
    "session closed",
    "session opened",
    "started",
    "stopped",
    "store opened",
    "taking messages again",
    "the device is full: opening the store anew",
    "the end of the journal is not signed",
    "the store can not be read",
    "torn end of the log dropped",
});

bool is_known(std::string_view event) { return std::ranges::find(kEvents, event) != kEvents.end(); }

Json setting_value(const toml::node& node) {
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  if (const auto* text = node.as_string(); text != nullptr && is_small_word(text->get())) return text->get();
  return "(set)";
}

/// The fields of `key=value key="value"`; empty when it is not such a line.
std::map<std::string, std::string> fields_of(std::string_view line) {
  std::map<std::string, std::string> fields;
  while (!line.empty()) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return {};
    const std::string key(line.substr(0, equals));
    line.remove_prefix(equals + 1);
    std::string value;
    if (line.starts_with('"')) {
      std::size_t at = 1;
      for (; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\' && at + 1 < line.size()) ++at;
        value += line[at];
      }
      if (at == line.size()) return {};
      line.remove_prefix(at + 1);
    } else {
      value = line.substr(0, line.find(' '));
      line.remove_prefix(value.size());
    }
    fields[key] = value;
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  return fields;
}

std::map<std::string, std::string> json_fields_of(std::string_view line) {
  std::map<std::string, std::string> fields;
  const auto json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return fields;
  for (const auto& [key, value] : json.items())
    if (value.is_string()) fields[key] = value.get<std::string>();
  return fields;
}

}  // namespace

Json safe_settings(const std::filesystem::path& file) {
  base::Findings findings;
  const auto content = base::read_toml(file, "settings", findings);
  Json settings = Json::object();
  if (!content) {
    const auto faults = findings.take();
    settings["unreadable_at_line"] = faults.empty() ? 0u : faults.front().place.line;
    return settings;
  }
  std::size_t others = 0;
  for (const auto& [section, node] : *content) {
    const auto known = shown_settings().find(section.str());
    const auto* const table = node.as_table();
    if (known == shown_settings().end() || table == nullptr) {
      ++others;
      continue;
    }
    auto& shown = settings[std::string(section.str())] = Json::object();
    for (const auto& [key, value] : *table) {
      if (known->second.contains(key.str()))
        shown[std::string(key.str())] = setting_value(value);
      else
        ++others;
    }
  }
  settings["others_not_shown"] = others;
  return settings;
}

Json safe_log_line(std::string_view line) {
  const auto fields = line.starts_with('{') ? json_fields_of(line) : fields_of(line);
  const auto at = [&](const char* key) {
    const auto found = fields.find(key);
    return found == fields.end() ? std::string() : found->second;
  };
  if (!all_of(at("time"), "-:.") || !is_small_word(at("level")) || at("event").empty()) return nullptr;
  Json shown{
      {"time", at("time")}, {"level", at("level")}, {"event", is_known(at("event")) ? at("event") : "(not shown)"}};
  for (const auto key : kShownFields)
    if (const auto found = fields.find(std::string(key)); found != fields.end())
      shown[found->first] = is_code(found->second) ? found->second : "(not shown)";
  return shown;
}

Json safe_log(const std::filesystem::path& file, std::size_t most) {
  std::ifstream stream(file);
  if (!stream) return {{"readable", false}};
  std::deque<std::string> last;
  for (std::string line; std::getline(stream, line);) {
    last.push_back(std::move(line));
    if (last.size() > most) last.pop_front();
  }
  Json lines = Json::array();
  std::size_t foreign = 0;
  for (const auto& line : last) {
    if (auto shown = safe_log_line(line); !shown.is_null())
      lines.push_back(std::move(shown));
    else
      ++foreign;
  }
  return {{"readable", true}, {"lines", lines}, {"lines_not_ours", foreign}};
}

}  // namespace relais::cli
