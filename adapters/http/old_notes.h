// Notes that begin with the time they were made, forgotten when they are old.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/sdk/local_store.h"

namespace relais::http {

/// Those whose key begins with `prefix` and that are older than `before_ms`, or no such notes. io.failed.
base::Status forget_notes(sdk::LocalStore& store, const std::string& prefix, std::int64_t before_ms);

}  // namespace relais::http
