#include "adapters/mapping/loss.h"

#include <algorithm>

namespace relais::mapping {

namespace {

bool any_below(const std::set<std::string>& paths, const std::string& path) {
  const auto next = paths.lower_bound(path);
  if (next == paths.end()) return false;
  return *next == path || next->starts_with(path + ".");
}

/// Fields of a message (not those below them) that nothing filled, each with `prefix`.
void add_missing(const google::protobuf::Descriptor& type, const std::string& prefix,
                 const std::set<std::string>& filled, std::vector<std::string>& missing) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto path = prefix + "." + std::string(type.field(i)->name());
    if (!any_below(filled, path)) missing.push_back(path);
  }
}

UnfilledFields unfilled_of(Body kind, const std::set<std::string>& filled) {
  UnfilledFields unfilled{std::string(name_of(kind)), {}};
  for (const auto* const path : {"local.reference", "envelope.recipients", "envelope.purpose", "envelope.priority"})
    if (!filled.contains(path)) unfilled.fields.emplace_back(path);
  add_missing(*body_field(kind)->message_type(), "body", filled, unfilled.fields);
  for (const auto& content : content_types()) {
    const std::string word(content.word);
    if (any_below(filled, word))
      add_missing(*content.prototype->GetDescriptor(), word, filled, unfilled.fields);
    else
      unfilled.fields.push_back(word);
  }
  return unfilled;
}

}  // namespace

std::string reason_for(const std::string& field, const std::map<std::string, std::string>& reasons) {
  if (const auto found = reasons.find(field); found != reasons.end()) return found->second;
  for (const auto& [name, reason] : reasons)
    if ((name.ends_with("/*") || name.ends_with(".*")) && field.starts_with(name.substr(0, name.size() - 1)))
      return reason;
  return {};
}

void LossTally::add_lost(const std::set<std::string>& fields) {
  for (const auto& field : fields) ++lost_[field];
}

void LossTally::add_filled(Body kind, const std::set<std::string>& paths) {
  filled_[kind].insert(paths.begin(), paths.end());
}

LossReport LossTally::report(const std::map<std::string, std::string>& reasons) const {
  LossReport report;
  for (const auto& [field, count] : lost_) report.lost.push_back({field, count, reason_for(field, reasons)});
  for (const auto& [kind, paths] : filled_) report.unfilled.push_back(unfilled_of(kind, paths));
  return report;
}

}  // namespace relais::mapping
