#include "broker/journal/rocks_log.h"

#include <array>
#include <cstdarg>
#include <cstdio>

#include "broker/base/log.h"

namespace relais::journal {

namespace {

class BrokerLog final : public rocksdb::Logger {
 public:
  BrokerLog() : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL) {}

  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}  // lines without a level: the dump of options at a start
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::ERROR_LEVEL || level > rocksdb::InfoLogLevel::FATAL_LEVEL) return;
    std::array<char, 512> text{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::vsnprintf(text.data(), text.size(), format, arguments);
#pragma GCC diagnostic pop
    base::log_error("rocksdb", {{"line", text.data()}});
  }
};

}  // namespace

std::shared_ptr<rocksdb::Logger> rocks_log() { return std::make_shared<BrokerLog>(); }

}  // namespace relais::journal
