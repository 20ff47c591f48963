// A calendar in memory that answers as a server may: for what no real server does on demand.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "adapters/calendar/calendar_server.h"

namespace relais::calendar {

class MemoryServer final : public CalendarServer {
 public:
  /// Outlives the server, as a server's disk does.
  struct Disk {
    std::map<std::string, StoredEvent> events;
    int version = 0;
    std::string away;                   // every question is answered by this fault
    bool lose_answers = false;          // what is put is there, and the answer never comes
    bool forget_tokens = false;         // no token is known
    std::function<void()> before_put;   // once
    std::map<std::string, int> tokens;  // href to the version of its last change
    int puts = 0;

    void put(const std::string& href, const std::string& text) {
      events[href] = {"\"" + std::to_string(++version) + "\"", text};
      tokens[href] = version;
    }
    void remove(const std::string& href) {
      events.erase(href);
      tokens[href] = ++version;
    }
  };

  explicit MemoryServer(Disk& disk) : disk_(disk) {}

  base::Result<std::optional<StoredEvent>> get(const std::string& href) override {
    if (!disk_.away.empty()) return failed(disk_.away);
    const auto found = disk_.events.find(href);
    if (found == disk_.events.end()) return std::optional<StoredEvent>();
    return std::optional(found->second);
  }

  base::Result<std::vector<std::pair<std::string, StoredEvent>>> get_many(
      const std::vector<std::string>& hrefs) override {
    std::vector<std::pair<std::string, StoredEvent>> all;
    for (const auto& href : hrefs) {
      const auto found = get(href);
      if (!found) return found.refusal();
      if (*found) all.emplace_back(href, **found);
    }
    return all;
  }

  base::Result<Written> put(const std::string& href, const std::string& etag, const std::string& text) override {
    if (!disk_.away.empty()) return failed(disk_.away);
    if (disk_.before_put) std::exchange(disk_.before_put, nullptr)();
    const auto found = disk_.events.find(href);
    if (etag.empty() ? found != disk_.events.end() : found == disk_.events.end() || found->second.etag != etag)
      return Written{true, {}};
    ++disk_.puts;
    disk_.put(href, text);
    if (disk_.lose_answers) return failed("timeout");
    return Written{false, disk_.events[href].etag};
  }

  base::Result<Written> remove(const std::string& href, const std::string& etag) override {
    if (!disk_.away.empty()) return failed(disk_.away);
    if (disk_.events.contains(href) && disk_.events[href].etag != etag) return Written{true, {}};
    disk_.remove(href);
    return Written{};
  }

  base::Result<std::optional<Changes>> changes(const std::string& token) override {
    if (!disk_.away.empty()) return failed(disk_.away);
    if (disk_.forget_tokens) return std::optional<Changes>();
    Changes some;
    for (const auto& [href, version] : disk_.tokens) {
      if (version <= std::stoi(token)) continue;
      if (const auto found = disk_.events.find(href); found != disk_.events.end())
        some.changed.push_back({href, found->second.etag});
      else
        some.gone.push_back(href);
    }
    some.token = std::to_string(disk_.version);
    return std::optional(std::move(some));
  }

  base::Result<Changes> everything() override {
    if (!disk_.away.empty()) return failed(disk_.away);
    Changes all;
    all.token = std::to_string(disk_.version);
    for (const auto& [href, stored] : disk_.events) all.changed.push_back({href, stored.etag});
    return all;
  }

  void stop() override {}

 private:
  static base::Refusal failed(const std::string& why) {
    return base::refuse(base::RefusalCode::io_failed, {}, {{"why", why}});
  }

  Disk& disk_;
};

}  // namespace relais::calendar
