// One line per event, `key=value` or JSON. Never a personal datum: values are ids, codes, numbers and paths of our own.
//
// Threads: any. start_log() once at the beginning of main(); before it, lines go to stderr as key=value.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace relais::base {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { key_value, json };

/// Logs go to stderr: the service manager keeps them.
void start_log(std::string_view program, LogLevel level, LogFormat format);

/// Whether a line of this level is written: for what costs something to find out.
bool logs(LogLevel level);

struct LogField {
  template <class T>
  LogField(std::string_view name, const T& field_value) : key(name), value(fmt::format("{}", field_value)) {}
  std::string_view key;
  std::string value;
};

/// `event` is a short stable phrase in English ("session opened").
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::debug, event, fields);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::warning, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::error, event, fields);
}

}  // namespace relais::base
