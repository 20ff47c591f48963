#include "broker/engine/views.h"

#include <algorithm>
#include <cctype>

#include "broker/core/appointment_moves.h"
#include "broker/core/message_kinds.h"
#include "broker/core/parcours.h"
#include "broker/core/referral_moves.h"
#include "broker/core/routing.h"
#include "broker/core/secrecy.h"
#include "broker/core/slot_search.h"
#include "broker/engine/case_view.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine::views {

std::string_view status_name(v1::ReferralStatus status) { return core::status_name(status); }
std::string_view status_name(v1::AppointmentStatus status) { return core::status_name(status); }

std::string_view delivery_state_name(v1::DeliveryState state) {
  switch (state) {
    case v1::DELIVERY_STATE_QUEUED:
      return "queued";
    case v1::DELIVERY_STATE_PARKED:
      return "parked";
    case v1::DELIVERY_STATE_DELIVERED:
      return "delivered";
    case v1::DELIVERY_STATE_DEAD:
      return "dead";
    case v1::DELIVERY_STATE_DISCARDED:
      return "discarded";
    default:
      return "unspecified";
  }
}

std::string_view category_name(v1::Category category) { return core::category_name(category); }

namespace {
std::string in_lower_case(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}
}  // namespace

std::string outcome_name(v1::Outcome outcome) {
  return in_lower_case(v1::Outcome_Name(outcome).substr(std::string_view("OUTCOME_").size()));
}

std::string priority_name(v1::Priority priority) {
  return in_lower_case(v1::Priority_Name(priority).substr(std::string_view("PRIORITY_").size()));
}

std::vector<std::string> referral_status_names() {
  std::vector<std::string> names;
  for (int number = v1::ReferralStatus_MIN + 1; number <= v1::ReferralStatus_MAX; ++number)
    if (v1::ReferralStatus_IsValid(number)) names.emplace_back(status_name(static_cast<v1::ReferralStatus>(number)));
  return names;
}

std::vector<std::string> delivery_state_names() {
  std::vector<std::string> names;
  for (int number = v1::DeliveryState_MIN + 1; number <= v1::DeliveryState_MAX; ++number)
    if (v1::DeliveryState_IsValid(number))
      names.emplace_back(delivery_state_name(static_cast<v1::DeliveryState>(number)));
  return names;
}

std::vector<std::string> message_kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : core::message_kinds()) names.emplace_back(kind.name);
  return names;
}

v1::ReferralView referral_view(std::string_view referral_id, const v1::ReferralRow& row, const core::State& state) {
  v1::ReferralView view;
  view.set_referral_id(std::string(referral_id));
  view.set_case_id(row.case_id());
  view.set_status(row.status());
  view.set_closed(row.closed());
  view.set_sender(row.sender());
  view.set_recipient(row.recipient());
  view.set_principal(row.principal());
  view.set_member(row.member());
  view.set_holder(row.holder());
  view.set_deadline_ms(row.deadline_ms());
  view.set_exercise(row.exercise());
  for (const auto& id : row.appointments()) {
    const auto appointment = state.find<v1::AppointmentRow>(core::TableId::appointments, id);
    base::check(appointment.has_value(), "a referral lists appointments that exist");
    auto& shown = *view.add_appointments();
    shown.set_appointment_id(id);
    shown.set_status(appointment->status());
    *shown.mutable_meeting() = appointment->meeting();
  }
  return view;
}

v1::MessageView message_view(std::string_view message_id, const v1::MessageRow& row) {
  v1::MessageView view;
  view.set_message_id(std::string(message_id));
  view.set_position(row.position());
  view.set_accepted_at_ms(row.accepted_at_ms());
  for (const auto& delivery : row.deliveries()) {
    auto& shown = *view.add_deliveries();
    shown.set_recipient(delivery.recipient());
    shown.set_state(std::string(delivery_state_name(delivery.state())));
    shown.set_at_ms(delivery.at_ms());
    shown.set_attempts(delivery.attempts());
    shown.set_reason(delivery.reason());
  }
  return view;
}

namespace {

base::Result<v1::SlotsAnswer> slots_answer(const v1::SlotsQuery& query, const core::State& state,
                                           const SpeaksFor& speaks_for, base::Instant now) {
  if (!speaks_for(query.institution()))
    return base::refuse(base::RefusalCode::identity_forged_sender, "slots.institution",
                        {{"institution", query.institution()}});
  return core::find_slots(state, query, now);
}

base::Result<v1::RouteAnswer> route_answer(const v1::RouteQuery& question, const core::State& state,
                                           const SpeaksFor& speaks_for, base::Instant now) {
  if (!speaks_for(question.institution()))
    return base::refuse(base::RefusalCode::identity_forged_sender, "institution",
                        {{"institution", question.institution()}});
  if (state.directory() == nullptr) return base::refuse(base::RefusalCode::network_none);
  const auto routing = core::find_route(*state.directory(), core::Territory::france(), question, now);
  if (!routing) return routing.refusal();
  return routing->answer();
}

}  // namespace

v1::Answer answer(const v1::Query& query, const core::State& state, const SpeaksFor& speaks_for,
                  const EnvelopeOf& envelope_of, base::Instant now) {
  v1::Answer answer;
  answer.set_query_id(query.query_id());
  const auto refused = [&](base::RefusalCode code) { *answer.mutable_refused() = base::refuse(code).to_wire({}); };
  switch (query.kind_case()) {
    case v1::Query::kNetwork:
      if (auto network = state.signed_network())
        *answer.mutable_network() = std::move(*network);
      else
        refused(base::RefusalCode::network_none);
      break;
    case v1::Query::kReferralId: {
      const auto row = state.referral(query.referral_id());
      if (row && is_on_a_side(*row, speaks_for))
        *answer.mutable_referral() = referral_view(query.referral_id(), *row, state);
      else
        refused(base::RefusalCode::not_found);
      break;
    }
    case v1::Query::kMessageId: {
      const auto row = state.message(query.message_id());
      const bool shown = row && (speaks_for(row->sender()) ||
                                 std::any_of(row->deliveries().begin(), row->deliveries().end(),
                                             [&](const v1::DeliveryRow& d) { return speaks_for(d.recipient()); }));
      if (shown)
        *answer.mutable_message() = message_view(query.message_id(), *row);
      else
        refused(base::RefusalCode::not_found);
      break;
    }
    case v1::Query::kCaseId: {
      const auto row = state.find<v1::CaseRow>(core::TableId::cases, query.case_id());
      const auto parts = row ? core::participants(*row) : std::vector<std::string>();
      if (std::any_of(parts.begin(), parts.end(), speaks_for))
        *answer.mutable_case_view() = case_view(query.case_id(), *row, state, speaks_for, envelope_of);
      else
        refused(base::RefusalCode::not_found);
      break;
    }
    case v1::Query::kSlots:
      if (auto slots = slots_answer(query.slots(), state, speaks_for, now); slots)
        *answer.mutable_slots() = std::move(*slots);
      else
        *answer.mutable_refused() = slots.refusal().to_wire({});
      break;
    case v1::Query::kRoute:
      if (auto route = route_answer(query.route(), state, speaks_for, now); route)
        *answer.mutable_route() = std::move(*route);
      else
        *answer.mutable_refused() = route.refusal().to_wire({});
      break;
    case v1::Query::KIND_NOT_SET:
      refused(base::RefusalCode::frame_malformed);
      break;
  }
  return answer;
}

}  // namespace relais::engine::views
