#include "adapters/rdvsp/progress.h"

namespace relais::rdvsp {

namespace {

using Body = v1::Envelope::BodyCase;

bool is_cancelled(Presence now) {
  return now == Presence::cancelled_by_person || now == Presence::cancelled_by_service;
}

Stage stage_of(Presence now) {
  switch (now) {
    case Presence::booked:
      return Stage::booked;
    case Presence::arrived:
      return Stage::arrived;
    case Presence::fulfilled:
      return Stage::fulfilled;
    case Presence::no_show:
      return Stage::no_show;
    case Presence::cancelled_by_person:
    case Presence::cancelled_by_service:
      break;
  }
  return Stage::cancelled;
}

/// Of one that is booked, to where they have it.
void go_on(Presence now, Progress& made) {
  made.stage = stage_of(now);
  switch (made.stage) {
    case Stage::booked:
      break;
    case Stage::arrived:
      made.steps.push_back(Body::kAppointmentArrived);
      break;
    case Stage::fulfilled:
      made.steps.push_back(Body::kAppointmentArrived);
      made.steps.push_back(Body::kAppointmentFulfilled);
      break;
    case Stage::no_show:
      made.steps.push_back(Body::kAppointmentNoShow);
      break;
    case Stage::cancelled:
      made.steps.push_back(Body::kAppointmentCancelled);
      break;
  }
}

std::optional<Progress> begin(Presence now) {
  if (is_cancelled(now)) return std::nullopt;
  Progress made;
  made.anew = true;
  made.steps.push_back(Body::kAppointmentBooked);
  go_on(now, made);
  return made;
}

}  // namespace

std::optional<Progress> progress(std::optional<Stage> known, Presence now, bool moved) {
  if (!known) return begin(now);
  Progress made;
  made.stage = *known;
  const auto wanted = stage_of(now);
  switch (*known) {
    case Stage::booked:
      if (moved && wanted != Stage::cancelled) made.steps.push_back(Body::kAppointmentRescheduled);
      go_on(now, made);
      return made;
    case Stage::arrived:
      if (wanted == Stage::fulfilled) {
        made.steps.push_back(Body::kAppointmentFulfilled);
        made.stage = wanted;
      } else {
        made.not_carried = wanted != *known;
      }
      return made;
    case Stage::cancelled:
      return wanted == *known ? made : begin(now);
    case Stage::no_show:
      // The person came after all: that must be heard.
      if (wanted == Stage::arrived || wanted == Stage::fulfilled) return begin(now);
      break;
    case Stage::fulfilled:
      break;
  }
  made.not_carried = wanted != *known;
  return made;
}

}  // namespace relais::rdvsp
