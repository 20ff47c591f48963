#include "broker/core/directory.h"

#include <algorithm>

namespace relais::core {

namespace {

std::string direction_key(std::string_view from, std::string_view to) {
  std::string key(from);
  key += '\0';
  key += to;
  return key;
}

template <class Map>
auto look_up(const Map& map, std::string_view id) -> typename Map::mapped_type {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

template <class List>
auto find_id(const List& list, std::string_view id) -> const typename List::value_type* {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& element) { return element.id() == id; });
  return found == list.end() ? nullptr : &*found;
}

bool within(std::int64_t from_ms, std::int64_t until_ms, base::Instant now) {
  const auto ms = base::to_ms(now);
  return ms >= from_ms && (until_ms == 0 || ms < until_ms);
}

}  // namespace

Directory::Directory(v1::NetworkDefinition definition) : definition_(std::move(definition)) {
  for (const auto& institution : definition_.institutions()) institutions_.emplace(institution.id(), &institution);
  for (const auto& mission : definition_.missions()) missions_.emplace(mission.id(), &mission);
  for (const auto& service : definition_.services()) {
    services_.emplace(service.id(), &service);
    services_of_[service.institution()].push_back(&service);
  }
  for (const auto& location : definition_.locations()) locations_.emplace(location.id(), &location);
  for (const auto& calendar : definition_.calendars()) calendars_.emplace(calendar.id(), WorkingTime(calendar));
  for (const auto& agreement : definition_.agreements()) {
    agreements_.emplace(agreement.id(), &agreement);
    for (const auto& direction : agreement.directions())
      directions_[direction_key(direction.from(), direction.to())].push_back(&agreement);
  }
}

const v1::Institution* Directory::institution(std::string_view id) const { return look_up(institutions_, id); }
const v1::Agreement* Directory::agreement(std::string_view id) const { return look_up(agreements_, id); }
const v1::Mission* Directory::mission(std::string_view id) const { return look_up(missions_, id); }
const v1::Service* Directory::service(std::string_view id) const { return look_up(services_, id); }
const v1::Location* Directory::location(std::string_view id) const { return look_up(locations_, id); }

const std::vector<const v1::Service*>& Directory::services_of(std::string_view institution) const {
  static const std::vector<const v1::Service*> kNone;
  const auto found = services_of_.find(institution);
  return found == services_of_.end() ? kNone : found->second;
}

const v1::Profile* Directory::profile(std::string_view id) const { return find_id(definition_.profiles(), id); }
const v1::Purpose* Directory::purpose(std::string_view id) const { return find_id(definition_.purposes(), id); }

Coverage Directory::coverage(std::string_view from, std::string_view to, std::string_view purpose,
                             base::Instant now) const {
  Coverage nearest;
  const auto found = directions_.find(direction_key(from, to));
  if (found == directions_.end()) return nearest;
  for (const auto* agreement : found->second) {
    if (purpose_rule(*agreement, purpose) == nullptr) {
      if (nearest.kind == Coverage::Kind::none) nearest = {Coverage::Kind::purpose_not_covered, agreement};
      continue;
    }
    if (valid_at(*agreement, now)) return {Coverage::Kind::valid, agreement};
    const bool early = base::to_ms(now) < agreement->valid_from_ms();
    nearest = {early ? Coverage::Kind::not_yet_valid : Coverage::Kind::expired, agreement};
  }
  return nearest;
}

Coverage Directory::coverage_between(std::string_view from, std::string_view to, std::string_view purpose,
                                     base::Instant now) const {
  const auto there = coverage(from, to, purpose, now);
  if (there.kind == Coverage::Kind::valid) return there;
  const auto back = coverage(to, from, purpose, now);
  return back.kind == Coverage::Kind::valid || there.kind == Coverage::Kind::none ? back : there;
}

base::Result<const v1::Agreement*> agreement_of(const Coverage& coverage, const std::string& from,
                                                const std::string& to, const std::string& purpose) {
  using base::RefusalCode;
  const std::string agreement = coverage.agreement == nullptr ? "" : coverage.agreement->id();
  switch (coverage.kind) {
    case Coverage::Kind::valid:
      return coverage.agreement;
    case Coverage::Kind::expired:
      return base::refuse(RefusalCode::agreement_expired, "purpose",
                          {{"agreement", agreement}, {"from", from}, {"to", to}});
    case Coverage::Kind::not_yet_valid:
      return base::refuse(RefusalCode::agreement_not_yet_valid, "purpose",
                          {{"agreement", agreement}, {"from", from}, {"to", to}});
    default:
      return base::refuse(RefusalCode::agreement_none, "purpose", {{"from", from}, {"to", to}, {"purpose", purpose}});
  }
}

base::Result<const v1::Agreement*> Directory::agreement_for(const std::string& from, const std::string& to,
                                                            const std::string& purpose, base::Instant now) const {
  return agreement_of(coverage(from, to, purpose, now), from, to, purpose);
}

base::Result<const v1::Agreement*> Directory::agreement_between(const std::string& one, const std::string& other,
                                                                const std::string& purpose, base::Instant now) const {
  return agreement_of(coverage_between(one, other, purpose, now), one, other, purpose);
}

base::Instant Directory::end_of(const v1::Term& term, const v1::Agreement& agreement, base::Instant now) const {
  static const WorkingTime kUsual;
  const auto found = calendars_.find(agreement.calendar());
  const auto& calendar = found == calendars_.end() ? kUsual : found->second;
  if (term.has_working_days()) return calendar.after_days(now, term.working_days());
  if (term.has_working_hours()) return calendar.after_hours(now, term.working_hours());
  return now + base::Milliseconds(term.ms());
}

const v1::DeadlineRule* Directory::deadlines(const v1::Agreement& agreement, v1::Priority priority) {
  const auto wanted = priority == v1::PRIORITY_UNSPECIFIED ? v1::PRIORITY_ROUTINE : priority;
  for (const auto& rule : agreement.deadlines())
    if (rule.priority() == wanted) return &rule;
  return nullptr;
}

const v1::PurposeRule* Directory::purpose_rule(const v1::Agreement& agreement, std::string_view purpose) {
  for (const auto& rule : agreement.purposes())
    if (rule.purpose() == purpose) return &rule;
  return nullptr;
}

bool Directory::valid_at(const v1::Agreement& agreement, base::Instant now) {
  return within(agreement.valid_from_ms(), agreement.valid_until_ms(), now);
}

bool Directory::valid_at(const v1::PublicKey& key, base::Instant now) {
  return within(key.valid_from_ms(), key.valid_until_ms(), now);
}

}  // namespace relais::core
