// Entries of the ledger as messages of the SDK, and back.
#pragma once

#include <string>

#include "adapters/sdk/draft.h"
#include "adapters/sdk/handler.h"
#include "tests/crash/ledger.h"

namespace relais::crash {

/// The message that `entry` stands for. What can be left to the SDK is left to it.
sdk::Draft draft_of(const Entry& entry);

/// The effect of `message` at `institution`.
Entry effect_of(const sdk::Incoming& message);

/// Whether the contents are those that draft_of() put in.
bool is_genuine(const sdk::Incoming& message);

}  // namespace relais::crash
