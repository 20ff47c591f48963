// The database password at rest.
#pragma once

#include <filesystem>
#include <string>

#include "broker/base/result.h"

namespace relais::postgres {

/// The file's first line. key.file_mode when others than the owner may use it; io.failed when it can not be read;
/// key.invalid when it is empty, not a regular file, or longer than a password can be. The caller wipes the answer.
base::Result<std::string> read_password(const std::filesystem::path& path);

}  // namespace relais::postgres
