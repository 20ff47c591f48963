// Categories of content: their word in paths and the message of content.proto that holds them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <google/protobuf/message.h>

#include "relais/v1/common.pb.h"
#include "relais/v1/envelope.pb.h"

namespace relais::mapping {

using Body = v1::Envelope::BodyCase;

struct ContentType {
  v1::Category category;
  std::string_view word;                       // "social_situation"
  const google::protobuf::Message* prototype;  // lives for the whole process
};

/// In ascending category; every category of the protocol has one.
std::span<const ContentType> content_types();

const ContentType* content_type(v1::Category category);
const ContentType* content_type(std::string_view word);

std::unique_ptr<google::protobuf::Message> new_content(v1::Category category);

/// Kinds of message by the name of their body in the envelope.
std::optional<Body> body_named(std::string_view name);
std::string_view name_of(Body body);
const google::protobuf::FieldDescriptor* body_field(Body body);

/// Said by the broker alone: such a message can be written, never read.
bool is_notice(Body body);

/// In the order of the envelope's fields.
std::span<const Body> all_bodies();

}  // namespace relais::mapping
