// What a field of the protocol demands of its text, beyond its type.
#pragma once

#include <string>
#include <string_view>

#include <google/protobuf/descriptor.h>

#include "adapters/mapping/content_types.h"

#include "relais/v1/envelope.pb.h"

namespace relais::mapping {

/// The rule that `text` breaks for this field; empty when none. `detail` completes the sentence.
std::string_view check_field(const google::protobuf::FieldDescriptor& field, std::string_view text,
                             std::string& detail);

/// What is missing or does not fit in the body of a message that is to be sent: the broker would refuse it.
/// `path` names the field of the message. Empty rule: nothing.
struct BodyFault {
  std::string_view rule;
  std::string path;
  std::string detail;
};
BodyFault check_body(const v1::Envelope& envelope);

}  // namespace relais::mapping
