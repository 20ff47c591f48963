#include "adapters/mapping/message_json.h"

#include <nlohmann/json.hpp>

#include "adapters/mapping/field_path.h"
#include "adapters/mapping/times.h"

namespace relais::mapping {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

const std::vector<TimePattern>& iso_moments() {
  static const std::vector<TimePattern> patterns = [] {
    std::string wrong;
    return make_patterns("iso", true, wrong);
  }();
  return patterns;
}

const TimePattern& utc_moment() { return iso_moments()[1]; }

Step step_to(const FieldDescriptor* field) { return {field, std::nullopt, {}}; }

std::string shown(const FieldDescriptor& field, const std::string& text) {
  return is_moment(field) ? format_moment(std::stoll(text), utc_moment(), {}) : text;
}

Json to_json(const Message& message, bool with_oneofs) {
  auto object = Json::object();
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* const field : fields) {
    if (!with_oneofs && field->real_containing_oneof() != nullptr) continue;
    auto& place = object[std::string(field->name())];
    const auto& reflect = *message.GetReflection();
    if (field->message_type() == nullptr) {
      const auto values = values_at(message, {step_to(field)});
      if (field->is_repeated())
        place = values;
      else
        place = shown(*field, values.at(0));
    } else if (field->is_repeated()) {
      place = Json::array();
      for (int i = 0; i < reflect.FieldSize(message, field); ++i)
        place.push_back(to_json(reflect.GetRepeatedMessage(message, field, i), true));
    } else {
      place = to_json(reflect.GetMessage(message, field), true);
    }
  }
  return object;
}

bool fill(Message& message, const Json& json, const std::string& path, std::string& wrong);

bool fill_value(Message& message, const FieldDescriptor& field, const Json& json, const std::string& path,
                std::string& wrong) {
  std::string detail;
  wrong = path + ": a text is expected";
  if (!json.is_string()) return false;
  auto text = json.get<std::string>();
  if (is_moment(field)) {
    const auto moment = parse_moment(text, iso_moments(), {});
    wrong = path + ": a time such as 2026-01-31T09:30:00Z is expected";
    if (!moment.value) return false;
    text = std::to_string(*moment.value);
  }
  const auto rule = put(message, {step_to(&field)}, text, detail);
  wrong = path + ": " + std::string(rule);
  return rule.empty();
}

bool fill_field(Message& message, const FieldDescriptor& field, const Json& json, const std::string& path,
                std::string& wrong) {
  const auto& reflect = *message.GetReflection();
  if (!field.is_repeated()) {
    if (field.message_type() == nullptr) return fill_value(message, field, json, path, wrong);
    return fill(*reflect.MutableMessage(&message, &field), json, path, wrong);
  }
  wrong = path + ": a list is expected";
  if (!json.is_array()) return false;
  for (const auto& item : json) {
    const bool good = field.message_type() == nullptr ? fill_value(message, field, item, path, wrong)
                                                      : fill(*reflect.AddMessage(&message, &field), item, path, wrong);
    if (!good) return false;
  }
  return true;
}

bool fill(Message& message, const Json& json, const std::string& path, std::string& wrong) {
  wrong = path + ": an object is expected";
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    const auto* const field = message.GetDescriptor()->FindFieldByName(name);
    wrong = path + ": it has an unknown field";
    if (field == nullptr || !fill_field(message, *field, value, path + "." + name, wrong)) return false;
  }
  return true;
}

void flatten(const Json& json, const std::string& path, std::vector<std::pair<std::string, std::string>>& lines) {
  if (json.is_object()) {
    for (const auto& [name, below] : json.items()) flatten(below, path.empty() ? name : path + "." + name, lines);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) flatten(json[i], path + "[" + std::to_string(i) + "]", lines);
  } else {
    lines.emplace_back(path, json.is_string() ? json.get<std::string>() : json.dump());
  }
}

bool fill_contents(const Json& json, std::vector<Content>& contents, std::string& wrong) {
  wrong = "contents: an object is expected";
  if (!json.is_object()) return false;
  for (const auto& [word, value] : json.items()) {
    const auto* const type = content_type(std::string_view(word));
    wrong = "contents: a category is unknown";
    if (type == nullptr) return false;
    const auto content = new_content(type->category);
    if (!fill(*content, value, word, wrong)) return false;
    contents.push_back({type->category, content->SerializeAsString()});
  }
  return true;
}

}  // namespace

Json message_json(const MessageView& message) {
  auto object = Json::object();
  const auto body = message.envelope.body_case();
  object["kind"] = std::string(name_of(body));
  auto local = Json::object();
  if (!message.local.reference.empty()) local["reference"] = message.local.reference;
  if (!message.local.referral.empty()) local["referral"] = message.local.referral;
  if (!message.local.appointment.empty()) local["appointment"] = message.local.appointment;
  if (!local.empty()) object["local"] = std::move(local);
  if (auto envelope = to_json(message.envelope, false); !envelope.empty()) object["envelope"] = std::move(envelope);
  const auto& inside = message.envelope.GetReflection()->GetMessage(message.envelope, body_field(body));
  if (auto values = to_json(inside, true); !values.empty()) object["body"] = std::move(values);
  auto contents = Json::object();
  for (const auto& content : message.contents) {
    const auto opened = new_content(content.category);
    if (opened->ParseFromString(content.bytes))
      contents[std::string(content_type(content.category)->word)] = to_json(*opened, true);
  }
  if (!contents.empty()) object["contents"] = std::move(contents);
  return object;
}

std::optional<OutgoingMessage> message_from_json(const Json& json, std::string& wrong) {
  OutgoingMessage message;
  wrong = "an object with a kind is expected";
  if (!json.is_object() || !json.contains("kind") || !json["kind"].is_string()) return std::nullopt;
  const auto kind = body_named(json["kind"].get<std::string>());
  wrong = "kind: no kind of message has this name";
  if (!kind) return std::nullopt;
  auto& body = *message.envelope.GetReflection()->MutableMessage(&message.envelope, body_field(*kind));
  for (const auto& [name, value] : json.items()) {
    if (name == "kind") continue;
    if (name == "local") {
      message.local.reference = value.value("reference", "");
      message.local.referral = value.value("referral", "");
      message.local.appointment = value.value("appointment", "");
    } else if (name == "envelope" ? !fill(message.envelope, value, name, wrong)
               : name == "body"   ? !fill(body, value, name, wrong)
                                  : name != "contents" || !fill_contents(value, message.contents, wrong)) {
      return std::nullopt;
    }
  }
  return message;
}

std::vector<std::pair<std::string, std::string>> message_lines(const MessageView& message) {
  auto json = message_json(message);
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : json.items()) {
    if (name == "kind") continue;
    flatten(value, name == "contents" ? std::string() : name, lines);
  }
  return lines;
}

}  // namespace relais::mapping
