#include "broker/cli/network_matrix.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "broker/core/directory.h"
#include "broker/core/secrecy.h"

namespace relais::cli {

namespace {

std::vector<v1::Category> categories() {
  std::vector<v1::Category> all;
  for (int number = 1; number < v1::Category_ARRAYSIZE; ++number)
    if (v1::Category_IsValid(number)) all.push_back(static_cast<v1::Category>(number));
  return all;
}

/// The first line of a table whose last columns are the categories, and the line below it.
std::string heading(std::string_view first_columns, int columns) {
  std::string text = fmt::format("| {} |", first_columns);
  std::string line = "|";
  for (int i = 0; i < columns; ++i) line += "---|";
  for (const auto category : categories()) {
    text += fmt::format(" {} |", core::category_name(category));
    line += "---|";
  }
  return text + "\n" + line + "\n";
}

/// One line that says of each category whether it is in the list.
template <class List>
std::string listed(const List& list) {
  std::string text;
  for (const auto category : categories())
    text += std::find(list.begin(), list.end(), category) == list.end() ? " – |" : " yes |";
  return text + "\n";
}

class Matrix {
 public:
  explicit Matrix(const v1::NetworkDefinition& definition) : directory_(definition) {
    table_.key = "matrix";
    for (const auto* key : {"agreement", "purpose", "mission", "institutions", "category", "rule"})
      table_.columns.push_back({key, key});
  }

  Report report() {
    add_missions();
    add_profiles();
    for (const auto& purpose : directory_.definition().purposes()) add_purpose(purpose);
    Report report;
    report.table(std::move(table_)).instead(std::move(text_));
    return report;
  }

 private:
  void add_missions() {
    text_ += "\n## What a mission may be told at all\n\n" + heading("mission", 1);
    for (const auto& mission : directory_.definition().missions())
      text_ += fmt::format("| {} ({}) |{}", mission.name(), mission.id(), listed(mission.categories()));
  }

  void add_profiles() {
    if (directory_.definition().profiles().empty()) return;
    text_ += "\n## What a branch of the law lets be shared\n\n" + heading("profile | law | missions", 3);
    for (const auto& profile : directory_.definition().profiles())
      text_ += fmt::format("| {} (`{}`) | {} | {} |{}", profile.name_en(), profile.id(), profile.reference(),
                           fmt::join(profile.missions(), ", "), listed(profile.categories()));
  }

  void add_purpose(const v1::Purpose& purpose) {
    bool shared = false;
    for (const auto& agreement : directory_.definition().agreements()) {
      if (core::Directory::purpose_rule(agreement, purpose.id()) == nullptr) continue;
      add(agreement, purpose);
      shared = true;
    }
    if (!shared) text_ += fmt::format("\n## {}\n\nNo agreement: nothing is shared.\n", purpose.name_en());
  }

  void add(const v1::Agreement& agreement, const v1::Purpose& purpose) {
    text_ += fmt::format("\n## {}: {}\n\n{}{}{}\n\n", purpose.name_en(), agreement.name(), agreement.legal_basis(),
                         agreement.basis() == v1::BASIS_CONSENT ? ", with the person's consent" : "",
                         agreement.profile().empty() ? "" : fmt::format(", profile `{}`", agreement.profile()));
    text_ += heading("mission | parties", 2);
    for (const auto& mission : directory_.definition().missions()) add_mission(agreement, purpose.id(), mission);
  }

  void add_mission(const v1::Agreement& agreement, const std::string& purpose, const v1::Mission& mission) {
    const auto institutions = fmt::format("{}", fmt::join(parties(agreement, mission.id()), ", "));
    text_ += fmt::format("| {} | {} |", mission.id(), institutions.empty() ? "–" : institutions);
    for (const auto category : categories()) {
      const auto said = core::may_tell(directory_, agreement, purpose, category, mission);
      const std::string rule(said ? "" : said.refusal().name());
      text_ += fmt::format(" {} |", said ? "yes" : rule.substr(rule.find('.') + 1));
      table_.rows.push_back({agreement.id(), purpose, mission.id(), institutions,
                             std::string(core::category_name(category)), said ? Json(nullptr) : Json(rule)});
    }
    text_ += "\n";
  }

  /// Those of the agreement that have the mission: an answer goes back the way the question came.
  [[nodiscard]] std::set<std::string> parties(const v1::Agreement& agreement, const std::string& mission) const {
    std::set<std::string> all;
    for (const auto& direction : agreement.directions())
      for (const auto& id : {direction.from(), direction.to()})
        if (const auto* institution = directory_.institution(id); institution != nullptr)
          if (institution->mission() == mission) all.insert(id);
    return all;
  }

  const core::Directory directory_;
  Table table_;
  std::string text_ =
      "# Who may be told what\n\n"
      "First what each mission and each branch of the law allow by themselves. Then, for each purpose and agreement, "
      "which\n"
      "category each mission may be told, or the rule that says no (`category_not_needed`: the purpose does not need "
      "it;\n"
      "`nir`: not both parties may process the number; `profile`: the branch of the law leaves it out; `mission`: the\n"
      "mission does not include it). A mission without a party gets nothing now; its line says what one more party "
      "would get.\n";
};

}  // namespace

Report secrecy_matrix(const v1::NetworkDefinition& definition) { return Matrix(definition).report(); }

}  // namespace relais::cli
