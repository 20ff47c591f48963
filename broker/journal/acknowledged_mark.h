// What this store promised last, written beside it.
//
// A crash may tear the end of RocksDB's log, and recovery then drops that end. This mark tells a torn batch, which
// nobody was promised, from a damaged one: an end of the journal before the mark is damage. It is written after each
// synced append and not synced itself, so it costs a microsecond. It survives a kill; after a power cut it may be some
// seconds old, hence a lower bound, never a false alarm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/journal/store.h"

namespace relais::journal {

struct Acknowledged {
  ChainEnd end;
  std::uint64_t sequence = 0;  // RocksDB's count of writes: tells of batches without a record too
};

/// 1 version byte, position, hash, sequence, and 8 bytes of BLAKE2b over them.
std::string encode_mark(const Acknowledged& mark);
/// Empty when it is not such a mark.
std::optional<Acknowledged> decode_mark(std::string_view bytes);

/// Threads: one.
class AcknowledgedMark {
 public:
  /// Empty when there is no file, or it holds no whole mark: then nothing is known.
  static std::optional<Acknowledged> read(const std::filesystem::path& path);

  /// io.failed when the file can not be opened for writing.
  static base::Result<AcknowledgedMark> open(const std::filesystem::path& path);

  AcknowledgedMark(AcknowledgedMark&& other) noexcept;
  AcknowledgedMark& operator=(AcknowledgedMark&&) = delete;
  AcknowledgedMark(const AcknowledgedMark&) = delete;
  AcknowledgedMark& operator=(const AcknowledgedMark&) = delete;
  ~AcknowledgedMark();

  /// A failure leaves an older mark, which is only less sharp.
  void write(const Acknowledged& mark);

 private:
  explicit AcknowledgedMark(int file) : file_(file) {}
  int file_;
};

}  // namespace relais::journal
