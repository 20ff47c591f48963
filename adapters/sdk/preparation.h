// From drafts to sealed submissions and what is remembered with them, as one change.
#pragma once

#include <span>
#include <vector>

#include "adapters/sdk/completion.h"
#include "adapters/sdk/figures.h"
#include "adapters/sdk/network_keeper.h"
#include "adapters/sdk/outbox.h"
#include "adapters/sdk/referral_memory.h"
#include "adapters/sdk/route_choice.h"
#include "adapters/sdk/sealer.h"

namespace relais::sdk {

/// A change in the making, with the submissions that go into the outbox with it.
struct Prepared {
  explicit Prepared(const Store& store) : referrals(store) {}
  Change change;
  ReferralMemory referrals;
  std::vector<Sealed> sealed;
  std::vector<base::MessageId> ids;
  std::uint64_t bytes = 0;
};

/// Threads: any; a Prepared belongs to one. What it refers to outlives it.
class Preparation {
 public:
  Preparation(Keyring& keyring, const NetworkKeeper& network, const Outbox& outbox, const Figures& figures,
              const base::Clock& clock)
      : keyring_(keyring), sealer_(keyring), network_(network), outbox_(outbox), figures_(figures), clock_(clock) {}

  /// Adds one submission; a repeatable one that was submitted before adds only its id. The refusals of
  /// Adapter::submit(), but those of the outbox. network.none.
  base::Status add(Prepared& prepared, const Draft& draft, bool automatic);

  /// The submission for the recipient that was found for a kept draft (see Sealer::keep). key.invalid, compartment.*,
  /// message.too_large; network.none when the definition in use does not know the recipient yet (retry).
  base::Result<std::string> address(const v1::Submit& kept, const Route& route, ReferralMemory& referrals,
                                    Change& change);

 private:
  Keyring& keyring_;
  Sealer sealer_;
  const NetworkKeeper& network_;
  const Outbox& outbox_;
  const Figures& figures_;
  const base::Clock& clock_;
};

}  // namespace relais::sdk
