#include "adapters/postgres/body_columns.h"

#include <algorithm>
#include <array>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "adapters/postgres/row.h"
#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using ProtoMessage = google::protobuf::Message;

// Fields whose name alone would not tell a reader of the table what they are.
struct OtherName {
  std::string_view field;
  std::string_view column;
};
constexpr std::array kOtherNames = {
    OtherName{"relais.v1.ReferralForwarded.to", "forward_to"},
    OtherName{"relais.v1.AppointmentCancelled.by", "cancelled_by"},
    OtherName{"relais.v1.DeliveryFailed.message_id", "about_message"},
    OtherName{"relais.v1.DeliveryFailed.recipient", "about_recipient"},
    OtherName{"relais.v1.DeadlineMissed.step", "deadline_step"},
    OtherName{"relais.v1.ReferralReassigned.from", "reassigned_from"},
    OtherName{"relais.v1.ReferralReassigned.to", "reassigned_to"},
    OtherName{"relais.v1.ConsentGranted.purposes", "consent_purposes"},
    OtherName{"relais.v1.ConsentGranted.form", "consent_form"},
    OtherName{"relais.v1.ConsentGranted.valid_until_ms", "consent_valid_until"},
    OtherName{"relais.v1.ConsentWithdrawn.purposes", "consent_purposes"},
    OtherName{"relais.v1.RightsRequested.right", "person_right"},
    OtherName{"relais.v1.RightsRequested.request_id", "rights_request"},
    OtherName{"relais.v1.RightsRequested.by", "rights_asked_by"},
    OtherName{"relais.v1.RightsRequested.due_ms", "rights_due"},
    OtherName{"relais.v1.RightsAnswered.request_id", "rights_request"},
    OtherName{"relais.v1.RightsAnswered.reply", "rights_reply"},
    OtherName{"relais.v1.RightsOverdue.request_id", "rights_request"},
    OtherName{"relais.v1.RightsOverdue.right", "person_right"},
    OtherName{"relais.v1.RightsOverdue.due_ms", "rights_due"},
    OtherName{"relais.v1.RightsOverdue.institutions", "rights_unanswered"},
    OtherName{"relais.v1.AnnouncementMade.valid_until_ms", "announced_until"},
    OtherName{"relais.v1.AnnouncementMade.kinds", "announced_kinds"},
    OtherName{"relais.v1.AnnouncementMade.communes", "announced_communes"},
    OtherName{"relais.v1.AnnouncementMade.epcis", "announced_epcis"},
    OtherName{"relais.v1.AnnouncementMade.departements", "announced_departements"},
};

// Only the broker says these.
constexpr std::array<std::string_view, 6> kNotices = {"referral_expired",    "deadline_missed", "delivery_failed",
                                                      "referral_reassigned", "rights_overdue",  "connection_tested"};

// Lists of slots have no columns: who publishes a calendar does so with the SDK.
constexpr std::array<std::string_view, 2> kAboutSlots = {"slots_published", "slots_withdrawn"};

// A row of the outbox names one referral and one recipient: what is said of a whole case, or announced, is said with
// the SDK.
constexpr std::array<std::string_view, 11> kAboutCases = {
    "note_shared",      "lead_offered",         "lead_accepted",    "lead_declined",
    "participant_kept", "participant_released", "consent_granted",  "consent_withdrawn",
    "rights_requested", "rights_answered",      "announcement_made"};

// Has no column: what a slot says of when and where stands in the columns of the meeting.
constexpr std::string_view kSlotOfMeeting = "relais.v1.Meeting.slot_id";

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

constexpr std::string_view kTimeSuffix = "_ms";

bool is_time(const FieldDescriptor& field) { return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64; }
bool is_id(const FieldDescriptor& field) { return field.type() == FieldDescriptor::TYPE_BYTES; }

std::string column_of(const FieldDescriptor& field, std::string_view prefix) {
  const auto other = std::ranges::find(kOtherNames, std::string_view(field.full_name()), &OtherName::field);
  if (other != kOtherNames.end()) return std::string(other->column);
  std::string_view name = field.name();
  if (is_time(field) && name.ends_with(kTimeSuffix)) name.remove_suffix(kTimeSuffix.size());
  return std::string(prefix) + std::string(name);
}

std::string inner_prefix(const FieldDescriptor& field) { return std::string(field.name()) + "_"; }

/// A list of codes: none of them has a comma.
Parameter list_of(const ProtoMessage& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  std::string text;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
    text += (i == 0 ? "" : ",") + reflection.GetRepeatedString(message, &field, i);
  return or_null(text);
}

Parameter text_of(const ProtoMessage& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated()) return list_of(message, field);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) return std::to_string(reflection.GetUInt32(message, &field));
  if (is_time(field)) {
    const auto ms = reflection.GetInt64(message, &field);
    return ms == 0 ? Parameter() : time_text(ms);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
    return or_null(short_name(*field.enum_type(), reflection.GetEnumValue(message, &field)));
  const auto text = reflection.GetString(message, &field);
  return is_id(field) ? uuid(text) : or_null(text);
}

void collect(const ProtoMessage& message, std::string_view prefix, std::vector<ColumnValue>& columns) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (message.GetReflection()->HasField(message, &field))
        collect(message.GetReflection()->GetMessage(message, &field), inner_prefix(field), columns);
    } else if (field.full_name() == kSlotOfMeeting) {
      continue;
    } else if (auto value = text_of(message, field)) {
      columns.push_back({column_of(field, prefix), std::move(value)});
    }
  }
}

void collect_names(const Descriptor& type, std::string_view prefix, std::vector<std::string>& names) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      collect_names(*field.message_type(), inner_prefix(field), names);
    else if (field.full_name() == kSlotOfMeeting)
      continue;
    else if (auto name = column_of(field, prefix); std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  }
}

base::Refusal bad_cell(std::string column, std::string_view expected) {
  return refuse(RefusalCode::input_invalid, std::move(column), {{"why", "expected " + std::string(expected)}});
}

base::Status set_field(ProtoMessage& message, const FieldDescriptor& field, std::string_view text,
                       const std::string& column) {
  const auto& reflection = *message.GetReflection();
  if (is_time(field)) {
    const auto ms = time_from_text(text);
    if (!ms) return bad_cell(column, "an instant");
    reflection.SetInt64(&message, &field, *ms);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* const value = value_named(*field.enum_type(), text);
    if (value == nullptr) return bad_cell(column, "one of the codes in README.md");
    reflection.SetEnum(&message, &field, value);
  } else if (is_id(field)) {
    const auto bytes = base::id_bytes(text);
    if (!bytes) return bad_cell(column, "an id");
    reflection.SetString(&message, &field, *bytes);
  } else {
    reflection.SetString(&message, &field, std::string(text));
  }
  return base::Done{};
}

base::Status set_fields(ProtoMessage& message, std::string_view prefix, const mapping::SqlRow& row) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      std::vector<std::string> inner;
      collect_names(*field.message_type(), inner_prefix(field), inner);
      if (std::ranges::all_of(inner, [&](const auto& name) { return cell(row, name).empty(); })) continue;
      auto& part = *message.GetReflection()->MutableMessage(&message, &field);
      if (auto said = set_fields(part, inner_prefix(field), row); !said) return said;
      continue;
    }
    const auto column = column_of(field, prefix);
    if (const auto text = cell(row, column); !text.empty())
      if (auto said = set_field(message, field, text, column); !said) return said;
  }
  return base::Done{};
}

const google::protobuf::OneofDescriptor& bodies() { return *v1::Envelope::descriptor()->FindOneofByName("body"); }

}  // namespace

std::string short_name(const EnumDescriptor& type, int value) {
  const auto* const found = type.FindValueByNumber(value);
  if (found == nullptr || found->number() == 0) return {};
  const std::string_view none = type.FindValueByNumber(0)->name();  // "HOLD_REASON_UNSPECIFIED"
  std::string name = found->name().substr(none.rfind("UNSPECIFIED"));
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

const EnumValueDescriptor* value_named(const EnumDescriptor& type, std::string_view name) {
  for (int i = 0; i < type.value_count(); ++i)
    if (type.value(i)->number() != 0 && short_name(type, type.value(i)->number()) == name) return type.value(i);
  return nullptr;
}

std::string_view kind_name(const v1::Envelope& envelope) {
  const auto* const field = envelope.GetReflection()->GetOneofFieldDescriptor(envelope, &bodies());
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

std::vector<ColumnValue> body_columns(const v1::Envelope& envelope) {
  std::vector<ColumnValue> columns;
  const auto* const field = envelope.GetReflection()->GetOneofFieldDescriptor(envelope, &bodies());
  if (field != nullptr) collect(envelope.GetReflection()->GetMessage(envelope, field), "", columns);
  return columns;
}

std::vector<std::string> all_body_columns() {
  std::vector<std::string> names;
  for (int i = 0; i < bodies().field_count(); ++i)
    if (!is_among(kAboutSlots, bodies().field(i)->name())) collect_names(*bodies().field(i)->message_type(), "", names);
  return names;
}

base::Status set_body(std::string_view kind, const mapping::SqlRow& row, v1::Envelope& envelope) {
  const auto* const field = v1::Envelope::descriptor()->FindFieldByName(std::string(kind));
  if (field == nullptr || field->containing_oneof() != &bodies() || is_among(kNotices, kind) ||
      is_among(kAboutSlots, kind) || is_among(kAboutCases, kind))
    return bad_cell("kind", "the name of a message that institutions send");
  auto& body = *envelope.GetReflection()->MutableMessage(&envelope, field);
  return set_fields(body, "", row);
}

}  // namespace relais::postgres
