// RocksDB's own log lines, in the broker's log.
#pragma once

#include <memory>

#include <rocksdb/env.h>

namespace relais::journal {

/// Errors only: what is less than that shows in the figures. RocksDB would else write files of its own beside the
/// tables; on a full device that write fails, and RocksDB 7.8 as Debian builds it stops the process at the line after.
std::shared_ptr<rocksdb::Logger> rocks_log();

}  // namespace relais::journal
