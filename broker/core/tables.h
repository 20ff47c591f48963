// Where the state lives: ordered tables of bytes, seen from the core. Rows are the messages of stored.proto.
//
// Threads: the engine thread only. In tests and simulation the tables stand on memory, in production on RocksDB; both
// behind journal/overlay_tables.h, which holds what is decided and not yet on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace relais::core {

/// Stored on disk as the name of a column family: never rename, only add.
enum class TableId : std::uint8_t {
  messages,      // message_id -> MessageRow
  referrals,     // referral_id -> ReferralRow
  appointments,  // appointment_id -> AppointmentRow
  cases,         // case_id -> CaseRow
  queue,         // recipient, urgency, position, ordinal -> QueueRow
  lines,         // recipient, case_id -> LineRow
  waiting,       // recipient, case_id, position, ordinal -> WaitingRow
  parked,        // recipient, position, ordinal -> ParkedRow
  dead_letters,  // recipient, position, ordinal -> DeadLetterRow
  timers,        // due_ms, kind, subject -> TimerRow
  cells,         // name -> CellRow
  slots,         // institution, slot_id -> SlotRow
  free_slots,    // institution, service_id, start_ms, slot_id -> nothing; those with a free place
};
inline constexpr TableId kTables[] = {TableId::messages,     TableId::referrals, TableId::appointments, TableId::cases,
                                      TableId::queue,        TableId::lines,     TableId::waiting,      TableId::parked,
                                      TableId::dead_letters, TableId::timers,    TableId::cells,        TableId::slots,
                                      TableId::free_slots};
std::string_view table_name(TableId table);

/// Answers false to stop the scan. The views are valid during the call only.
using Visit = std::function<bool(std::string_view key, std::string_view value)>;

/// Keys compare as unsigned bytes. No call fails: an implementation that can not read its disk stops the process.
class Tables {
 public:
  virtual ~Tables() = default;
  /// The view is valid until the next call to the same object.
  [[nodiscard]] virtual std::optional<std::string_view> look(TableId table, std::string_view key) const = 0;
  /// The same, to keep.
  [[nodiscard]] std::optional<std::string> get(TableId table, std::string_view key) const {
    const auto seen = look(table, key);
    if (!seen) return std::nullopt;
    return std::string(*seen);
  }
  virtual void put(TableId table, std::string_view key, std::string value) = 0;
  virtual void erase(TableId table, std::string_view key) = 0;
  /// Keys in [from, to), ascending; an empty `to` means to the end. `visit` must not change the table.
  virtual void scan(TableId table, std::string_view from, std::string_view to, const Visit& visit) const = 0;
};

}  // namespace relais::core
