// The parts of envelope_check: what its files share, and nobody else includes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/base/result.h"

#include "relais/v1/envelope.pb.h"

namespace relais::core {

/// envelope.malformed: `field` is not what was `expected`.
base::Refusal malformed(std::string field, std::string expected);
base::Status optional_code(std::string_view code, std::string_view field);
[[nodiscard]] bool is_meeting_time(std::int64_t start_ms, std::int64_t end_ms);

/// Enumerations are open on the wire: a number that this version does not know is as good as none.
template <auto is_valid>
[[nodiscard]] bool names_one(int value) {
  return value != 0 && is_valid(value);
}

base::Status check_consent_granted(const v1::Envelope& envelope);
base::Status check_consent_withdrawn(const v1::Envelope& envelope);
base::Status check_rights_requested(const v1::Envelope& envelope);

/// Whom a message about slots names, and what it leaves out.
base::Status check_about_slots(const v1::Envelope& envelope);
base::Status check_slots_published(const v1::Envelope& envelope, base::Instant now);
base::Status check_slots_withdrawn(const v1::Envelope& envelope);

}  // namespace relais::core
