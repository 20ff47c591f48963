// Values in and out of messages by reflection. The text forms are those of docs/mapping.md, section 2.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

#include "adapters/mapping/field_path.h"
#include "adapters/mapping/utf8.h"
#include "broker/base/check.h"
#include "broker/base/ids.h"

namespace relais::mapping {

namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string upper_snake(std::string_view pascal) {
  std::string text;
  for (const char c : pascal) {
    if (c >= 'A' && c <= 'Z' && !text.empty()) text += '_';
    text += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return text;
}

std::string word_of(const EnumDescriptor& type, std::string_view name) {
  const std::string prefix = upper_snake(type.name()) + "_";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return folded(name);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// A list of messages keeps its elements apart by index or by key.
Message& element(Message& message, const Step& step) {
  const auto& reflect = *message.GetReflection();
  if (!step.field->is_repeated()) return *reflect.MutableMessage(&message, step.field);
  if (step.index) {
    while (reflect.FieldSize(message, step.field) <= *step.index) reflect.AddMessage(&message, step.field);
    return *reflect.MutableRepeatedMessage(&message, step.field, *step.index);
  }
  const auto* const system = step.field->message_type()->FindFieldByName("system");
  auto& added = *reflect.AddMessage(&message, step.field);
  added.GetReflection()->SetString(&added, system, step.key);
  return added;
}

std::optional<bool> flag(std::string_view text) {
  const auto word = folded(text);
  for (const auto* const yes : {"true", "1", "oui", "o", "vrai"})
    if (word == yes) return true;
  for (const auto* const no : {"false", "0", "non", "n", "faux"})
    if (word == no) return false;
  return std::nullopt;
}

template <class Number>
std::string_view number(std::string_view text, Number& value) {
  const auto* const end = text.data() + text.size();
  const auto said = std::from_chars(text.data(), end, value);
  if (said.ec == std::errc::result_out_of_range) return "number.range";
  return said.ec == std::errc() && said.ptr == end && !text.empty() ? "" : "number.format";
}

void set_string(Message& message, const FieldDescriptor& field, std::string value) {
  const auto& reflect = *message.GetReflection();
  if (field.is_repeated())
    reflect.AddString(&message, &field, std::move(value));
  else
    reflect.SetString(&message, &field, std::move(value));
}

std::string_view set_word(Message& message, const FieldDescriptor& field, const std::string& text,
                          std::string& detail) {
  const auto& type = *field.enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0 || word_of(type, type.value(i)->name()) != text) continue;
    message.GetReflection()->SetEnum(&message, &field, type.value(i));
    return {};
  }
  detail = joined(words_of(type));
  return "word.unknown";
}

std::string_view set_leaf(Message& message, const FieldDescriptor& field, const std::string& text,
                          std::string& detail) {
  const auto& reflect = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field.type() != FieldDescriptor::TYPE_BYTES) {
        set_string(message, field, text);
        return {};
      }
      auto id = base::id_bytes(text);
      if (!id || id->size() != base::MessageId::kBytes) return "id.format";
      set_string(message, field, std::move(*id));
      return {};
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return set_word(message, field, text, detail);
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto value = flag(text);
      detail = "true, false, 1, 0, oui, non, o, n";
      if (!value) return "word.unknown";
      reflect.SetBool(&message, &field, *value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      std::int64_t value = 0;
      const auto wrong = number(text, value);
      if (wrong.empty()) reflect.SetInt64(&message, &field, value);
      return wrong;
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      std::uint32_t value = 0;
      const auto wrong = number(text, value);
      if (wrong.empty()) reflect.SetUInt32(&message, &field, value);
      return wrong;
    }
    default:
      base::check(false, "a kind of field that the messages have");
  }
  return {};
}

std::string text_of(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflect = *message.GetReflection();
  const bool list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const auto& value = list ? reflect.GetRepeatedStringReference(message, &field, index, &scratch)
                               : reflect.GetStringReference(message, &field, &scratch);
      return field.type() == FieldDescriptor::TYPE_BYTES && !value.empty() ? base::id_text(value) : value;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* const value = reflect.GetEnum(message, &field);
      return value->number() == 0 ? std::string() : word_of(*field.enum_type(), value->name());
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflect.GetBool(message, &field) ? "true" : std::string();
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto value = reflect.GetInt64(message, &field);
      return value == 0 ? std::string() : std::to_string(value);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto value = reflect.GetUInt32(message, &field);
      return value == 0 ? std::string() : std::to_string(value);
    }
    default:
      return {};
  }
}

bool chosen(const Message& item, const Step& step, int position) {
  if (step.index) return *step.index == position;
  if (step.key.empty()) return true;
  const auto* const system = step.field->message_type()->FindFieldByName("system");
  return item.GetReflection()->GetString(item, system) == step.key;
}

void collect(const Message& message, const Steps& steps, std::size_t at, std::vector<std::string>& values) {
  const auto& step = steps[at];
  const auto& reflect = *message.GetReflection();
  const int count = step.field->is_repeated() ? reflect.FieldSize(message, step.field) : -1;
  if (at + 1 == steps.size()) {
    for (int i = count < 0 ? -1 : 0; i < std::max(count, 0); ++i) {
      if (step.index && *step.index != i) continue;
      auto text = text_of(message, *step.field, i);
      if (!text.empty()) values.push_back(std::move(text));
    }
    return;
  }
  if (count < 0) {
    if (reflect.HasField(message, step.field)) collect(reflect.GetMessage(message, step.field), steps, at + 1, values);
    return;
  }
  for (int i = 0; i < count; ++i) {
    const auto& item = reflect.GetRepeatedMessage(message, step.field, i);
    if (chosen(item, step, i)) collect(item, steps, at + 1, values);
  }
}

}  // namespace

bool is_moment(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 && std::string_view(field.name()).ends_with("_ms");
}

std::vector<std::string> words_of(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i)
    if (type.value(i)->number() != 0) words.push_back(word_of(type, type.value(i)->name()));
  return words;
}

std::string_view put(Message& message, const Steps& steps, const std::string& text, std::string& detail) {
  Message* below = &message;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) below = &element(*below, steps[i]);
  return set_leaf(*below, *steps.back().field, text, detail);
}

Message& add_item(Message& message, const Steps& steps) {
  Message* below = &message;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) below = &element(*below, steps[i]);
  return *below->GetReflection()->AddMessage(below, steps.back().field);
}

std::vector<std::string> values_at(const Message& message, const Steps& steps) {
  std::vector<std::string> values;
  collect(message, steps, 0, values);
  return values;
}

}  // namespace relais::mapping
