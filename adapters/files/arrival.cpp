#include "adapters/files/arrival.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace relais::files {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ends_like(std::string_view name, std::string_view suffix) {
  if (suffix.empty() || name.size() <= suffix.size()) return false;
  return std::ranges::equal(name.substr(name.size() - suffix.size()), suffix, {}, lower, lower);
}

bool has_ending(std::string_view name, const std::vector<std::string>& suffixes) {
  return std::ranges::any_of(suffixes, [&](const std::string& suffix) { return ends_like(name, suffix); });
}

using ByName = std::map<std::string_view, const Entry*>;

const Entry* marker_of(const ArrivalPolicy& policy, std::string_view name, const ByName& markers) {
  const auto stem = name.substr(0, name.rfind('.'));
  for (const auto& suffix : policy.markers)
    for (const auto& base : {std::string(name), std::string(stem)})
      if (const auto found = markers.find(base + suffix); found != markers.end()) return found->second;
  return nullptr;
}

}  // namespace

bool is_ignored(const ArrivalPolicy& policy, std::string_view name) {
  return name.starts_with('.') || has_ending(name, policy.ignored);
}

bool ArrivalJudge::stable(const Entry& entry, SteadyTime now) {
  const auto seen = seen_.find(entry.name);
  return seen != seen_.end() && seen->second.stamp == entry.stamp && now - seen->second.since >= policy_.stable_for;
}

Arrivals ArrivalJudge::judge(std::span<const Entry> entries, SteadyTime now) {
  Arrivals arrivals;
  ByName markers;
  std::vector<const Entry*> files;
  for (const auto& entry : entries) {
    if (is_ignored(policy_, entry.name)) continue;
    if (!entry.regular)
      ++arrivals.strange;
    else if (policy_.when == CompleteWhen::marker && has_ending(entry.name, policy_.markers))
      markers[entry.name] = &entry;
    else
      files.push_back(&entry);
  }

  std::map<std::string, Seen> still_here;
  std::set<std::string_view> used;
  for (const auto* file : files) {
    const auto seen = seen_.find(file->name);
    const bool same = seen != seen_.end() && seen->second.stamp == file->stamp;
    const Seen now_seen{file->stamp, same ? seen->second.since : now};
    const bool is_stable = stable(*file, now);
    const Entry* const marker =
        policy_.when == CompleteWhen::marker ? marker_of(policy_, file->name, markers) : nullptr;
    if (marker != nullptr) used.insert(marker->name);
    const bool complete = policy_.when == CompleteWhen::rename || (policy_.when == CompleteWhen::stable && is_stable) ||
                          (marker != nullptr && (marker->stamp.modified_ns >= file->stamp.modified_ns || is_stable));
    still_here.emplace(file->name, now_seen);
    if (complete) {
      arrivals.complete.push_back({file->name, marker == nullptr ? std::string() : marker->name, file->stamp});
      continue;
    }
    ++arrivals.waiting;
    if (policy_.when == CompleteWhen::marker && marker == nullptr) continue;
    const auto due = now_seen.since + policy_.stable_for;
    if (!arrivals.look_again || due < *arrivals.look_again) arrivals.look_again = due;
  }
  seen_ = std::move(still_here);
  arrivals.lone_markers = markers.size() - used.size();
  std::ranges::sort(arrivals.complete, [](const CompleteFile& one, const CompleteFile& other) {
    if (one.stamp.modified_ns != other.stamp.modified_ns) return one.stamp.modified_ns < other.stamp.modified_ns;
    return ::strverscmp(one.name.c_str(), other.name.c_str()) < 0;
  });
  return arrivals;
}

}  // namespace relais::files
