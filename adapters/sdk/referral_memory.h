// What the adapter remembers of the referrals that passed through it, so that further messages can be filled in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/store.h"

namespace relais::sdk {

/// Reads the store, and what is about to be written in the same change. Threads: the one that builds the change.
class ReferralMemory {
 public:
  explicit ReferralMemory(const Store& store) : store_(&store) {}

  [[nodiscard]] std::optional<KnownReferral> find(std::string_view referral_id) const;

  /// A message by us or to us, complete: opens (requested, forwarded), readdresses (reassigned) or forgets (outcome
  /// acknowledged) a referral. `reached`: the institution of ours that got it as its recipient or fallback, or as
  /// member of a team; empty: none.
  void learn(Change& change, const v1::Envelope& envelope, const std::string& reached = {});

 private:
  void open(Change& change, KnownReferral referral);
  const Store* store_;
  std::map<std::string, KnownReferral, std::less<>> opened_;
};

}  // namespace relais::sdk
