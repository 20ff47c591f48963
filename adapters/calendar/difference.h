// What a change that people made at the calendar means in Relais. Pure.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "adapters/calendar/link.h"

#include "relais/v1/envelope.pb.h"

namespace relais::calendar {

/// Nothing to tell Relais.
struct NoNews {};

/// Can not be said, or not by us: the calendar is put back.
struct Unsayable {
  std::string rule;  // code, see notice_of()
};

/// Bodies of envelopes, in their order; the last one leads to `state`.
struct News {
  std::vector<v1::Envelope> messages;
  EventState state;
};

struct Standing {
  bool host = false;  // the referral is to us: only then do we say who came
  v1::CancelledBy cancelled_by = v1::CANCELLED_BY_INSTITUTION;
  v1::CancellationReason reason = v1::CANCELLATION_REASON_OTHER;
  std::int64_t now_ms = 0;
};

/// From what Relais holds (link.wanted()) to what the calendar shows now. An event that is gone: `seen` is null; when
/// its time was over, somebody tidied up, and it is no news.
std::variant<NoNews, Unsayable, News> difference(const Link& link, const EventState* seen, const Standing& standing);

/// The sentence for people, in French; of a fault of an event too.
std::string notice_of(std::string_view rule);

}  // namespace relais::calendar
