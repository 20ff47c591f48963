// A secret of somebody else's that we keep: one word in a file for its owner alone.
#pragma once

#include <filesystem>
#include <string>

#include "broker/base/result.h"

namespace relais::access {

/// key.file_mode, io.failed (also when there is nothing in it).
base::Result<std::string> read_secret_file(const std::filesystem::path& file);

}  // namespace relais::access
