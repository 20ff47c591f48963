#include "adapters/rdvsp/event.h"

#include <array>

#include "adapters/mapping/rule.h"
#include "adapters/mapping/times.h"

namespace relais::rdvsp {

namespace {

using mapping::Fault;
using mapping::JsonValue;
using mapping::make_fault;

constexpr std::array kMoments = {"payload_computed_at", "event_occurred_at", "timestamp", "timestmp"};
constexpr const char* kTimeForm = "2022-01-01 08:45:00 +0100";

const std::vector<mapping::TimePattern>& patterns() {
  static const auto all = [] {
    std::vector<mapping::TimePattern> made;
    std::string wrong;
    for (const auto* const text : {"%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%Ez", "%Y-%m-%dT%H:%M:%SZ"})
      for (auto& pattern : mapping::make_patterns(text, true, wrong)) made.push_back(std::move(pattern));
    return made;
  }();
  return all;
}

void read_moment(JsonValue& meta, Event& event, Faults& faults) {
  for (const auto* const name : kMoments) {
    const auto* const value = meta.member(name);
    if (value == nullptr || value->kind == JsonValue::Kind::null) continue;
    auto read = read_time(*value, std::string("/meta/") + name);
    if (const auto* const ms = std::get_if<std::int64_t>(&read))
      event.at_ms = *ms;
    else
      faults.push_back(std::get<Fault>(std::move(read)));
    return;
  }
  faults.push_back(make_fault("field.required", {"/meta/timestamp"}));
}

void read_happening(JsonValue& meta, Event& event, Faults& faults) {
  const auto word = text_at(meta, "/event");
  if (word == "created")
    event.happening = Happening::created;
  else if (word == "updated")
    event.happening = Happening::updated;
  else if (word == "destroyed")
    event.happening = Happening::destroyed;
  else
    faults.push_back(word.empty() ? make_fault("field.required", {"/meta/event"})
                                  : make_fault("word.unknown", {"/meta/event"}, "created, updated, destroyed"));
}

}  // namespace

std::string text_at(JsonValue& value, std::string_view pointer) {
  auto* at = &value;
  for (const auto& step : mapping::pointer_steps(pointer)) {
    at = at->kind == JsonValue::Kind::object ? at->member(step) : nullptr;
    if (at == nullptr) return {};
  }
  return at->kind == JsonValue::Kind::number || at->kind == JsonValue::Kind::text ? at->text : std::string();
}

std::variant<std::int64_t, Fault> read_time(const JsonValue& value, const std::string& pointer) {
  if (value.kind != JsonValue::Kind::text) return make_fault("field.not_text", {pointer});
  const auto parsed = mapping::parse_moment(value.text, patterns(), {});
  if (!parsed.value) return make_fault("date.format", {pointer}, kTimeForm);
  return *parsed.value;
}

std::variant<Event, Faults> read_event(std::string_view body) {
  auto parsed = mapping::parse_json(body);
  if (auto* const fault = std::get_if<Fault>(&parsed)) return Faults{std::move(*fault)};
  auto& whole = std::get<JsonValue>(parsed);
  auto* const meta = whole.kind == JsonValue::Kind::object ? whole.member("meta") : nullptr;
  auto* const data = whole.kind == JsonValue::Kind::object ? whole.member("data") : nullptr;
  Faults faults;
  Event event;
  if (data == nullptr || data->kind != JsonValue::Kind::object)
    faults.push_back(make_fault("field.required", {"/data"}));
  if (meta == nullptr || meta->kind != JsonValue::Kind::object) {
    faults.push_back(make_fault("field.required", {"/meta"}));
    return faults;
  }
  event.model = text_at(*meta, "/model");
  if (event.model.empty()) faults.push_back(make_fault("field.required", {"/meta/model"}));
  event.reason = text_at(*meta, "/webhook_reason");
  read_happening(*meta, event, faults);
  read_moment(*meta, event, faults);
  if (!faults.empty()) return faults;
  event.data = std::move(*data);
  return event;
}

}  // namespace relais::rdvsp
