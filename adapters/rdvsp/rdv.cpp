#include "adapters/rdvsp/rdv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "adapters/mapping/rule.h"
#include "adapters/mapping/times.h"

namespace relais::rdvsp {

namespace {

using mapping::JsonValue;
using mapping::make_fault;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMinutesMost = std::int64_t{24} * 60;

struct Word {
  std::string_view theirs;
  Presence ours;
};

constexpr std::array kWords = {Word{"unknown", Presence::booked},
                               Word{"waiting", Presence::arrived},
                               Word{"seen", Presence::fulfilled},
                               Word{"noshow", Presence::no_show},
                               Word{"excused", Presence::cancelled_by_person},
                               Word{"revoked", Presence::cancelled_by_service}};

std::optional<Presence> read_status(JsonValue& holder, const std::string& at, Faults& faults) {
  const auto word = text_at(holder, "/status");
  const auto* const found = std::ranges::find(kWords, word, &Word::theirs);
  if (found != kWords.end()) return found->ours;
  faults.push_back(word.empty()
                       ? make_fault("field.required", {at + "/status"})
                       : make_fault("word.unknown", {at + "/status"}, "unknown, seen, excused, revoked, noshow"));
  return std::nullopt;
}

/// The items of a list that may be missing.
std::vector<JsonValue>* items(JsonValue& data, std::string_view name) {
  auto* const list = data.member(name);
  return list != nullptr && list->kind == JsonValue::Kind::list ? &list->items : nullptr;
}

void add(Rdv& rdv, std::string user, Presence presence) {
  if (std::ranges::find(rdv.participants, user, &Participant::user) == rdv.participants.end())
    rdv.participants.push_back({std::move(user), presence});
}

void write_end(JsonValue& data) {
  const auto text = text_at(data, "/duration_in_min");
  std::int64_t minutes = 0;
  std::from_chars(text.data(), text.data() + text.size(), minutes);
  const auto* const starts = data.member("starts_at");
  auto* const ends = data.member("ends_at");
  const bool has_end = ends != nullptr && ends->kind != JsonValue::Kind::null;
  if (has_end || starts == nullptr || minutes <= 0 || minutes > kMinutesMost) return;
  const auto read = read_time(*starts, {});
  const auto* const ms = std::get_if<std::int64_t>(&read);
  if (ms == nullptr) return;
  std::string wrong;
  static const auto pattern = mapping::make_patterns("%Y-%m-%d %H:%M:%S %z", true, wrong).front();
  JsonValue value;
  value.kind = JsonValue::Kind::text;
  value.text = mapping::format_moment(*ms + minutes * kMinuteMs, pattern, mapping::ZoneRule().zone);
  if (ends != nullptr)
    *ends = std::move(value);
  else
    data.members.push_back({"ends_at", std::move(value)});
}

}  // namespace

std::variant<Rdv, Faults> read_rdv(JsonValue& data, const std::string& at) {
  Faults faults;
  if (data.kind != JsonValue::Kind::object) return Faults{make_fault("field.required", {at})};
  Rdv rdv;
  rdv.id = text_at(data, "/id");
  if (rdv.id.empty()) faults.push_back(make_fault("field.required", {at + "/id"}));
  rdv.organisation = text_at(data, "/organisation/id");
  const auto whole = read_status(data, at, faults);
  for (const auto* const name : {"participations", "rdvs_users"}) {
    auto* const list = items(data, name);
    rdv.names_people |= list != nullptr;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto place = at + "/" + name + "/" + std::to_string(i);
      auto user = text_at((*list)[i], "/user/id");
      if (user.empty()) faults.push_back(make_fault("field.required", {place + "/user/id"}));
      const auto own = read_status((*list)[i], place, faults);
      if (own && whole) add(rdv, std::move(user), *whole == Presence::cancelled_by_service ? *whole : *own);
    }
  }
  auto* const users = items(data, "users");
  rdv.names_people |= users != nullptr;
  for (std::size_t i = 0; users != nullptr && i < users->size(); ++i) {
    auto user = text_at((*users)[i], "/id");
    if (user.empty()) faults.push_back(make_fault("field.required", {at + "/users/" + std::to_string(i) + "/id"}));
    if (whole) add(rdv, std::move(user), *whole);
  }
  if (!faults.empty()) return faults;
  write_end(data);
  rdv.text = mapping::json_text(data);
  return rdv;
}

}  // namespace relais::rdvsp
