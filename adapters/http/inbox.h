// Messages that wait for the institution's software to take them: sealed on the disk, in the order of the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/problem.h"
#include "adapters/http/vault.h"
#include "adapters/sdk/handler.h"
#include "broker/base/clock.h"

namespace relais::http {

/// What the software says of an item when it takes it: its own numbers. Both may be empty.
struct OwnNumbers {
  std::string reference;
  std::string appointment;
};

/// Threads: any. Everything given outlives it.
///
/// An item is written in the same step as the mark that its message was handled, so a message is in the inbox once; it
/// goes with the note that it was taken, so a repeated acknowledgement is told from an unknown one.
class Inbox {
 public:
  struct Listing {
    std::vector<Json> items;     // each with its id
    bool more = false;           // others wait behind them
    std::size_t unreadable = 0;  // sealed with a key that is no longer in the settings: left out
  };

  Inbox(files::Post& post, std::string institution, const Vault& vault);

  /// Notes that put `item` into the inbox; `reply` is an envelope to submit once it is taken, or empty.
  [[nodiscard]] sdk::Notes put(const sdk::Incoming& message, const Json& item, const std::string& reply) const;

  /// Items after the one with the id `after` (empty: from the first), at most `count` and about `bytes_max`.
  [[nodiscard]] Listing list(std::string_view after, std::size_t count, std::size_t bytes_max) const;

  [[nodiscard]] bool waits(std::string_view after) const;

  /// At most `most`.
  [[nodiscard]] std::size_t count(std::size_t most) const;

  /// Forgets the item, links the numbers and submits the reply, in one write. Done again, also when it was taken
  /// before. item.unknown; reference.already_open when another referral is open under that number; the SDK's refusals.
  std::optional<Problem> take(std::string_view id, const OwnNumbers& numbers, base::Instant now);

 private:
  struct Entry;

  [[nodiscard]] std::optional<Entry> entry(std::string_view id) const;
  [[nodiscard]] std::string part_key(std::string_view id, std::size_t part) const;
  [[nodiscard]] std::optional<std::string> content(std::string_view id, const Entry& entry) const;

  files::Post& post_;
  const std::string institution_;
  const Vault& vault_;
  const std::string items_;
  const std::string contents_;
  const std::string taken_;
};

/// Notes that give the software's numbers to what the ids name; reference.already_open.
std::variant<sdk::Notes, Problem> link_numbers(files::Post& post, const std::string& institution,
                                               const std::string& referral_id, const std::string& appointment_id,
                                               const OwnNumbers& numbers);

}  // namespace relais::http
