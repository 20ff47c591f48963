// How the institution's software names what a delivered message is about, and what is remembered of the message.
#pragma once

#include <string>
#include <string_view>

#include "adapters/mapping/message.h"
#include "adapters/sdk/handler.h"
#include "adapters/sdk/local_store.h"

namespace relais::files {

/// Of the field in the oneof: "referral_accepted".
std::string kind_of(const v1::Envelope& envelope);

/// The referral that the institution is to deal with: of a forward to it, the new one.
const std::string& referral_of(const v1::Envelope& envelope, std::string_view institution);

/// The software's own numbers, as far as they are linked, and the referral's id as text.
mapping::LocalReferences local_references(sdk::LocalStore& store, const sdk::Incoming& message);

/// To be written with the mark that the message was handled: open appointments, and the number of a referral of ours
/// that goes on elsewhere.
sdk::Notes bookkeeping(sdk::LocalStore& store, const sdk::Incoming& message);

}  // namespace relais::files
