// An outgoing message with its contents opened, as paths see it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/mapping/plan.h"

namespace relais::mapping {

class OpenedMessage {
 public:
  /// `message` outlives this object. Contents that can not be read go to `faults`.
  OpenedMessage(const OutgoingMessage& message, std::vector<Fault>& faults);

  [[nodiscard]] Body kind() const { return message_->envelope.body_case(); }

  /// Text forms of all values at the path, without empty ones.
  [[nodiscard]] std::vector<std::string> values(const FieldPath& path) const;

  /// Content and body fields with a value that none of these paths takes.
  [[nodiscard]] std::set<std::string> lost(const std::vector<const FieldPath*>& taken) const;

 private:
  [[nodiscard]] const google::protobuf::Message& body() const;

  const OutgoingMessage* message_;
  std::map<v1::Category, std::unique_ptr<google::protobuf::Message>> contents_;
};

}  // namespace relais::mapping
