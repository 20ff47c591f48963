#include "adapters/postgres/contents_json.h"

#include <algorithm>

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "adapters/mapping/content_types.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

base::Refusal bad(std::string field, std::string why) {
  return refuse(RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

}  // namespace

base::Result<std::string> contents_to_json(const std::vector<mapping::Content>& contents) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json = "{";
  for (const auto& content : contents) {
    const auto* const type = mapping::content_type(content.category);
    const std::string word = type == nullptr ? "contents" : std::string(type->word);
    const auto message = type == nullptr ? nullptr : mapping::new_content(content.category);
    std::string text;
    if (!message || !message->ParseFromString(content.bytes) ||
        !google::protobuf::util::MessageToJsonString(*message, &text, options).ok())
      return refuse(RefusalCode::compartment_malformed, word);
    if (json.size() > 1) json += ',';
    json += '"' + word + "\":" + text;
  }
  return json + '}';
}

base::Result<std::vector<mapping::Content>> contents_from_json(std::string_view json) {
  std::vector<mapping::Content> contents;
  if (json.empty()) return contents;
  const auto object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return bad("contents", "expected a JSON object");
  for (const auto& [word, value] : object.items()) {
    const auto* const type = mapping::content_type(word);
    if (type == nullptr) return bad("contents", "it names a category that does not exist");
    const auto message = mapping::new_content(type->category);
    // What protobuf would say quotes the value.
    if (!google::protobuf::util::JsonStringToMessage(
             value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), message.get())
             .ok())
      return bad("contents." + std::string(type->word), "a field of it is unknown or of another kind");
    if (message->ByteSizeLong() > 0) contents.push_back({type->category, message->SerializeAsString()});
  }
  std::ranges::sort(contents, {}, &mapping::Content::category);
  return contents;
}

}  // namespace relais::postgres
