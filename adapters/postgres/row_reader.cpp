#include "adapters/postgres/row_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <nlohmann/json.hpp>

#include "adapters/postgres/body_columns.h"
#include "adapters/postgres/contents_json.h"
#include "adapters/postgres/row.h"
#include "adapters/sdk/draft.h"
#include "adapters/sdk/route_choice.h"
#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

base::Refusal invalid(std::string field, std::string why) {
  return refuse(RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

v1::Refused refused_row(const base::Refusal& refusal) { return refusal.to_wire({}); }

v1::Refused refused_row(const mapping::Reject& reject) {
  v1::Refused answer;
  answer.set_code(std::string(base::info(RefusalCode::input_invalid).name));
  for (const auto& fault : reject.faults) {
    if (answer.field().empty()) answer.set_field(fault.field);
    for (auto* const sentences : {answer.mutable_english(), answer.mutable_french()}) {
      if (!sentences->empty()) *sentences += ' ';
      if (!fault.field.empty()) *sentences += fault.field + ": ";
    }
    *answer.mutable_english() += fault.english;
    *answer.mutable_french() += fault.french;
  }
  return answer;
}

/// Columns of relais.outbox that the adapter reads beside a mapping, or writes.
constexpr std::array kReadOtherwise = {"id",
                                       "kind",
                                       "institution",
                                       "referral_id",
                                       "own_reference",
                                       "appointment_id",
                                       "purpose",
                                       "own_appointment",
                                       "recipient",
                                       "case_id",
                                       "priority",
                                       "exercise",
                                       "columns",
                                       "created_at",
                                       "state",
                                       "message_id",
                                       "taken_by",
                                       "position",
                                       "code",
                                       "sentence_fr",
                                       "sentence_en",
                                       "settled_at"};

/// What a mapping reads, and which of it would be lost if the mapping did not carry it.
struct WholeRow {
  mapping::SqlRow row;
  std::set<std::string> of_the_software;
  std::set<std::string> of_relais;  // columns that relais.outbox has for everybody: their names are ours
};

WholeRow own_row(const mapping::SqlRow& row, const OutboxColumns& columns) {
  WholeRow whole{row, {}, {}};
  const std::set<std::string_view> of_the_adapter{
      columns.key,         columns.state,       columns.message_id,     columns.taken_by, columns.reference,
      columns.referral_id, columns.case_id,     columns.appointment_id, columns.position, columns.code,
      columns.sentence_fr, columns.sentence_en, columns.settled_at};
  for (const auto& [name, value] : row.columns)
    if (!of_the_adapter.contains(name)) whole.of_the_software.insert(name);
  return whole;
}

/// relais.outbox has a column "columns" for what the mapping reads; its other columns stay readable by their names.
WholeRow with_columns(const mapping::SqlRow& row) {
  WholeRow whole;
  auto& all = whole.row.columns;
  const auto object = nlohmann::json::parse(cell(row, "columns"), nullptr, /*allow_exceptions=*/false);
  if (object.is_object())
    for (const auto& [name, value] : object.items()) {
      if (value.is_null())
        all.emplace_back(name, std::nullopt);
      else if (value.is_string())
        all.emplace_back(name, value.get<std::string>());
      else
        all.emplace_back(name, value.dump());
      whole.of_the_software.insert(name);
    }
  for (const auto& column : row.columns) {
    const auto& [name, value] = column;
    if (whole.of_the_software.contains(name)) continue;
    all.push_back(column);
    const bool nothing = name == "contents" && value == "{}";
    if (!nothing && std::ranges::find(kReadOtherwise, name) == kReadOtherwise.end()) whole.of_relais.insert(name);
  }
  return whole;
}

/// Of what the mapping does not carry, that which nobody else carries either.
std::vector<mapping::LostField> lost_of(const WholeRow& whole, std::vector<mapping::LostField> lost) {
  std::erase_if(lost, [&](const mapping::LostField& one) {
    return !whole.of_the_software.contains(one.field) && !whole.of_relais.contains(one.field);
  });
  for (auto& one : lost)
    if (one.known_as.empty() && whole.of_relais.contains(one.field)) one.known_as = one.field;
  return lost;
}

/// Sets an id of the envelope from a column, unless the message has it.
base::Status take_id(const mapping::SqlRow& row, const std::string& column, std::string& id) {
  if (!id.empty() || column.empty()) return base::Done{};
  const auto text = cell(row, column);
  if (text.empty()) return base::Done{};
  auto bytes = base::id_bytes(text);
  if (!bytes) return invalid(column, "expected an id");
  id = std::move(*bytes);
  return base::Done{};
}

void take_text(std::string_view text, std::string& place) {
  if (place.empty()) place = text;
}

bool opens_appointment(const v1::Envelope& envelope) {
  return envelope.has_appointment_proposed() || envelope.has_appointment_held() ||
         (envelope.has_appointment_booked() && envelope.appointment_booked().has_meeting());
}

bool is_appointment(const v1::Envelope& envelope) { return kind_name(envelope).starts_with("appointment_"); }

}  // namespace

std::string derived_id(std::string_view what, std::string_view message_id) {
  return sdk::named_id("relais-postgres " + std::string(what), message_id);
}

RowReader::RowReader(OutboxSettings settings, std::optional<mapping::Mapping> mapping, bool keeps_book,
                     mapping::LossLog& losses)
    : settings_(std::move(settings)), mapping_(std::move(mapping)), keeps_book_(keeps_book), losses_(losses) {}

base::Result<Reading> RowReader::read(const mapping::SqlRow& row) const {
  return mapping_ ? read_mapped(row) : read_plain(row);
}

base::Result<Reading> RowReader::read_mapped(const mapping::SqlRow& row) const {
  const auto whole = settings_.own_table() ? own_row(row, settings_.columns) : with_columns(row);
  auto result = mapping_->read_rows(std::span(&whole.row, 1), settings_.table);
  if (result.refused())
    return refuse(RefusalCode::config_invalid, result.file_faults.front().field,
                  {{"why", result.file_faults.front().english}});
  if (!result.rejects.empty()) return Reading(refused_row(result.rejects.front()));
  losses_.tell(mapping_->name(), mapping::LossLog::Way::in, lost_of(whole, std::move(result.loss.lost)));
  return Reading(std::move(result.messages));
}

base::Result<Reading> RowReader::read_plain(const mapping::SqlRow& row) const {
  Message message;
  if (auto said = set_body(cell(row, "kind"), row, message.envelope); !said)
    return Reading(refused_row(said.refusal()));
  auto contents = contents_from_json(cell(row, "contents"));
  if (!contents) return Reading(refused_row(contents.refusal()));
  message.contents = std::move(*contents);
  std::vector<Message> messages;
  messages.push_back(std::move(message));
  return Reading(std::move(messages));
}

base::Status RowReader::complete(Message& message, const mapping::SqlRow& row, std::string_view message_id,
                                 Connection& connection) const {
  auto& envelope = message.envelope;
  const auto& columns = settings_.columns;
  envelope.set_message_id(std::string(message_id));
  if (auto said = take_id(row, columns.referral_id, *envelope.mutable_referral_id()); !said) return said;
  if (auto said = take_id(row, columns.case_id, *envelope.mutable_case_id()); !said) return said;
  if (is_appointment(envelope))
    if (auto said = take_id(row, columns.appointment_id, *envelope.mutable_appointment_id()); !said) return said;
  take_text(cell(row, columns.reference), message.local.reference);
  if (!settings_.own_table()) {
    take_text(cell(row, "own_appointment"), message.local.appointment);
    take_text(cell(row, "institution"), *envelope.mutable_sender());
    take_text(cell(row, "purpose"), *envelope.mutable_purpose());
    if (const auto to = cell(row, "recipient"); !to.empty() && envelope.recipients().empty())
      envelope.add_recipients(std::string(to));
    if (cell(row, "exercise") == "t") envelope.set_exercise(true);
    if (const auto name = cell(row, "priority"); !name.empty()) {
      const auto* const value = value_named(*v1::Priority_descriptor(), name);
      if (value == nullptr) return invalid("priority", "expected routine, urgent, asap or stat");
      envelope.set_priority(static_cast<v1::Priority>(value->number()));
    }
  }
  Book book(connection);
  if (envelope.has_referral_requested()) {
    if (envelope.referral_id().empty()) envelope.set_referral_id(derived_id("referral", message_id));
    if (envelope.case_id().empty()) envelope.set_case_id(derived_id("case", message_id));
  } else if (keeps_book_) {
    if (auto said = complete_from_book(message, book); !said) return said;
  }
  if (auto said = complete_from_settings(envelope); !said) return said;
  if (envelope.has_referral_forwarded()) {
    auto& forwarded = *envelope.mutable_referral_forwarded();
    if (forwarded.new_referral_id().empty()) forwarded.set_new_referral_id(derived_id("leg", message_id));
    if (envelope.recipients_size() == 1 && !forwarded.to().empty()) envelope.add_recipients(forwarded.to());
  }
  if (is_appointment(envelope))
    if (auto said = complete_appointment(message, message_id, book); !said) return said;
  if (keeps_book_ && envelope.has_referral_requested()) return book.open(envelope, message.local.reference);
  return base::Done{};
}

// Without a book the SDK fills in what it knows of the referral, and refuses what is missing then.
base::Status RowReader::complete_from_settings(v1::Envelope& envelope) const {
  take_text(settings_.institution, *envelope.mutable_sender());
  const bool opens = envelope.has_referral_requested();
  if (opens) {
    take_text(settings_.purpose, *envelope.mutable_purpose());
    if (envelope.recipients().empty() && !settings_.recipient.empty()) envelope.add_recipients(settings_.recipient);
  }
  if (envelope.sender().empty() && (opens || keeps_book_))
    return invalid("institution", "expected the institution that sends");
  if (opens && envelope.recipients().empty() && !sdk::wants_route(envelope))
    return invalid("recipient", "expected the institution that it is for, or a need or a commune that lead to one");
  if (opens && envelope.purpose().empty()) return invalid("purpose", "expected a purpose");
  if (envelope.referral_id().empty()) return invalid("referral_id", "expected the referral that it is about");
  return base::Done{};
}

// What follows on a referral repeats its case, purpose, counterpart and whether it is an exercise.
base::Status RowReader::complete_from_book(Message& message, Book& book) const {
  auto& envelope = message.envelope;
  const auto& reference = message.local.reference;
  if (envelope.referral_id().empty() && reference.empty())
    return invalid("referral_id", "expected referral_id or the software's own reference");
  const std::string counterpart = envelope.recipients().empty() ? std::string() : envelope.recipients(0);
  const auto found = envelope.referral_id().empty() ? book.referral_named(envelope.sender(), reference, counterpart)
                                                    : book.referral(envelope.referral_id(), envelope.sender());
  if (!found) return found.refusal();
  if (!*found) return refuse(RefusalCode::referral_unknown, "referral_id", {});
  const auto& known = **found;
  envelope.set_referral_id(known.referral_id);
  envelope.set_sender(known.institution);
  envelope.set_case_id(known.case_id);
  envelope.set_purpose(known.purpose);
  envelope.set_exercise(known.exercise);
  envelope.clear_recipients();
  if (!known.counterpart.empty()) envelope.add_recipients(known.counterpart);
  if (envelope.priority() == v1::PRIORITY_UNSPECIFIED)
    if (const auto* const value = value_named(*v1::Priority_descriptor(), known.priority); value != nullptr)
      envelope.set_priority(static_cast<v1::Priority>(value->number()));
  return book.name_referral(known.referral_id, known.institution, reference);
}

base::Status RowReader::complete_appointment(Message& message, std::string_view message_id, Book& book) const {
  auto& envelope = message.envelope;
  if (envelope.appointment_id().empty() && keeps_book_ &&
      (!message.local.appointment.empty() || !opens_appointment(envelope))) {
    auto found = book.appointment(envelope.referral_id(), envelope.sender(), message.local.appointment);
    if (!found) return found.refusal();
    envelope.set_appointment_id(std::move(*found));
  }
  const bool is_new = envelope.appointment_id().empty() && opens_appointment(envelope);
  if (is_new) envelope.set_appointment_id(derived_id("appointment", message_id));
  if (envelope.appointment_id().empty())
    return invalid("appointment_id", "the referral has no such appointment: say which");
  if (!keeps_book_ || (!is_new && message.local.appointment.empty())) return base::Done{};
  return book.name_appointment(envelope, message.local.appointment);
}

}  // namespace relais::postgres
