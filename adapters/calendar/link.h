// What is known of one appointment and its event: what was agreed in Relais, what was asked for, what the calendar
// shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/calendar/event.h"
#include "adapters/sdk/local_store.h"

#include "relais/v1/appointment.pb.h"

namespace relais::calendar {

/// A change at the calendar that was handed to Relais and has no answer yet.
struct Asked {
  std::string message_id;  // 16 bytes
  EventState state;
};

/// Holds ids, codes and times; nothing of a person.
struct Link {
  std::string appointment_id;  // 16 bytes
  std::string referral_id;
  std::string href;

  EventState agreed;           // by what the broker accepted last, as far as we know
  std::uint64_t position = 0;  // of it, in the broker's journal
  v1::Meeting meeting;         // place, service, mode, slot of what was agreed

  std::vector<Asked> asked;  // oldest first

  bool on_server = false;  // the calendar shows it, as far as we know
  std::string etag;
  std::int64_t sequence = 0;
  EventState shown;

  std::optional<EventState> writing;  // noted before it is put: what is found so afterwards is ours
  std::string notice;                 // for people, to be written with the next change; no personal datum

  /// What the calendar is to show.
  [[nodiscard]] const EventState& wanted() const { return asked.empty() ? agreed : asked.back().state; }

  /// It shows that. What is over needs no event.
  [[nodiscard]] bool satisfied() const;
};

/// "UUID@relais": of the appointment alone.
std::string uid_of_appointment(std::string_view appointment_id);

/// The 16 bytes; empty when the UID is not one of ours.
std::optional<std::string> appointment_of_uid(std::string_view uid);

/// The links of one institution in the adapter's store. Threads: the caller keeps two from changing one link at once.
class Links {
 public:
  Links(sdk::LocalStore& store, std::string institution) : store_(store), institution_(std::move(institution)) {}

  [[nodiscard]] std::optional<Link> find(std::string_view appointment_id) const;
  [[nodiscard]] std::optional<Link> at(std::string_view href) const;
  [[nodiscard]] std::optional<Link> asked_by(std::string_view message_id) const;

  /// To be written with whatever makes it true. `before`: as it was, so that its old place is forgotten.
  [[nodiscard]] sdk::Notes notes(const Link& link, const Link* before) const;

  /// Those whose event is not as it should be though no message waits for it.
  [[nodiscard]] std::vector<std::string> unfinished() const;
  [[nodiscard]] sdk::Note mark_unfinished(const Link& link, bool unfinished) const;

  /// Each one whose event is on the server.
  [[nodiscard]] std::vector<Link> on_server() const;

  /// Those that are over and ended before `before_ms` are forgotten. io.failed.
  base::Status forget_ended(std::int64_t before_ms);

  [[nodiscard]] std::string token() const;
  base::Status set_token(const std::string& token);

 private:
  [[nodiscard]] std::string key(std::string_view kind, std::string_view name) const;

  sdk::LocalStore& store_;
  std::string institution_;
};

}  // namespace relais::calendar
