#include "broker/base/log.h"

#include <memory>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "broker/base/log_line.h"

namespace relais::base {

namespace {

struct Log {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

Log make_log(std::string_view program, LogLevel level, LogFormat format) {
  auto logger =
      std::make_shared<spdlog::logger>(std::string(program), std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const std::string pattern = format == LogFormat::json
                                  ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n",%v})"
                                  : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l program=%n %v";
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::debug);
  return {std::move(logger), format};
}

/// The process has one log; it is replaced once, by start_log(), before there are threads.
Log& the_log() {
  static Log log = make_log("relais", LogLevel::info, LogFormat::key_value);
  return log;
}

}  // namespace

void start_log(std::string_view program, LogLevel level, LogFormat format) {
  the_log() = make_log(program, level, format);
}

bool logs(LogLevel level) { return the_log().logger->should_log(spdlog_level(level)); }

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  const Log& log = the_log();
  const auto wanted = spdlog_level(level);
  if (log.logger->should_log(wanted)) log.logger->log(wanted, log_line(log.format, event, fields));
}

}  // namespace relais::base
