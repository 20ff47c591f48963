#include "adapters/calendar/event_text.h"

#include <algorithm>
#include <array>
#include <map>

#include "broker/base/ids.h"

namespace relais::calendar {

namespace {

constexpr std::array<std::string_view, 8> kWords = {"service", "place", "reference",   "sender",
                                                    "purpose", "mode",  "family_name", "given_names"};
constexpr std::size_t kReferenceCharacters = 8;

using Values = std::map<std::string, std::string, std::less<>>;

/// Calls `plain` and `word` for the parts of a text, in their order.
template <class Plain, class Word>
void each_part(std::string_view text, Plain plain, Word word) {
  while (!text.empty()) {
    const auto open = text.find('{');
    plain(text.substr(0, open));
    if (open == std::string_view::npos) return;
    text.remove_prefix(open + 1);
    const auto close = std::min(text.find('}'), text.size());
    word(text.substr(0, close));
    text.remove_prefix(std::min(close + 1, text.size()));
  }
}

/// Without what an empty word leaves behind: "( )", two blanks, a blank at the end of a line.
std::string tidy(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"()", ""}, {"  ", " "}, {" \n", "\n"}})
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, from.size(), to);
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

std::string filled(std::string_view text, const Values& values) {
  std::string whole;
  each_part(
      text, [&](std::string_view plain) { whole += plain; },
      [&](std::string_view word) {
        const auto found = values.find(word);
        if (found != values.end()) whole += found->second;
      });
  return tidy(std::move(whole));
}

template <class Entries>
std::string name_in(const Entries& entries, const std::string& id) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.id() == id; });
  return found == entries.end() || found->name().empty() ? id : found->name();
}

std::string purpose_name(const v1::NetworkDefinition& network, const std::string& id) {
  const auto found = std::find_if(network.purposes().begin(), network.purposes().end(),
                                  [&](const auto& purpose) { return purpose.id() == id; });
  return found == network.purposes().end() || found->name_fr().empty() ? id : found->name_fr();
}

std::string_view mode_name(v1::AppointmentMode mode) {
  switch (mode) {
    case v1::APPOINTMENT_MODE_PHONE:
      return "au téléphone";
    case v1::APPOINTMENT_MODE_VIDEO:
      return "en visioconférence";
    case v1::APPOINTMENT_MODE_HOME:
      return "à domicile";
    case v1::APPOINTMENT_MODE_ON_SITE:
      return "sur place";
    default:
      return "";
  }
}

}  // namespace

std::optional<std::string> unknown_word(std::string_view text) {
  std::optional<std::string> unknown;
  each_part(
      text, [](std::string_view) {},
      [&](std::string_view word) {
        if (!unknown && std::ranges::count(kWords, word) == 0) unknown = word;
      });
  return unknown;
}

EventText event_text(const EventTemplate& pattern, const Link& link, const std::string& sender,
                     const std::string& purpose, const v1::NetworkDefinition* network, const v1::Identity* identity) {
  const static v1::NetworkDefinition kNone;
  const auto& names = network == nullptr ? kNone : *network;
  Values values;
  values["service"] = name_in(names.services(), link.meeting.service_id());
  values["place"] = name_in(names.locations(), link.meeting.location_id());
  values["reference"] = base::id_text(link.referral_id).substr(0, kReferenceCharacters);
  values["sender"] = name_in(names.institutions(), sender);
  values["purpose"] = purpose_name(names, purpose);
  values["mode"] = mode_name(link.meeting.mode());
  if (identity != nullptr) {
    values["family_name"] = identity->family_name();
    values["given_names"] = identity->given_names();
  }
  return {filled(pattern.summary, values), filled(pattern.place, values), filled(pattern.description, values)};
}

}  // namespace relais::calendar
