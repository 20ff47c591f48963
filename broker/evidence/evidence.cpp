#include "broker/evidence/evidence.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "broker/base/ids.h"
#include "broker/journal/chain.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::evidence {

namespace {

using base::RefusalCode;
using base::Result;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "relais-evidence-1";

base::Refusal invalid(std::string field, std::string why) {
  return base::refuse(RefusalCode::evidence_invalid, std::move(field), {{"why", std::move(why)}});
}

std::string id_in(const v1::MessageAccepted& accepted) {
  v1::Envelope envelope;
  return envelope.ParseFromString(accepted.envelope()) ? envelope.message_id() : std::string();
}

/// The deliveries that an event is about.
std::vector<v1::DeliveryRef> deliveries_in(const v1::Event& event) {
  if (event.has_delivery_settled())
    return {event.delivery_settled().deliveries().begin(), event.delivery_settled().deliveries().end()};
  if (event.has_delivery_parked()) return {event.delivery_parked().delivery()};
  if (event.has_delivery_resumed()) return {event.delivery_resumed().delivery()};
  if (event.has_delivery_dead()) return {event.delivery_dead().delivery()};
  if (event.has_dead_letter_requeued()) return {event.dead_letter_requeued().delivery()};
  if (event.has_dead_letter_discarded()) return {event.dead_letter_discarded().delivery()};
  if (event.has_referral_handed_on()) return {event.referral_handed_on().delivery()};
  if (event.referral_moved().has_delivery()) return {event.referral_moved().delivery()};
  return {};
}

std::string detail_of(const v1::Event& event) {
  if (event.has_delivery_parked()) return event.delivery_parked().reason();
  if (event.has_delivery_dead()) return event.delivery_dead().reason();
  return {};
}

Result<Evidence::Stretch> stretch_of(const journal::RocksStore& store, core::Position position) {
  std::optional<journal::Anchor> anchor;
  store.anchors(position, [&](const journal::Anchor& found) {
    anchor = found;
    return false;
  });
  if (!anchor || anchor->first > position)
    return invalid("records", "no signature covers the record at position " + std::to_string(position));
  Evidence::Stretch stretch{*anchor, {}};
  if (anchor->first == 1) stretch.links.emplace_back();
  for (auto at = std::max<core::Position>(anchor->first - 1, 1); at <= anchor->last; ++at) {
    const auto record = store.record(at);
    if (!record) return journal::damaged(at, "the record is missing");
    stretch.links.push_back(record->hash);
  }
  return stretch;
}

std::string text_at(const Json& object, const char* key) { return object.at(key).get<std::string>(); }

std::string bytes_or_throw(std::optional<std::string> bytes) {
  if (!bytes) throw std::invalid_argument("not what it should be");
  return *std::move(bytes);
}

std::string base64_at(const Json& object, const char* key) {
  const auto bytes = base::from_base64(text_at(object, key));
  return bytes_or_throw(bytes ? std::optional(*bytes) : std::nullopt);
}

base::Hash link_of(const Json& text) {
  const auto bytes = bytes_or_throw(base::unhex(text.get<std::string>()));
  base::Hash link{};
  if (bytes.size() != link.size()) throw std::invalid_argument("a hash has 32 bytes");
  std::copy(bytes.begin(), bytes.end(), link.begin());
  return link;
}

Evidence parse(const Json& json) {
  Evidence evidence;
  evidence.store_id = bytes_or_throw(base::unhex(text_at(json, "store")));
  evidence.message_id = bytes_or_throw(base::id_bytes(text_at(json, "message")));
  for (const auto& record : json.at("records"))
    evidence.records.push_back({record.at("position").get<core::Position>(), base64_at(record, "record")});
  for (const auto& stretch : json.at("signed")) {
    Evidence::Stretch read;
    read.anchor.first = stretch.at("first").get<core::Position>();
    read.anchor.last = stretch.at("last").get<core::Position>();
    read.anchor.at_ms = stretch.at("at_ms").get<std::int64_t>();
    read.anchor.key_id = text_at(stretch, "key");
    read.anchor.signature = base64_at(stretch, "signature");
    for (const auto& link : stretch.at("hashes")) read.links.push_back(link_of(link));
    evidence.stretches.push_back(std::move(read));
  }
  return evidence;
}

/// Where the record stands in the chain that the stretch signs.
bool fits(const Evidence::Record& record, const Evidence::Stretch& stretch) {
  const auto at = record.position - stretch.anchor.first;
  return journal::next_hash(stretch.links[at], record.bytes) == stretch.links[at + 1];
}

base::Status verify_stretches(const Evidence& evidence, const std::vector<base::PublicKeyBytes>& keys) {
  for (const auto& stretch : evidence.stretches) {
    const bool holds = std::ranges::any_of(keys, [&](const auto& key) {
      return journal::verify_anchor(key, evidence.store_id, stretch.anchor, stretch.links);
    });
    if (!holds)
      return invalid("signed", "the signature of key " + stretch.anchor.key_id + " over the records " +
                                   std::to_string(stretch.anchor.first) + " to " + std::to_string(stretch.anchor.last) +
                                   " was not made with the key given");
    if (std::ranges::none_of(evidence.records, [&](const auto& record) {
          return record.position >= stretch.anchor.first && record.position <= stretch.anchor.last;
        }))
      return invalid("signed", "a signature covers none of the records");
  }
  return base::Done{};
}

}  // namespace

Result<Evidence> gather_evidence(const journal::RocksStore& store, std::string_view message_id) {
  const auto stored = store.get(core::TableId::messages, message_id);
  v1::MessageRow row;
  if (!stored || !row.ParseFromString(*stored)) return base::refuse(RefusalCode::not_found, "MESSAGE");
  std::vector<core::Position> positions{row.position()};
  positions.insert(positions.end(), row.history().begin(), row.history().end());
  // Of a message that was put off for long the history ends before the message does.
  for (const auto& delivery : row.deliveries()) positions.push_back(delivery.at_position());
  std::ranges::sort(positions);
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  Evidence evidence{store.identity().id, std::string(message_id), {}, {}};
  for (const auto position : positions) {
    auto record = store.record(position);
    if (!record) return journal::damaged(position, "the record is missing");
    evidence.records.push_back({position, std::move(record->bytes)});
    if (!evidence.stretches.empty() && evidence.stretches.back().anchor.last >= position) continue;
    auto stretch = stretch_of(store, position);
    if (!stretch) return stretch.refusal();
    evidence.stretches.push_back(std::move(*stretch));
  }
  return evidence;
}

std::string write_evidence(const Evidence& evidence) {
  Json records = Json::array();
  Json stretches = Json::array();
  for (const auto& record : evidence.records)
    records.push_back({{"position", record.position}, {"record", base::base64(record.bytes)}});
  for (const auto& stretch : evidence.stretches) {
    Json links = Json::array();
    for (const auto& link : stretch.links) links.push_back(base::hex(base::view(link)));
    stretches.push_back({{"first", stretch.anchor.first},
                         {"last", stretch.anchor.last},
                         {"at_ms", stretch.anchor.at_ms},
                         {"key", stretch.anchor.key_id},
                         {"signature", base::base64(stretch.anchor.signature)},
                         {"hashes", links}});
  }
  const Json whole{{"format", kFormat},
                   {"store", base::hex(evidence.store_id)},
                   {"message", base::id_text(evidence.message_id)},
                   {"records", records},
                   {"signed", stretches}};
  return whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Evidence> read_evidence(std::string_view text) {
  try {
    const auto json = Json::parse(text);
    if (text_at(json, "format") != kFormat) return invalid("format", std::string("it is not ") + kFormat);
    auto evidence = parse(json);
    if (write_evidence(evidence) != text) return invalid({}, "the file is not as it was written");
    return evidence;
  } catch (const std::exception&) {  // the JSON library's, and those of parse()
    return invalid({}, "the file is not such evidence, or parts of it are missing");
  }
}

base::Status verify_evidence(const Evidence& evidence, const std::vector<base::PublicKeyBytes>& keys) {
  if (auto said = verify_stretches(evidence, keys); !said) return said;
  if (evidence.records.empty()) return invalid("records", "there is no record");
  core::Position before = 0;
  for (const auto& record : evidence.records) {
    const auto where = "the record at position " + std::to_string(record.position);
    if (record.position <= before) return invalid("records", where + " is out of order");
    before = record.position;
    const auto stretch = std::ranges::find_if(evidence.stretches, [&](const auto& each) {
      return record.position >= each.anchor.first && record.position <= each.anchor.last;
    });
    if (stretch == evidence.stretches.end()) return invalid("records", "no signature covers " + where);
    if (!fits(record, *stretch)) return invalid("records", where + " is not the one that was signed");
    if (steps_in(record.bytes, evidence.message_id).empty())
      return invalid("records", where + " does not speak of the message");
  }
  const auto first = steps_in(evidence.records.front().bytes, evidence.message_id);
  if (std::ranges::find(first, "message_accepted", &EvidenceStep::event) == first.end())
    return invalid("records", "the first record does not say that the message was accepted");
  return base::Done{};
}

std::vector<EvidenceStep> steps_in(std::string_view record_bytes, std::string_view message_id) {
  v1::Record record;
  std::vector<EvidenceStep> steps;
  if (!record.ParseFromArray(record_bytes.data(), static_cast<int>(record_bytes.size()))) return steps;
  std::string by;
  for (const auto& event : record.events()) {
    if (event.has_operator_acted()) by = event.operator_acted().operator_() + ": " + event.operator_acted().reason();
    const auto* const field = v1::Event::GetDescriptor()->FindFieldByNumber(static_cast<int>(event.kind_case()));
    const std::string name = field == nullptr ? "unknown" : field->name();
    if (event.has_message_accepted() && id_in(event.message_accepted()) == message_id)
      steps.push_back({name, {}, event.message_accepted().agreement()});
    if (event.has_payload_erased() && event.payload_erased().message_id() == message_id)
      steps.push_back({name, {}, {}});
    for (const auto& delivery : deliveries_in(event))
      if (delivery.message_id() == message_id)
        steps.push_back({name, delivery.recipient(), by.empty() ? detail_of(event) : by});
  }
  return steps;
}

}  // namespace relais::evidence
