// Who is logged in. In memory only: a restart of the broker ends every session.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "broker/access/role.h"
#include "broker/base/clock.h"
#include "broker/base/crypto.h"

namespace relais::access {

struct SessionLimits {
  std::chrono::milliseconds idle = std::chrono::minutes(30);
  std::chrono::milliseconds absolute = std::chrono::hours(10);
};

struct Session {
  Person person;
  std::string csrf;  // what a changing request has to carry besides the cookie
  base::Instant idle_ends{};
  base::Instant ends{};
};

/// Any thread. The cookie's value is kept as a hash.
class Sessions {
 public:
  // The one that was still for longest goes first: of their own, so that nobody pushes others out by logging in again
  // and again.
  static constexpr std::size_t kMost = 1'000;
  static constexpr std::size_t kMostOfOne = 20;

  Sessions(SessionLimits limits, const base::Clock& clock) : limits_(limits), clock_(clock) {}

  struct Opened {
    std::string cookie;  // 32 random bytes in hexadecimal
    Session session;
  };
  Opened open(Person person);

  /// Nothing when there is none, or its time is over. With `used` somebody is there, and the idle time begins anew.
  std::optional<Session> find(const std::string& cookie, bool used);

  void close(const std::string& cookie);

  /// Of everybody who has one, by name: how many there are.
  [[nodiscard]] std::map<std::string, std::size_t> by_name();

  /// Answers how many there were.
  std::size_t close_all_of(const std::string& name);

 private:
  void make_room(const std::string& name, base::Instant now);
  void remove_ended(base::Instant now);

  const SessionLimits limits_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<base::Hash, Session> sessions_;
};

}  // namespace relais::access
