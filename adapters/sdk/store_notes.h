// Notes as part of a larger change.
#pragma once

#include "adapters/sdk/notes.h"
#include "adapters/sdk/store.h"

namespace relais::sdk {

void add_notes(Change& change, const Notes& notes);

}  // namespace relais::sdk
