#include "adapters/rdvsp/rdv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "adapters/mapping/rule.h"

namespace relais::rdvsp {

namespace {

using mapping::JsonValue;
using mapping::make_fault;

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

}  // namespace

std::variant<Rdv, Faults> read_rdv(JsonValue& data, const std::string& at) {
  Faults faults;
  if (data.kind != JsonValue::Kind::object) return Faults{make_fault("field.required", {at})};
  Rdv rdv;
  rdv.id = text_at(data, "/id");
  if (rdv.id.empty()) faults.push_back(make_fault("field.required", {at + "/id"}));
  rdv.organisation = text_at(data, "/organisation/id");
  const auto minutes = text_at(data, "/duration_in_min");
  std::from_chars(minutes.data(), minutes.data() + minutes.size(), rdv.minutes);
  const auto whole = read_status(data, at, faults);
  for (const auto* const name : {"participations", "rdvs_users"}) {
    auto* const list = items(data, name);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto place = at + "/" + name + "/" + std::to_string(i);
      auto user = text_at((*list)[i], "/user/id");
      if (user.empty()) faults.push_back(make_fault("field.required", {place + "/user/id"}));
      const auto own = read_status((*list)[i], place, faults);
      if (own && whole) add(rdv, std::move(user), *whole == Presence::cancelled_by_service ? *whole : *own);
    }
  }
  auto* const users = items(data, "users");
  for (std::size_t i = 0; users != nullptr && i < users->size(); ++i) {
    auto user = text_at((*users)[i], "/id");
    if (user.empty()) faults.push_back(make_fault("field.required", {at + "/users/" + std::to_string(i) + "/id"}));
    if (whole) add(rdv, std::move(user), *whole);
  }
  if (!faults.empty()) return faults;
  rdv.text = mapping::json_text(data);
  return rdv;
}

}  // namespace relais::rdvsp
