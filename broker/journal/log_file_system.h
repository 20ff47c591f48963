// RocksDB's log in blocks that exist before they are written: what a lone confirmation waits for is a write and a
// flush, not a file that grows.
#pragma once

#include <memory>

#include <rocksdb/env.h>

namespace relais::journal {

/// RocksDB's own environment but for log files (*.log) that are made for writing. These have zeros behind their end,
/// which RocksDB reads as an end; one that is closed has none. Asked for its size, a log tells how much was appended.
/// Threads: any.
std::shared_ptr<rocksdb::Env> log_environment();

}  // namespace relais::journal
