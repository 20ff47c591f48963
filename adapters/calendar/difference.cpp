#include "adapters/calendar/difference.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relais::calendar {

namespace {

/// What is agreed of the place stays; a slot is of its own time only.
v1::Meeting moved(const Link& link, const EventState& to) {
  v1::Meeting meeting = link.meeting;
  meeting.set_start_ms(to.start_ms);
  meeting.set_end_ms(to.end_ms);
  meeting.clear_slot_id();
  return meeting;
}

News cancelled(const Link& link, const Standing& standing) {
  v1::Envelope envelope;
  auto& body = *envelope.mutable_appointment_cancelled();
  body.set_by(standing.cancelled_by);
  body.set_reason(standing.reason);
  auto state = link.wanted();
  state.status = EventStatus::cancelled;
  return {{envelope}, state};
}

constexpr std::array kNotices = {
    std::pair{std::string_view("proposal.moved"),
              std::string_view("un rendez-vous proposé ne se déplace pas ; confirmez-le d’abord ou refusez-le.")},
    std::pair{std::string_view("appointment.over"), std::string_view("ce rendez-vous est clos, il ne change plus.")},
    std::pair{std::string_view("appointment.not_booked"),
              std::string_view("le rendez-vous n’est pas encore confirmé.")},
    std::pair{std::string_view("appointment.booked"),
              std::string_view("un rendez-vous confirmé ne redevient pas provisoire.")},
    std::pair{std::string_view("outcome.not_ours"),
              std::string_view("seule l’institution qui reçoit dit si la personne est venue.")},
    std::pair{std::string_view("event.recurring"), std::string_view("un rendez-vous ne se répète pas.")},
    std::pair{std::string_view("event.several"), std::string_view("un rendez-vous ne se répète pas.")},
    std::pair{std::string_view("event.all_day"), std::string_view("un rendez-vous a une heure de début et de fin.")},
    std::pair{std::string_view("event.no_end"), std::string_view("un rendez-vous a une heure de début et de fin.")},
    std::pair{std::string_view("event.too_long"), std::string_view("un rendez-vous dure 24 heures au plus.")},
    std::pair{std::string_view("zone.unknown"), std::string_view("le fuseau horaire est inconnu.")},
};

}  // namespace

std::variant<NoNews, Unsayable, News> difference(const Link& link, const EventState* seen, const Standing& standing) {
  const auto& held = link.wanted();
  if (seen == nullptr || seen->status == EventStatus::cancelled) {
    if (held.status == EventStatus::cancelled) return NoNews{};
    // Tidying up after the meeting says nothing about it.
    if (seen == nullptr && (is_final(held.status) || standing.now_ms >= held.end_ms)) return NoNews{};
    if (is_final(held.status)) return Unsayable{"appointment.over"};
    return cancelled(link, standing);
  }
  if (same(*seen, held)) return NoNews{};
  if (is_final(held.status)) return Unsayable{"appointment.over"};
  if (seen->status == EventStatus::fulfilled || seen->status == EventStatus::no_show) {
    if (!standing.host) return Unsayable{"outcome.not_ours"};
    if (held.status != EventStatus::confirmed) return Unsayable{"appointment.not_booked"};
    News news{{}, *seen};
    if (seen->status == EventStatus::fulfilled) {
      news.messages.emplace_back().mutable_appointment_arrived();
      news.messages.emplace_back().mutable_appointment_fulfilled();
    } else {
      news.messages.emplace_back().mutable_appointment_no_show();
    }
    return news;
  }
  const bool times = !same_times(*seen, held);
  if (held.status == EventStatus::tentative) {
    if (seen->status == EventStatus::tentative) return Unsayable{"proposal.moved"};
    v1::Envelope envelope;
    auto& booked = *envelope.mutable_appointment_booked();
    if (times) *booked.mutable_meeting() = moved(link, *seen);
    return News{{envelope}, *seen};
  }
  // To call a booked appointment tentative again says nothing; its time may still have changed.
  auto state = *seen;
  state.status = EventStatus::confirmed;
  if (!times) return Unsayable{"appointment.booked"};
  v1::Envelope envelope;
  *envelope.mutable_appointment_rescheduled()->mutable_meeting() = moved(link, *seen);
  return News{{envelope}, state};
}

std::string notice_of(std::string_view rule) {
  const auto* const found = std::ranges::find(kNotices, rule, &std::pair<std::string_view, std::string_view>::first);
  if (found != kNotices.end()) return std::string(found->second);
  return "l’événement n’a pas pu être lu (" + std::string(rule) + ") ; il a été rétabli.";
}

}  // namespace relais::calendar
