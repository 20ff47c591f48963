// One institution's calendar: what Relais says of its appointments goes into it, what people change there goes to
// Relais.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/calendar/calendar_config.h"
#include "adapters/calendar/calendar_server.h"
#include "adapters/calendar/difference.h"
#include "adapters/calendar/link.h"
#include "adapters/files/post.h"
#include "adapters/sdk/handler.h"
#include "adapters/sdk/network.h"
#include "broker/base/clock.h"

namespace relais::calendar {

/// Since the start of the program.
struct CalendarCounts {
  std::uint64_t written = 0;   // events put or removed
  std::uint64_t told = 0;      // changes of people, handed to Relais
  std::uint64_t put_back = 0;  // changes that can not be said, or that the broker refused
  std::uint64_t older = 0;     // a SEQUENCE below the one that is known
  std::uint64_t foreign = 0;   // events that are none of ours, as often as they were looked at
};

/// Threads: take() and receipt() on the SDK's handler thread, round() on one other, stop() and counts() on any.
/// Everything given outlives it.
class Calendar {
 public:
  using NetworkNow = std::function<std::shared_ptr<const sdk::Network>()>;

  Calendar(files::Post& post, const CalendarConfig& config, std::unique_ptr<CalendarServer> server, NetworkNow network,
           const base::Clock& clock);

  /// Handled when the server has the event; until then the broker keeps the message.
  sdk::Verdict take(const sdk::Incoming& message);

  /// The broker has accepted what people changed at the calendar.
  void receipt(const base::MessageId& message, std::uint64_t position);

  /// Puts back what the broker refused, finishes what was begun, looks at what has changed. Answers when to look again.
  std::chrono::milliseconds round();

  /// A request that waits ends soon.
  void stop() { server_->stop(); }

  [[nodiscard]] const std::string& institution() const { return config_.institution; }
  [[nodiscard]] CalendarCounts counts() const;

 private:
  sdk::Verdict take_appointment(const sdk::Incoming& message);
  sdk::Verdict take_other(const sdk::Incoming& message) const;
  [[nodiscard]] std::optional<Link> link_for(const v1::Envelope& envelope) const;
  base::Status keep(const Link& link, const Link* before, bool unfinished);

  base::Status bring_up_to_date(Link& link, const v1::Envelope* message, const v1::Identity* identity);
  base::Status begin_writing(Link& link, const v1::Envelope* message);
  base::Status make(Link& link, const v1::Envelope* message, const v1::Identity* identity);
  base::Status change(Link& link, const v1::Envelope* message, const v1::Identity* identity);
  [[nodiscard]] EventWriting writing_of(const Link& link, const v1::Envelope* message,
                                        const v1::Identity* identity) const;
  void was_written(Link& link, const Written& written);

  base::Status observe(Link& link, const StoredEvent* found);
  base::Status tell(Link& link, const Link& before, const EventState* seen, const std::string& name);
  base::Status put_back_later(Link& link, const Link& before, const std::string& rule, const std::string& notice);

  base::Status take_refused();
  base::Status finish_unfinished();
  base::Status look();
  base::Status look_at(const std::vector<Listed>& listed);
  base::Status look_at_some(const std::vector<std::string>& hrefs);
  base::Status look_for_gone(const std::vector<std::string>& hrefs);
  base::Status forget_old();

  bool failed(const base::Refusal& refusal, std::chrono::milliseconds& pause);

  files::Post& post_;
  const CalendarConfig& config_;
  const std::unique_ptr<CalendarServer> server_;
  const NetworkNow network_;
  const base::Clock& clock_;
  Links links_;
  mutable std::mutex mutex_;  // of links and server
  CalendarCounts counts_;
  base::Instant not_before_{};  // the server as a whole failed: no message asks it before
  std::uint32_t failures_ = 0;
  std::string fault_;
  base::Instant forget_at_{};
};

}  // namespace relais::calendar
