#include "broker/cli/network_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "broker/base/time_text.h"
#include "broker/core/secrecy.h"

namespace relais::cli {

using base::date_text;
using base::date_time_text;
using base::duration_text;

namespace {

Json date_or_null(std::int64_t ms) {
  if (ms == 0) return nullptr;
  return date_text(base::from_ms(ms));
}

/// The last day that still counts.
Json last_day(std::int64_t until_ms) {
  if (until_ms == 0) return nullptr;
  return date_text(base::from_ms(until_ms - 1));
}

Table institutions_table(const v1::NetworkDefinition& definition) {
  Table table{"institutions",
              "Institutions",
              {{"id", "ID"},
               {"name", "NAME"},
               {"kind", "KIND"},
               {"mission", "MISSION"},
               {"transport_keys", "TRANSPORT", true},
               {"signing_keys", "SIGNING", true},
               {"sealing_keys", "SEALING", true}},
              {}};
  for (const auto& institution : definition.institutions())
    table.rows.push_back({institution.id(), institution.name(), institution.kind(), institution.mission(),
                          institution.transport_keys_size(), institution.signing_keys_size(),
                          institution.sealing_keys_size()});
  return table;
}

Table agreements_table(const v1::NetworkDefinition& definition) {
  Table table{"agreements",
              "Agreements",
              {{"id", "ID"},
               {"name", "NAME"},
               {"legal_basis", "LEGAL BASIS"},
               {"from", "FROM"},
               {"until", "UNTIL"},
               {"forwarding", "FORWARDING"},
               {"retention", "RETENTION"}},
              {}};
  for (const auto& agreement : definition.agreements())
    table.rows.push_back({agreement.id(), agreement.name(), agreement.legal_basis(),
                          date_or_null(agreement.valid_from_ms()), last_day(agreement.valid_until_ms()),
                          agreement.forwarding(), duration_text(base::Milliseconds(agreement.retention_ms()))});
  return table;
}

/// What each kind of recipient may be told at all.
std::map<std::string, std::set<int>> told(const v1::NetworkDefinition& definition) {
  std::map<std::string, std::set<int>> by_mission;
  for (const auto& mission : definition.missions())
    by_mission[mission.id()].insert(mission.categories().begin(), mission.categories().end());
  std::map<std::string, std::set<int>> by_institution;
  for (const auto& institution : definition.institutions())
    by_institution[institution.id()] = by_mission[institution.mission()];
  return by_institution;
}

Table exchanges_table(const v1::NetworkDefinition& definition) {
  Table table{"exchanges",
              "Who may send what to whom",
              {{"from", "FROM"},
               {"to", "TO"},
               {"purpose", "PURPOSE"},
               {"categories", "CATEGORIES"},
               {"withheld", "NOT FOR THIS MISSION"},
               {"agreement", "AGREEMENT"}},
              {}};
  const auto allowed = told(definition);
  for (const auto& agreement : definition.agreements())
    for (const auto& direction : agreement.directions())
      for (const auto& rule : agreement.purposes()) {
        Json shared = Json::array();
        Json withheld = Json::array();
        for (const int number : rule.categories()) {
          const bool fits = allowed.at(direction.to()).contains(number);
          (fits ? shared : withheld).push_back(core::category_name(static_cast<v1::Category>(number)));
        }
        table.rows.push_back({direction.from(), direction.to(), rule.purpose(), shared, withheld, agreement.id()});
      }
  std::ranges::stable_sort(
      table.rows, [](const auto& a, const auto& b) { return std::tie(a[0], a[1], a[2]) < std::tie(b[0], b[1], b[2]); });
  return table;
}

Table services_table(const v1::NetworkDefinition& definition) {
  Table table{"services",
              "Services",
              {{"id", "ID"}, {"institution", "INSTITUTION"}, {"name", "NAME"}, {"thematics", "THEMATICS"}},
              {}};
  for (const auto& service : definition.services()) {
    Json thematics = Json::array();
    for (const auto& thematic : service.thematics()) thematics.push_back(thematic);
    table.rows.push_back({service.id(), service.institution(), service.name(), thematics});
  }
  return table;
}

}  // namespace

Report network_report(const v1::NetworkDefinition& definition, const std::string& signature) {
  Report report;
  report.fact("network", "network", definition.network()).fact("name", "name", definition.name());
  report.fact("version", "version", definition.version()).fact("signature", "signature", signature);
  if (definition.signed_at_ms() != 0)
    report.fact("signed_at", "signed at", date_time_text(base::from_ms(definition.signed_at_ms())));
  report.table(institutions_table(definition)).table(agreements_table(definition)).table(exchanges_table(definition));
  if (!definition.services().empty()) report.table(services_table(definition));
  return report;
}

}  // namespace relais::cli
