// What a connector must keep from others and the network has no key file for: a password, a passphrase, the private key
// of another protocol.
#pragma once

#include <filesystem>
#include <string>

#include "broker/base/result.h"

namespace relais::sdk {

/// The whole file. key.file_mode when others than the owner may use it; io.failed when it can not be read; key.invalid
/// when it is empty, not a regular file, or longer than a secret can be. The caller wipes the answer.
base::Result<std::string> read_secret(const std::filesystem::path& path);

/// Its first line, for passwords.
base::Result<std::string> read_secret_line(const std::filesystem::path& path);

}  // namespace relais::sdk
