#include "broker/cli/network_matrix.h"

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

/// Everybody who may be told something under the agreement: an answer goes back the way the question came.
std::set<std::string> recipients(const v1::Agreement& agreement) {
  std::set<std::string> all;
  for (const auto& direction : agreement.directions()) {
    all.insert(direction.to());
    all.insert(direction.from());
  }
  return all;
}

class Matrix {
 public:
  explicit Matrix(const v1::NetworkDefinition& definition) : directory_(definition) {
    table_.key = "matrix";
    for (const auto* key : {"agreement", "purpose", "recipient", "mission", "category", "rule"})
      table_.columns.push_back({key, key});
  }

  Report report() {
    for (const auto& agreement : directory_.definition().agreements())
      for (const auto& rule : agreement.purposes()) add(agreement, rule.purpose());
    Report report;
    report.table(std::move(table_)).instead(std::move(text_));
    return report;
  }

 private:
  void add(const v1::Agreement& agreement, const std::string& purpose) {
    text_ += fmt::format("\n## {}: {}\n\n{}{}{}\n\n", agreement.name(), purpose, agreement.legal_basis(),
                         agreement.basis() == v1::BASIS_CONSENT ? ", with the person's consent" : "",
                         agreement.profile().empty() ? "" : fmt::format(", profile `{}`", agreement.profile()));
    text_ += "| told to | mission |";
    std::string line = "|---|---|";
    for (const auto category : categories()) {
      text_ += fmt::format(" {} |", core::category_name(category));
      line += "---|";
    }
    text_ += "\n" + line + "\n";
    for (const auto& recipient : recipients(agreement)) add_recipient(agreement, purpose, recipient);
  }

  void add_recipient(const v1::Agreement& agreement, const std::string& purpose, const std::string& recipient) {
    const auto* institution = directory_.institution(recipient);
    const std::string mission = institution == nullptr ? "" : institution->mission();
    text_ += fmt::format("| {} | {} |", recipient, mission);
    for (const auto category : categories()) {
      const auto said = core::may_tell(directory_, agreement, purpose, category, recipient);
      const std::string rule(said ? "" : said.refusal().name());
      text_ += fmt::format(" {} |", said ? "yes" : rule.substr(rule.find('.') + 1));
      table_.rows.push_back({agreement.id(), purpose, recipient, mission, std::string(core::category_name(category)),
                             said ? Json(nullptr) : Json(rule)});
    }
    text_ += "\n";
  }

  const core::Directory directory_;
  Table table_;
  std::string text_ =
      "# Who may be told what\n\n"
      "For each agreement and purpose: which category each party may be told, or the rule that says no\n"
      "(`category_not_needed`: the purpose does not need it; `nir`: not both parties may process the number;\n"
      "`profile`: the branch of the law leaves it out; `mission`: the recipient's mission does not include it).\n";
};

}  // namespace

Report secrecy_matrix(const v1::NetworkDefinition& definition) { return Matrix(definition).report(); }

}  // namespace relais::cli
