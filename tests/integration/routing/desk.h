// What an adapter's software saw: messages, receipts, refusals.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/sdk/adapter.h"

namespace relais::tests {

inline constexpr auto kPatience = std::chrono::seconds(60);

/// Keeps what it is told.
class Desk final : public sdk::Handler {
 public:
  sdk::Verdict on_message(const sdk::Incoming& message) override {
    tell([&] { messages.push_back(message); });
    return sdk::Verdict::handled();
  }
  void on_receipt(const base::MessageId& message, std::uint64_t) override {
    tell([&] { receipts.emplace_back(message.bytes()); });
  }
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override {
    tell([&] { refused.emplace_back(std::string(message.bytes()), refusal); });
  }

  template <class Ready>
  bool wait(const Ready& ready) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, ready);
  }

  /// How many messages there are now, while more may come.
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex_);
    return messages.size();
  }

  std::vector<sdk::Incoming> messages;
  std::vector<std::string> receipts;
  std::vector<std::pair<std::string, v1::Refused>> refused;

 private:
  template <class Change>
  void tell(const Change& change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace relais::tests
