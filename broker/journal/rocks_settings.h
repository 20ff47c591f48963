// What an operator may choose of the store; the rest is decided, with its reason, in rocks_options.cpp.
#pragma once

#include <cstdint>

namespace relais::journal {

struct RocksSettings {
  /// Bytes of RocksDB's log, and of the writes in memory it covers. A start replays at most about this much. Measured
  /// on two busy cores after SIGKILL with the log nearly full, three times each: 0.33 to 0.44 s at 32 MiB, 0.62 to
  /// 0.76 s at 64. Their append rates could not be told apart there; measure again on an idle machine.
  std::uint64_t log_bytes_max = 32u << 20;

  /// Blocks of data, indexes and filters kept in memory, all tables together.
  std::uint64_t cache_bytes = 48u << 20;

  /// Disk put aside for acknowledgements once the device is full: the headroom below and as much again, or nothing
  /// could be written where another program took the last byte.
  std::uint64_t reserve_bytes = 96u << 20;

  /// Free space below which append() draws on the reserve and then answers broker.disk_full. More than log_bytes_max,
  /// which RocksDB writes again as a table.
  std::uint64_t headroom_bytes = 48u << 20;
};

}  // namespace relais::journal
