// Messages as JSON for people and tests: words instead of numbers, ids and times in their text forms.
//
//   { "kind": "referral_requested", "local": {..}, "envelope": {..}, "body": {..}, "contents": { "identity": {..} } }
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "adapters/mapping/message.h"

namespace relais::mapping {

/// The common part of messages read and messages to write.
struct MessageView {
  const v1::Envelope& envelope;
  const std::vector<Content>& contents;
  const LocalReferences& local;
};

nlohmann::ordered_json message_json(const MessageView& message);

/// Empty: `wrong` says where and why, without a value.
std::optional<OutgoingMessage> message_from_json(const nlohmann::ordered_json& json, std::string& wrong);

/// Every value with its path, for a table.
std::vector<std::pair<std::string, std::string>> message_lines(const MessageView& message);

}  // namespace relais::mapping
