// W3C trace context (https://www.w3.org/TR/trace-context/, version 00) of messages whose sender's software gives none.
#pragma once

#include <string>

#include "relais/v1/envelope.pb.h"

namespace relais::sdk {

/// The `traceparent` of a message that has its message_id. The trace is the referral's id, or the case's, or else the
/// message's own: whoever speaks about a referral is in one trace, and needs to remember nothing for it. The span is
/// the first half of the message's id.
std::string trace_parent_for(const v1::Envelope& envelope);

}  // namespace relais::sdk
