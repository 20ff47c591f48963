#include "broker/access/attempts.h"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "broker/base/crypto.h"

namespace relais::access {

namespace {

/// What was typed as a name may be a password: only its hash is kept.
std::string name_key(const std::string& name) { return "n" + std::string(base::view(base::hash(name))); }

/// Of IPv6 the network: one subscriber has all addresses of it.
std::string address_key(const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return "a" + address;
  return "a" + std::string(reinterpret_cast<const char*>(bytes.s6_addr), 8);
}

std::chrono::seconds pause_after(int wrong, int free) {
  if (wrong < free) return std::chrono::seconds(0);
  const int doublings = std::min(wrong - free, 20);
  return std::min(std::chrono::seconds(1LL << doublings), Attempts::kPauseMost);
}

}  // namespace

std::optional<std::chrono::seconds> Attempts::begin(const std::string& name, const std::string& address) {
  const auto now = clock_.now();
  const std::string keys[] = {name_key(name), address_key(address)};
  const std::lock_guard lock(mutex_);
  base::Instant until = now;
  for (const auto& key : keys)
    if (const auto found = records_.find(key); found != records_.end()) until = std::max(until, found->second.until);
  if (until > now) return std::chrono::ceil<std::chrono::seconds>(until - now);
  count(keys[0], kFreeOfName, now);
  count(keys[1], kFreeOfAddress, now);
  return std::nullopt;
}

void Attempts::succeeded(const std::string& name, const std::string& address) {
  const std::lock_guard lock(mutex_);
  records_.erase(name_key(name));
  // Of the address only this one is forgiven: whoever has one account could otherwise try all others.
  const auto found = records_.find(address_key(address));
  if (found == records_.end()) return;
  found->second.until = {};
  if (--found->second.wrong <= 0) records_.erase(found);
}

void Attempts::count(const std::string& key, int free, base::Instant now) {
  auto found = records_.find(key);
  if (found == records_.end()) {
    if (records_.size() >= records_most_) make_room(now);
    found = records_.emplace(key, Record{}).first;
  }
  auto& record = found->second;
  if (now - record.last > kForgotten) record.wrong = 0;
  ++record.wrong;
  record.last = now;
  record.until = now + pause_after(record.wrong, free);
}

void Attempts::make_room(base::Instant now) {
  std::erase_if(records_, [&](const auto& entry) { return now - entry.second.last > kForgotten; });
  if (records_.size() < records_most_) return;
  records_.erase(std::ranges::min_element(
      records_, {}, [](const auto& entry) { return std::pair(entry.second.until, entry.second.last); }));
}

}  // namespace relais::access
