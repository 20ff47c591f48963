// Which submissions may be sent now: those of one case one after another, those of different cases side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>

#include "adapters/sdk/outbox.h"

namespace relais::sdk {

/// What must be known of an entry while it is not settled.
struct LineEntry {
  Sequence sequence = 0;
  std::string case_id;
};

/// Pure bookkeeping. Threads: the session's. An entry is waiting in line behind its case, ready, or out.
class OutboxLines {
 public:
  /// In ascending order of sequence.
  void add(LineEntry entry);

  /// The ready entry with the lowest sequence; it is out now.
  std::optional<Sequence> next();

  /// An entry that was out is over; the next of its case is ready. Others are ignored.
  void settled(Sequence sequence);

  /// An entry that was out must be sent again.
  void again(Sequence sequence);

  /// Everything that was out must be sent again.
  void all_again();

  /// Heads of cases: ready or out. Bounds how many entries are worth knowing.
  [[nodiscard]] std::size_t heads() const { return heads_.size(); }
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }

 private:
  std::set<Sequence> ready_;
  std::unordered_map<Sequence, std::string> heads_;                                    // ready or out -> its case
  std::unordered_map<std::string, std::queue<Sequence, std::list<Sequence>>> behind_;  // case with a head -> in line
};

}  // namespace relais::sdk
