// Secret keys at rest: one key per file, mode 0600 or refused.
#pragma once

#include <filesystem>
#include <string>

#include "broker/base/crypto.h"
#include "broker/base/result.h"

namespace relais::base {

enum class KeyUse { transport, signing, sealing };

std::string_view key_use_name(KeyUse use);

/// A secret key with the id under which the network definition knows its public half.
struct KeyFile {
  KeyUse use{};
  std::string id;
  KeyPair pair;
};

/// Text file: lines `relais-key = "1"`, `use = "signing"`, `id = "..."`, `public = "base64"`, `secret = "base64"`.
/// key.file_mode when others than the owner may read it; key.invalid (field names the line) when it is not such a file
/// or the public half does not belong to the secret; io.failed when it can not be read.
Result<KeyFile> read_key_file(const std::filesystem::path& path);

/// Written 0600 and synced through a temporary file in the same folder; an existing file is not replaced (io.failed).
Status write_key_file(const std::filesystem::path& path, const KeyFile& key);

}  // namespace relais::base
