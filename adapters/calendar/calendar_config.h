// The settings of one institution's calendar.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/calendar/caldav_server.h"
#include "adapters/calendar/event.h"
#include "adapters/calendar/event_text.h"

#include "relais/v1/appointment.pb.h"

namespace relais::calendar {

/// What becomes of a referral to this institution: a calendar has no place for one.
enum class Referrals {
  refuse,   // its sender is told
  receive,  // people hear of it elsewhere; the appointments that follow stand in the calendar
  accept,   // the same, and it is taken in charge at once: whoever keeps a calendar receives people
};

struct CalendarConfig {
  std::string institution;
  CalDavOptions server;
  EventRules rules;
  EventTemplate event;
  Referrals referrals = Referrals::refuse;
  bool remove_cancelled = false;  // otherwise they stay, with STATUS:CANCELLED
  v1::CancelledBy cancelled_by = v1::CANCELLED_BY_INSTITUTION;
  v1::CancellationReason cancelled_reason = v1::CANCELLATION_REASON_OTHER;
  std::chrono::milliseconds look_every{60'000};
  std::chrono::milliseconds retry_first{5'000};
  std::chrono::milliseconds forget_after{std::chrono::hours(24 * 400)};  // after the end of an appointment
};

}  // namespace relais::calendar
