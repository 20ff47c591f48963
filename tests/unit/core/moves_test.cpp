// The tables of moves, walked in full: what is not listed is refused.
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "broker/core/appointment_moves.h"
#include "broker/core/referral_moves.h"

namespace relais::core {
namespace {

using R = v1::ReferralStatus;
using A = v1::AppointmentStatus;

/// The life of a referral as the design tells it, written down a second time by message: from which states, to which.
const std::set<std::tuple<R, Body, R>> kReferralLife = [] {
  std::set<std::tuple<R, Body, R>> life;
  const auto add = [&](Body message, std::initializer_list<R> from, R to) {
    for (const auto state : from) life.emplace(state, message, to);
  };
  using enum v1::ReferralStatus;
  add(Body::kReferralReceived, {REFERRAL_STATUS_REQUESTED}, REFERRAL_STATUS_RECEIVED);
  add(Body::kReferralAccepted, {REFERRAL_STATUS_REQUESTED, REFERRAL_STATUS_RECEIVED}, REFERRAL_STATUS_ACCEPTED);
  add(Body::kReferralRejected, {REFERRAL_STATUS_REQUESTED, REFERRAL_STATUS_RECEIVED}, REFERRAL_STATUS_REJECTED);
  add(Body::kReferralForwarded, {REFERRAL_STATUS_REQUESTED, REFERRAL_STATUS_RECEIVED, REFERRAL_STATUS_ACCEPTED},
      REFERRAL_STATUS_FORWARDED);
  add(Body::kReferralStarted, {REFERRAL_STATUS_ACCEPTED, REFERRAL_STATUS_ON_HOLD}, REFERRAL_STATUS_IN_PROGRESS);
  add(Body::kReferralHeld, {REFERRAL_STATUS_ACCEPTED, REFERRAL_STATUS_IN_PROGRESS}, REFERRAL_STATUS_ON_HOLD);
  add(Body::kReferralCompleted, {REFERRAL_STATUS_ACCEPTED, REFERRAL_STATUS_IN_PROGRESS}, REFERRAL_STATUS_COMPLETED);
  add(Body::kReferralCancelled,
      {REFERRAL_STATUS_REQUESTED, REFERRAL_STATUS_RECEIVED, REFERRAL_STATUS_ACCEPTED, REFERRAL_STATUS_IN_PROGRESS,
       REFERRAL_STATUS_ON_HOLD},
      REFERRAL_STATUS_CANCELLED);
  add(Body::kReferralExpired, {REFERRAL_STATUS_REQUESTED, REFERRAL_STATUS_RECEIVED}, REFERRAL_STATUS_EXPIRED);
  return life;
}();

TEST(ReferralMoves, are_those_of_the_domain_and_no_others) {
  for (int from = v1::ReferralStatus_MIN; from <= v1::ReferralStatus_MAX; ++from)
    for (const auto& kind : message_kinds()) {
      const auto to = next_status(static_cast<R>(from), kind.body);
      if (to) {
        EXPECT_TRUE(kReferralLife.contains({static_cast<R>(from), kind.body, *to})) << from << " " << kind.name;
      }
      for (const auto& [f, body, t] : kReferralLife) {
        if (f != from || body != kind.body) continue;
        EXPECT_EQ(to, t) << from << " " << kind.name;
      }
    }
}

TEST(ReferralMoves, never_leave_a_terminal_state) {
  for (const auto& move : kReferralMoves) EXPECT_FALSE(is_terminal(move.from)) << status_name(move.from);
}

TEST(ReferralMoves, reach_every_state_from_requested) {
  std::set<R> reached{v1::REFERRAL_STATUS_REQUESTED};
  for (std::size_t i = 0; i < kReferralMoves.size(); ++i)
    for (const auto& move : kReferralMoves)
      if (reached.contains(move.from)) reached.insert(move.to);
  EXPECT_EQ(reached.size(), static_cast<std::size_t>(v1::ReferralStatus_MAX));
}

TEST(ReferralMoves, tell_what_is_allowed_and_nothing_once_the_loop_is_closed) {
  const auto allowed = allowed_messages(v1::REFERRAL_STATUS_COMPLETED, false);
  EXPECT_EQ(allowed,
            (std::vector<std::string>{"outcome_acknowledged", "information_requested", "information_provided"}));
  EXPECT_TRUE(allowed_messages(v1::REFERRAL_STATUS_COMPLETED, true).empty());
}

TEST(AppointmentMoves, are_those_of_the_domain_and_no_others) {
  using enum v1::AppointmentStatus;
  const std::set<std::tuple<A, Body, A>> life = {
      {APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentProposed, APPOINTMENT_STATUS_PROPOSED},
      {APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentHeld, APPOINTMENT_STATUS_PENDING},
      {APPOINTMENT_STATUS_UNSPECIFIED, Body::kAppointmentBooked, APPOINTMENT_STATUS_BOOKED},
      {APPOINTMENT_STATUS_PROPOSED, Body::kAppointmentBooked, APPOINTMENT_STATUS_BOOKED},
      {APPOINTMENT_STATUS_PENDING, Body::kAppointmentBooked, APPOINTMENT_STATUS_BOOKED},
      {APPOINTMENT_STATUS_BOOKED, Body::kAppointmentArrived, APPOINTMENT_STATUS_ARRIVED},
      {APPOINTMENT_STATUS_ARRIVED, Body::kAppointmentFulfilled, APPOINTMENT_STATUS_FULFILLED},
      {APPOINTMENT_STATUS_BOOKED, Body::kAppointmentNoShow, APPOINTMENT_STATUS_NOSHOW},
      {APPOINTMENT_STATUS_PROPOSED, Body::kAppointmentCancelled, APPOINTMENT_STATUS_CANCELLED},
      {APPOINTMENT_STATUS_PENDING, Body::kAppointmentCancelled, APPOINTMENT_STATUS_CANCELLED},
      {APPOINTMENT_STATUS_BOOKED, Body::kAppointmentCancelled, APPOINTMENT_STATUS_CANCELLED},
      {APPOINTMENT_STATUS_BOOKED, Body::kAppointmentRescheduled, APPOINTMENT_STATUS_BOOKED}};
  std::set<std::tuple<A, Body, A>> found;
  for (int from = v1::AppointmentStatus_MIN; from <= v1::AppointmentStatus_MAX; ++from)
    for (const auto& kind : message_kinds())
      if (const auto to = next_status(static_cast<A>(from), kind.body))
        found.emplace(static_cast<A>(from), kind.body, *to);
  EXPECT_EQ(found, life);
}

TEST(MessageKinds, name_every_body_of_the_envelope_once) {
  std::set<std::string_view> names;
  const auto* body = v1::Envelope::descriptor()->FindOneofByName("body");
  ASSERT_NE(body, nullptr);
  for (int i = 0; i < body->field_count(); ++i) {
    const auto* field = body->field(i);
    const auto found = body_named(field->name());
    ASSERT_TRUE(found.has_value()) << field->name();
    EXPECT_EQ(static_cast<int>(*found), field->number());
    names.insert(kind_of(*found).name);
  }
  EXPECT_EQ(names.size(), message_kinds().size());
}

}  // namespace
}  // namespace relais::core
