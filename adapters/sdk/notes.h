// What a connector wants remembered together with something else.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace relais::sdk {

/// One entry of the LocalStore to write or, without a value, to erase.
/// A note is the connector's own bookkeeping (numbers, ids, file names, states). Never a content of a message: the
/// store is not encrypted.
struct Note {
  std::string key;
  std::optional<std::string> value;
};
using Notes = std::vector<Note>;

}  // namespace relais::sdk
