// A file that a command makes for its caller alone.
#pragma once

#include <filesystem>
#include <string_view>

#include "broker/base/result.h"

namespace relais::cli {

/// 0600, synced. io.failed when it is there already or can not be written; then there is none of ours.
base::Status write_new_file(const std::filesystem::path& path, std::string_view content);

}  // namespace relais::cli
