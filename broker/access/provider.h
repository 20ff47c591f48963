// Logging in by a provider of identities: OpenID Connect, authorization code flow with PKCE, state and nonce.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "broker/access/provider_config.h"
#include "broker/access/provider_requests.h"
#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"

namespace relais::access {

/// Any thread; waits for the provider, which may be slow: few at a time, so that those who ask for something else do
/// not wait with them.
class Provider {
 public:
  static constexpr std::chrono::minutes kPatience{10};  // for somebody to log in over there
  static constexpr std::size_t kPendingMost = 1'000;    // the oldest goes first
  static constexpr int kAtATimeMost = 4;

  Provider(ProviderConfig config, const base::Clock& clock) : config_(std::move(config)), clock_(clock) {}

  [[nodiscard]] const std::string& name() const { return config_.name; }

  /// Where the provider sends a browser: back from there, and after logging out there. Registered there.
  struct Addresses {
    std::string arrival;
    std::string departure;
  };

  struct Begun {
    std::string address;  // where the browser goes
    std::string browser;  // what it has to bring back: this login is its own
  };
  base::Result<Begun> begin(const Addresses& ours);

  /// `answer`: the parameters with which the browser came back. Good once.
  base::Result<Person> finish(const std::multimap<std::string, std::string>& answer, const std::string& browser);

 private:
  struct Pending {
    base::Hash browser{};
    std::string nonce;
    std::string verifier;
    Addresses ours;
    ProviderDoors doors;
    base::Instant ends{};
  };
  void keep(const std::string& state, Pending pending);
  std::optional<Pending> take(const std::string& state, const std::string& browser);
  base::Result<Person> identify(const Pending& pending, const std::string& code);

  const ProviderConfig config_;
  const base::Clock& clock_;
  std::atomic<int> asking_{0};
  std::mutex mutex_;
  std::map<std::string, Pending> pending_;  // by state
};

}  // namespace relais::access
