// One table's rows in memory: the pinned ones, which the store may not hold yet, and those of the store that are kept.
//
// Internal to overlay_tables.cpp. Threads: the engine thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

namespace relais::journal {

inline constexpr std::uint64_t kClean = 0;  // the generation of a row that the store holds as it is here

/// What a look-up compares, hash and key, fills one line of the processor's cache: a key of its own on the heap made
/// each of the twenty look-ups of a message wait for memory twice.
struct OverlayRow {
  std::size_t hash = 0;
  absl::InlinedVector<char, 48> key;
  std::string value;
  std::uint64_t generation = kClean;
  std::size_t slot = 0;  // in the ring, while clean
  bool present = true;   // false: absent here; while pinned, the store may still hold it
  bool used = false;     // since the hand of the clock passed

  [[nodiscard]] std::string_view name() const { return {key.data(), key.size()}; }
};

/// A key with its hash, which is reckoned once for a question and the change that follows.
struct SoughtKey {
  explicit SoughtKey(std::string_view sought) : key(sought), hash(std::hash<std::string_view>()(sought)) {}
  std::string_view key;
  std::size_t hash;
};

/// Clean rows stand in a ring and are evicted by a clock (second chance); pinned ones are in one list for each
/// generation that wrote them. Rows never move: lists and the ring point to them.
class OverlayRows {
 public:
  /// Null when the row is not here. The pointer is good until the row is forgotten: by an eviction or a commit.
  [[nodiscard]] OverlayRow* find(const SoughtKey& sought) const;

  /// What the store said of a key that find() did not know: its row, or that there is none. It may evict another.
  void keep(const SoughtKey& sought, const std::optional<std::string>& value, std::size_t rows_max);

  /// The row of the key, pinned in `generation`; made when it is not here. `known`: what find() answered.
  OverlayRow& pin(OverlayRow* known, const SoughtKey& sought, std::uint64_t generation);

  /// Rows pinned in the open generation, in the order in which they were first written in it.
  [[nodiscard]] const std::vector<OverlayRow*>& open() const { return open_; }
  void close(std::uint64_t generation);

  /// The store holds every closed generation up to this one. `rows_max`: how many clean rows may be kept.
  void committed(std::uint64_t generation, std::size_t rows_max);

  /// All pinned rows, ascending by key. Good until the next pin() or committed().
  [[nodiscard]] const std::vector<const OverlayRow*>& in_order();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const OverlayRow* row) const { return row->hash; }
    std::size_t operator()(const SoughtKey& sought) const { return sought.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const OverlayRow* a, const OverlayRow* b) const { return a == b; }
    bool operator()(const OverlayRow* row, const SoughtKey& sought) const {
      return row->hash == sought.hash && row->name() == sought.key;
    }
    bool operator()(const SoughtKey& sought, const OverlayRow* row) const { return (*this)(row, sought); }
  };

  OverlayRow& make(const SoughtKey& sought);
  void forget(OverlayRow& row);
  void join_ring(OverlayRow& row, std::size_t rows_max);
  void leave_ring(const OverlayRow& row);

  std::deque<OverlayRow> made_;
  std::vector<OverlayRow*> unused_;
  absl::flat_hash_set<OverlayRow*, Hash, Equal> rows_;
  std::vector<OverlayRow*> ring_;
  std::size_t hand_ = 0;
  std::vector<OverlayRow*> open_;
  std::deque<std::pair<std::uint64_t, std::vector<OverlayRow*>>> closed_;

  // The order is made when somebody asks for it, which is seldom beside writing: to keep it at every write cost the
  // engine a tenth of its time. It holds until a commit; what is pinned meanwhile is put in its place when asked.
  std::vector<const OverlayRow*> ordered_;
  std::vector<const OverlayRow*> not_ordered_yet_;
  bool has_order_ = false;
};

}  // namespace relais::journal
