// The network definition as a directory of TOML files.
//
//   network.toml          id, name, version, [broker], [[purpose]], [[mission]]
//   institutions/*.toml   [[institution]] with its keys
//   agreements/*.toml     [[agreement]]
//   locations/*.toml      [[location]]
//   services/*.toml       [[service]]
//
// Files are read in the order of their names, so that one directory always gives one definition.
#pragma once

#include <filesystem>
#include <vector>

#include "broker/base/toml_reader.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {

/// `definition` may be signed only when there are no violations.
struct LoadedNetwork {
  v1::NetworkDefinition definition;
  std::vector<base::FileViolation> violations;  // by file and line; files are named below the directory
};

/// Reads all files and checks the whole; every fault of every file at once. `signed_at_ms` stays 0.
LoadedNetwork load_network(const std::filesystem::path& directory);

}  // namespace relais::cli
