// The shape of what is said about a case as a whole: the person's consent, and what the person asks for.
#include <algorithm>

#include "broker/core/envelope_check.h"
#include "broker/core/envelope_check_parts.h"

namespace relais::core {

using base::Status;

namespace {

Status check_purposes(const google::protobuf::RepeatedPtrField<std::string>& purposes, const std::string& field) {
  if (purposes.size() > kConsentPurposesMax) return malformed(field, "at most 32 purposes");
  for (int i = 0; i < purposes.size(); ++i) {
    const auto place = field + "[" + std::to_string(i) + "]";
    if (!is_code(purposes[i])) return malformed(place, "a code [a-z0-9][a-z0-9_.-]{0,63}");
    if (std::find(purposes.begin(), purposes.begin() + i, purposes[i]) != purposes.begin() + i)
      return malformed(place, "each purpose once");
  }
  return base::Done{};
}

}  // namespace

Status check_consent_granted(const v1::Envelope& envelope) {
  const auto& body = envelope.consent_granted();
  if (body.purposes().empty()) return malformed("consent_granted.purposes", "at least one purpose");
  if (!names_one<v1::ConsentForm_IsValid>(body.form())) return malformed("consent_granted.form", "a form");
  if (body.valid_until_ms() < 0 || (body.valid_until_ms() != 0 && body.valid_until_ms() <= envelope.sent_at_ms()))
    return malformed("consent_granted.valid_until_ms", "0 or an instant after sent_at_ms");
  return check_purposes(body.purposes(), "consent_granted.purposes");
}

Status check_consent_withdrawn(const v1::Envelope& envelope) {
  return check_purposes(envelope.consent_withdrawn().purposes(), "consent_withdrawn.purposes");
}

Status check_rights_requested(const v1::Envelope& envelope) {
  const auto& body = envelope.rights_requested();
  if (!names_one<v1::Right_IsValid>(body.right())) return malformed("rights_requested.right", "a right");
  if (!body.request_id().empty() || !body.by().empty() || body.due_ms() != 0)
    return malformed("rights_requested", "the right alone: the broker adds the rest");
  return base::Done{};
}

}  // namespace relais::core
