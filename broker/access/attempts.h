// Pauses between wrong logins, which grow: for each name, and for each address they come from.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "broker/base/clock.h"

namespace relais::access {

/// Any thread. Memory is bounded: the records that were still for longest go first.
class Attempts {
 public:
  static constexpr int kFreeOfName = 5;  // wrong ones in a row without a pause; then 1 s, 2 s, 4 s, ...
  static constexpr int kFreeOfAddress = 20;
  static constexpr std::chrono::seconds kPauseMost{900};
  static constexpr std::chrono::hours kForgotten{24};
  static constexpr std::size_t kRecordsMost = 20'000;

  explicit Attempts(const base::Clock& clock, std::size_t records_most = kRecordsMost)
      : clock_(clock), records_most_(records_most) {}

  /// How long this one has to wait; nothing when it may try. Then it counts as wrong until succeeded() says otherwise,
  /// so that a thousand at the same time are not one.
  std::optional<std::chrono::seconds> begin(const std::string& name, const std::string& address);
  void succeeded(const std::string& name, const std::string& address);

 private:
  struct Record {
    int wrong = 0;
    base::Instant last{};
    base::Instant until{};  // no attempt before
  };
  void count(const std::string& key, int free, base::Instant now);
  void make_room(base::Instant now);

  const base::Clock& clock_;
  const std::size_t records_most_;
  std::mutex mutex_;
  std::map<std::string, Record> records_;
};

}  // namespace relais::access
