#include "broker/access/sessions.h"

#include <algorithm>

#include "broker/base/ids.h"

namespace relais::access {

namespace {
constexpr std::size_t kCookieBytes = 32;
}

Sessions::Opened Sessions::open(Person person) {
  const auto now = clock_.now();
  Opened opened{base::hex(base::random_bytes(kCookieBytes)),
                Session{std::move(person), base::hex(base::random_bytes(kCookieBytes)), now + limits_.idle,
                        now + limits_.absolute}};
  const std::lock_guard lock(mutex_);
  make_room(opened.session.person.name, now);
  sessions_.emplace(base::hash(opened.cookie), opened.session);
  return opened;
}

std::optional<Session> Sessions::find(const std::string& cookie, bool used) {
  if (cookie.size() != 2 * kCookieBytes) return std::nullopt;
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(base::hash(cookie));
  if (found == sessions_.end()) return std::nullopt;
  auto& session = found->second;
  if (now >= session.idle_ends || now >= session.ends) {
    sessions_.erase(found);
    return std::nullopt;
  }
  if (used) session.idle_ends = now + limits_.idle;
  return session;
}

void Sessions::close(const std::string& cookie) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(base::hash(cookie));
}

std::map<std::string, std::size_t> Sessions::by_name() {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  remove_ended(now);
  std::map<std::string, std::size_t> counts;
  for (const auto& [cookie, session] : sessions_) ++counts[session.person.name];
  return counts;
}

std::size_t Sessions::close_all_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(sessions_, [&](const auto& entry) { return entry.second.person.name == name; });
}

void Sessions::make_room(const std::string& name, base::Instant now) {
  auto still = sessions_.end();
  std::size_t of_one = 0;
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (at->second.person.name != name) continue;
    ++of_one;
    if (still == sessions_.end() || at->second.idle_ends < still->second.idle_ends) still = at;
  }
  if (of_one >= kMostOfOne) sessions_.erase(still);
  if (sessions_.size() >= kMost) remove_ended(now);
  if (sessions_.size() >= kMost)
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& entry) { return entry.second.idle_ends; }));
}

void Sessions::remove_ended(base::Instant now) {
  std::erase_if(sessions_,
                [&](const auto& entry) { return now >= entry.second.idle_ends || now >= entry.second.ends; });
}

}  // namespace relais::access
