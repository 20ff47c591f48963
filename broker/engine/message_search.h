// Finding messages by what their envelopes say: a walk through the journal, so far at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"
#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

struct MessageFilter {
  std::string referral_id;             // 16 bytes; empty: any
  std::string case_id;                 // 16 bytes; empty: any
  std::string institution;             // sender or recipient; empty: any
  std::string kind;                    // name; empty: any
  std::string agreement;               // that the broker accepted it under; empty: any
  std::string state;                   // of a delivery; empty: any
  std::optional<base::Instant> from;   // accepted at or after
  std::optional<base::Instant> until;  // accepted before
};

struct MessageHit {
  core::Position position = 0;
  base::Instant at{};
  std::string message_id;
  std::string kind;
  std::string sender;
  std::string referral_id;
  std::string case_id;
  std::string purpose;
  std::string agreement;  // empty for the broker's own
  bool exercise = false;
  v1::MessageRow row;
};

struct MessagePage {
  std::vector<MessageHit> hits;
  core::Position next = 0;  // where to go on; 0: there is no more
  std::uint64_t examined = 0;
  core::Position first = 1;  // the walk's ends, to tell how far it is
  core::Position last = 0;
  std::optional<base::Instant> reached;  // time of the record looked at last
};

/// Which of the tables know an id.
struct KnownId {
  bool message = false;
  bool referral = false;
  bool the_case = false;
  std::string appointment_of;  // the referral, when it is an appointment
};

/// Any thread. Sees the durable state.
class MessageSearch {
 public:
  explicit MessageSearch(const journal::Store& store) : store_(store) {}

  [[nodiscard]] KnownId known(std::string_view id) const;

  /// From the newest back; of one referral from its first on, up to the record that closes it. `from` is the `next` of
  /// the page before, or 0. A page may hold fewer than `most` and still have a next, and one or two more.
  [[nodiscard]] MessagePage page(const MessageFilter& filter, core::Position from, std::size_t most,
                                 WalkLimits limits = {}) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
