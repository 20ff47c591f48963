// The life of an appointment, as a table. Words: FHIR R4 Appointment.status.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/message_kinds.h"

#include "relais/v1/common.pb.h"

namespace relais::core {

struct AppointmentMove {
  v1::AppointmentStatus from;  // UNSPECIFIED: the appointment does not exist yet
  Body message;
  v1::AppointmentStatus to;
};

inline constexpr std::array kAppointmentMoves = {
    AppointmentMove{v1::APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentProposed, v1::APPOINTMENT_STATUS_PROPOSED},
    AppointmentMove{v1::APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentHeld, v1::APPOINTMENT_STATUS_PENDING},
    AppointmentMove{v1::APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentBooked, v1::APPOINTMENT_STATUS_BOOKED},
    AppointmentMove{v1::APPOINTMENT_STATUS_PROPOSED, Body::kAppointmentBooked, v1::APPOINTMENT_STATUS_BOOKED},
    AppointmentMove{v1::APPOINTMENT_STATUS_PROPOSED, Body::kAppointmentCancelled, v1::APPOINTMENT_STATUS_CANCELLED},
    AppointmentMove{v1::APPOINTMENT_STATUS_PENDING, Body::kAppointmentBooked, v1::APPOINTMENT_STATUS_BOOKED},
    AppointmentMove{v1::APPOINTMENT_STATUS_PENDING, Body::kAppointmentCancelled, v1::APPOINTMENT_STATUS_CANCELLED},
    AppointmentMove{v1::APPOINTMENT_STATUS_BOOKED, Body::kAppointmentRescheduled, v1::APPOINTMENT_STATUS_BOOKED},
    AppointmentMove{v1::APPOINTMENT_STATUS_BOOKED, Body::kAppointmentArrived, v1::APPOINTMENT_STATUS_ARRIVED},
    AppointmentMove{v1::APPOINTMENT_STATUS_BOOKED, Body::kAppointmentNoShow, v1::APPOINTMENT_STATUS_NOSHOW},
    AppointmentMove{v1::APPOINTMENT_STATUS_BOOKED, Body::kAppointmentCancelled, v1::APPOINTMENT_STATUS_CANCELLED},
    AppointmentMove{v1::APPOINTMENT_STATUS_ARRIVED, Body::kAppointmentFulfilled, v1::APPOINTMENT_STATUS_FULFILLED},
};

/// "proposed", "booked", ...; "none" for one that does not exist yet.
std::string_view status_name(v1::AppointmentStatus status);

[[nodiscard]] bool is_terminal(v1::AppointmentStatus status);

std::optional<v1::AppointmentStatus> next_status(v1::AppointmentStatus from, Body message);

std::vector<std::string> allowed_messages(v1::AppointmentStatus status);

/// Appointments are opened and changed while the referral is in one of these: a person took it in charge.
[[nodiscard]] bool allows_appointments(v1::ReferralStatus status);

}  // namespace relais::core
