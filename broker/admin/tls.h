// A port that speaks TLS. The one wall before OpenSSL.
#pragma once

#include <filesystem>
#include <httplib.h>
#include <memory>

#include "broker/base/result.h"

namespace relais::admin {

/// TLS 1.2 or later. `certificate`: PEM, followed by those between it and its authority; `key`: PEM, mode 0600, without
/// a password. key.file_mode, key.invalid.
base::Result<std::unique_ptr<httplib::Server>> tls_server(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key);

}  // namespace relais::admin
