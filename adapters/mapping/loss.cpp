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

using Reasons = std::map<std::string, std::string>;

/// "identity.identifiers" of "identity.identifiers[caf.allocataire]".
std::string without_brackets(std::string_view field) {
  std::string plain;
  bool inside = false;
  for (const char c : field) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

/// The entry that speaks of `field`: by its name, or by a name that ends with "/*" or ".*" and stands for all below.
Reasons::const_iterator entry_for(const std::string& field, const Reasons& reasons) {
  if (const auto found = reasons.find(field); found != reasons.end()) return found;
  return std::ranges::find_if(reasons, [&](const auto& entry) {
    const std::string_view name = entry.first;
    return (name.ends_with("/*") || name.ends_with(".*")) && field.starts_with(name.substr(0, name.size() - 1));
  });
}

/// "column 3" where there is no header, "characters 9-12": places, not names.
bool names_are_places(const InPlan& plan) {
  return plan.format == Format::fixed || (plan.format == Format::csv && !plan.csv.header);
}

std::size_t start_of_character(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

constexpr std::size_t kNameBytesMost = 200;
constexpr std::string_view kEllipsis = "…";

}  // namespace

void LossTally::add_lost(const std::set<std::string>& fields) {
  for (const auto& field : fields) ++lost_[field];
}

void LossTally::add_filled(Body kind, const std::set<std::string>& paths) {
  filled_[kind].insert(paths.begin(), paths.end());
}

LossReport LossTally::report(const InPlan& plan) const {
  LossReport report;
  for (const auto& [field, count] : lost_) {
    LostField lost{field, count, {}, {}};
    if (names_are_places(plan) || plan.names.contains(field)) lost.known_as = field;
    if (const auto entry = entry_for(field, plan.not_carried); entry != plan.not_carried.end()) {
      lost.reason = entry->second;
      if (lost.known_as.empty()) lost.known_as = entry->first;
    }
    report.lost.push_back(std::move(lost));
  }
  for (const auto& [kind, paths] : filled_) report.unfilled.push_back(unfilled_of(kind, paths));
  return report;
}

// Fields of messages are Relais' own words; only the system of an identifier, in brackets, is somebody else's.
std::vector<LostField> LossTally::report(const OutRecord& record) const {
  std::vector<LostField> all;
  for (const auto& [field, count] : lost_) {
    LostField lost{field, count, {}, without_brackets(field)};
    auto entry = entry_for(field, record.not_carried);
    if (entry == record.not_carried.end()) entry = entry_for(lost.known_as, record.not_carried);
    if (entry != record.not_carried.end()) lost.reason = entry->second;
    if (record.not_carried.contains(field)) lost.known_as = field;
    all.push_back(std::move(lost));
  }
  return all;
}

std::set<std::string> names_in(const InPlan& plan) {
  std::set<std::string> names;
  for (const auto& selector : plan.selectors) names.insert(selector.text);
  for (const auto& [field, reason] : plan.not_carried) names.insert(field);
  const std::string between = plan.format == Format::json ? "/*" : "/";
  for (const auto& list : plan.lists)
    for (const auto& field : list.fields)
      for (const auto& from : field.intake.from) names.insert(list.each.text + between + from.text);
  return names;
}

std::string name_below(const std::string& path, std::string_view separator, std::string_view step) {
  if (path.size() > kNameBytesMost) return path;
  auto name = path + std::string(separator);
  if (name.size() + step.size() <= kNameBytesMost) return name.append(step);
  const auto room = kNameBytesMost - std::min(name.size(), kNameBytesMost);
  name += step.substr(0, step.size() > room ? start_of_character(step, room) : step.size());
  return name.append(kEllipsis);
}

}  // namespace relais::mapping
