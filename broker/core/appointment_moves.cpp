#include "broker/core/appointment_moves.h"

namespace relais::core {

std::string_view status_name(v1::AppointmentStatus status) {
  switch (status) {
    case v1::APPOINTMENT_STATUS_UNSPECIFIED:
      return "none";
    case v1::APPOINTMENT_STATUS_PROPOSED:
      return "proposed";
    case v1::APPOINTMENT_STATUS_PENDING:
      return "pending";
    case v1::APPOINTMENT_STATUS_BOOKED:
      return "booked";
    case v1::APPOINTMENT_STATUS_ARRIVED:
      return "arrived";
    case v1::APPOINTMENT_STATUS_FULFILLED:
      return "fulfilled";
    case v1::APPOINTMENT_STATUS_NOSHOW:
      return "noshow";
    case v1::APPOINTMENT_STATUS_CANCELLED:
      return "cancelled";
    default:
      return "unspecified";
  }
}

bool is_terminal(v1::AppointmentStatus status) { return status >= v1::APPOINTMENT_STATUS_FULFILLED; }

std::optional<v1::AppointmentStatus> next_status(v1::AppointmentStatus from, Body message) {
  for (const auto& move : kAppointmentMoves)
    if (move.from == from && move.message == message) return move.to;
  return std::nullopt;
}

std::vector<std::string> allowed_messages(v1::AppointmentStatus status) {
  std::vector<std::string> names;
  for (const auto& move : kAppointmentMoves)
    if (move.from == status) names.emplace_back(kind_of(move.message).name);
  return names;
}

bool allows_appointments(v1::ReferralStatus status) {
  return status == v1::REFERRAL_STATUS_ACCEPTED || status == v1::REFERRAL_STATUS_IN_PROGRESS ||
         status == v1::REFERRAL_STATUS_ON_HOLD;
}

}  // namespace relais::core
