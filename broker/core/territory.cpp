#include "broker/core/territory.h"

#include <algorithm>

#include "broker/base/check.h"
#include "broker/core/territory_lines.h"

namespace relais::core {

namespace {

/// The next word of `text`, taken off; empty at its end.
std::string_view next_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

Territory::Territory(std::span<const std::string_view> lines) {
  for (auto line : lines) {
    const auto kind = next_word(line);
    const bool named = kind == "epci" || kind == "within" || kind == "now";
    base::check(named || kind == "departements" || kind == "alone", "a line of communes.txt");
    const auto name = named ? next_word(line) : std::string_view();
    if (kind == "epci") epcis_.insert(name);
    for (auto code = next_word(line); !code.empty(); code = next_word(line)) {
      if (kind == "departements") {
        departements_.insert(code);
      } else if (kind == "within" || kind == "now") {
        today_.emplace(code, name);
        if (kind == "within") arrondissements_.insert(code);
      } else {
        auto& epcis = communes_[code].epcis;
        if (kind == "epci") (epcis[0].empty() ? epcis[0] : epcis[1]) = name;
      }
    }
  }
}

const Territory& Territory::france() {
  static const Territory kFrance{territory_lines()};
  return kFrance;
}

std::optional<std::string_view> Territory::commune_today(std::string_view code) const {
  if (const auto found = communes_.find(code); found != communes_.end()) return found->first;
  if (const auto found = today_.find(code); found != today_.end()) return found->second;
  return std::nullopt;
}

bool Territory::lies_in_epci(std::string_view commune, std::string_view epci) const {
  const auto found = communes_.find(commune);
  return found != communes_.end() && !epci.empty() &&
         std::ranges::find(found->second.epcis, epci) != found->second.epcis.end();
}

std::vector<std::string_view> Territory::communes_in(std::string_view epci, std::string_view departement) const {
  std::vector<std::string_view> found;
  for (const auto& [commune, lies] : communes_)
    if (departement_of(commune) == departement || (!epci.empty() && std::ranges::count(lies.epcis, epci) != 0))
      found.push_back(commune);
  return found;
}

std::vector<std::string_view> Territory::arrondissements_of(std::string_view city) const {
  std::vector<std::string_view> found;
  for (const auto arrondissement : arrondissements_)
    if (today_.at(arrondissement) == city) found.push_back(arrondissement);
  return found;
}

std::string_view Territory::departement_of(std::string_view commune) {
  return commune.substr(0, commune.starts_with("97") || commune.starts_with("98") ? 3 : 2);
}

}  // namespace relais::core
