#include "adapters/http/item.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/files/incoming_links.h"
#include "adapters/files/spool.h"
#include "adapters/mapping/content_types.h"
#include "adapters/mapping/message_json.h"
#include "adapters/mapping/rule.h"
#include "broker/base/check.h"
#include "broker/base/ids.h"

namespace relais::http {

namespace {

Json plain_data(const mapping::OutgoingMessage& message) {
  const auto whole = mapping::message_json({message.envelope, message.contents, message.local});
  Json data = Json::object();
  for (const auto* const part : {"body", "contents"})
    if (whole.contains(part)) data[part] = whole.at(part);
  return data;
}

/// The one object of a document, whatever its shape; discarded when the mapping writes it in another encoding.
Json record_of(const std::string& document) {
  auto record = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  return record.is_array() && record.size() == 1 ? Json(record.front()) : record;
}

Json head(const sdk::Incoming& message, const mapping::LocalReferences& local) {
  const auto& envelope = message.envelope;
  Json item{{"kind", files::kind_of(envelope)},
            {"institution", message.recipient},
            {"message_id", base::id_text(envelope.message_id())},
            {"referral_id", or_null(local.referral)},
            {"reference", or_null(local.reference)},
            {"case_id", envelope.case_id().empty() ? Json() : Json(base::id_text(envelope.case_id()))}};
  if (!envelope.appointment_id().empty()) {
    item["appointment_id"] = base::id_text(envelope.appointment_id());
    item["appointment_reference"] = or_null(local.appointment);
  }
  item["sender"] = envelope.sender();
  item["purpose"] = envelope.purpose();
  item["priority"] = or_null(word_of(*v1::Priority_descriptor(), envelope.priority()));
  item["exercise"] = envelope.exercise();
  item["sent_at"] = time_text(base::from_ms(envelope.sent_at_ms()));
  item["accepted_at"] = time_text(message.accepted_at);
  item["withheld"] = Json::array();
  for (const auto category : message.withheld)
    if (const auto* const type = mapping::content_type(category)) item["withheld"].push_back(std::string(type->word));
  return item;
}

}  // namespace

std::string time_text(base::Instant at) {
  const auto ms = base::to_ms(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(ms / 1'000)), ms % 1'000);
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json time_or_null(base::Instant at) { return at == base::Instant{} ? Json() : Json(time_text(at)); }

std::string word_of(const google::protobuf::EnumDescriptor& type, int value) {
  const auto* const found = type.FindValueByNumber(value);
  if (found == nullptr || value == 0) return {};
  // REFERRAL_STATUS_CLOSED of ReferralStatus: all words of the type's name stand before the value's own.
  std::string_view word = found->name();
  for (const char c : type.name())
    if (c >= 'A' && c <= 'Z') word.remove_prefix(std::min(word.find('_') + 1, word.size()));
  std::string text(word);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::variant<Item, mapping::Fault> item_of(const sdk::Incoming& message, const std::optional<mapping::Mapping>& mapping,
                                           sdk::LocalStore& store) {
  auto outgoing = files::outgoing(message);
  outgoing.local = files::local_references(store, message);
  Item item{head(message, outgoing.local), {}};
  if (!mapping || !mapping->writes(message.envelope.body_case())) {
    item.json["record"] = nullptr;
    item.json["data"] = plain_data(outgoing);
    return item;
  }
  auto written = mapping->write(outgoing);
  if (!written.failed.empty()) return written.failed.front().faults.front();
  base::check(written.documents.size() == 1, "a message with a record makes one document");
  item.json["record"] = written.documents.front().record;
  item.json["data"] = record_of(written.documents.front().bytes);
  if (item.json["data"].is_discarded()) return mapping::make_fault("file.encoding", {}, "utf-8");
  item.lost = std::move(written.lost);
  return item;
}

}  // namespace relais::http
