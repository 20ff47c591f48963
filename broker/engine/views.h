// Answers to the questions that adapters may ask.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/state.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::engine::views {

using SpeaksFor = std::function<bool(std::string_view institution)>;

/// An accepted message's envelope; empty when the store has it no more.
using EnvelopeOf = std::function<std::optional<v1::Envelope>(core::MessageKey key)>;

/// Shows a referral or a message only to a session that speaks for one of its two sides, a case only to its
/// participants: for anybody else it is not.found, as if it did not exist. Free slots and routes are those of `now`.
v1::Answer answer(const v1::Query& query, const core::State& state, const SpeaksFor& speaks_for,
                  const EnvelopeOf& envelope_of, base::Instant now);

v1::ReferralView referral_view(std::string_view referral_id, const v1::ReferralRow& row, const core::State& state);
v1::MessageView message_view(std::string_view message_id, const v1::MessageRow& row);

/// "requested", "on_hold", ...; "proposed", "booked", ...
std::string_view status_name(v1::ReferralStatus status);
std::string_view status_name(v1::AppointmentStatus status);

/// "queued", "parked", "delivered", "dead", "discarded".
std::string_view delivery_state_name(v1::DeliveryState state);

/// "identity", "social_situation", ...
std::string_view category_name(v1::Category category);
std::string outcome_name(v1::Outcome outcome);
/// "routine", "urgent", ...
std::string priority_name(v1::Priority priority);

/// Every name that the functions above can give, but "unspecified"; and every kind of message.
std::vector<std::string> referral_status_names();
std::vector<std::string> delivery_state_names();
std::vector<std::string> message_kind_names();

}  // namespace relais::engine::views
