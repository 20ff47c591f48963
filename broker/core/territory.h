// The communes of France: which EPCI and département each belongs to, and what became of those that were merged away.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace relais::core {

/// Immutable; any thread. All codes are INSEE codes, for EPCI their SIREN. Answers refer to the text it was built from.
class Territory {
 public:
  /// `lines` as in config/territories/communes.txt; their text outlives the object. Stops the process when a line is
  /// none: they are part of the program.
  explicit Territory(std::span<const std::string_view> lines);

  /// The whole of France, built into the program.
  static const Territory& france();

  /// The commune of today in which `code` lies: itself, or what it was merged into, or the city whose arrondissement it
  /// is. Empty when there never was one.
  [[nodiscard]] std::optional<std::string_view> commune_today(std::string_view code) const;

  /// Of Paris, Lyon or Marseille: no commune, but a catchment may be one.
  [[nodiscard]] bool is_arrondissement(std::string_view code) const { return arrondissements_.contains(code); }

  [[nodiscard]] bool has_epci(std::string_view code) const { return epcis_.contains(code); }
  [[nodiscard]] bool has_departement(std::string_view code) const { return departements_.contains(code); }
  [[nodiscard]] const std::unordered_set<std::string_view>& departements() const { return departements_; }

  /// `commune` is one of today. A commune of Grand Paris lies in two: the métropole and its établissement territorial.
  [[nodiscard]] bool lies_in_epci(std::string_view commune, std::string_view epci) const;

  /// 25 of 25056, 2A of 2A004, 974 of 97411; of any code of five characters.
  [[nodiscard]] static std::string_view departement_of(std::string_view commune);

  /// The communes of today that lie in the EPCI or in the département; either may be empty. In no order.
  [[nodiscard]] std::vector<std::string_view> communes_in(std::string_view epci, std::string_view departement) const;

  /// Of a city, in no order; none of any other commune.
  [[nodiscard]] std::vector<std::string_view> arrondissements_of(std::string_view city) const;

  [[nodiscard]] std::size_t communes() const { return communes_.size(); }

 private:
  struct Commune {
    std::array<std::string_view, 2> epcis;
  };
  std::unordered_map<std::string_view, Commune> communes_;
  std::unordered_map<std::string_view, std::string_view> today_;  // a code that is no commune -> where it lies
  std::unordered_set<std::string_view> arrondissements_;
  std::unordered_set<std::string_view> epcis_;
  std::unordered_set<std::string_view> departements_;
};

}  // namespace relais::core
