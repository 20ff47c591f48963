// What must be on the disk before anybody is told: each answers zero, or the error that stopped it.
#pragma once

#include <filesystem>
#include <string_view>

namespace relais::base {

/// All of `bytes` to an open file.
int write_synced(int file, std::string_view bytes);

/// That an entry of the folder is there, or is there no more.
int sync_folder(const std::filesystem::path& folder);

}  // namespace relais::base
