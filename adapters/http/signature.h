// Standard Webhooks (www.standardwebhooks.com), the symmetric scheme v1: HMAC-SHA256 over "id.timestamp.body".
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::http {

/// Raw bytes; several while a secret is being changed, the newest first.
using Secrets = std::vector<std::string>;

/// A file whose first line is "whsec_" (which may be left out) and base64 of 24 to 64 bytes. Errors of
/// sdk::read_secret_line(); key.invalid never shows the text.
base::Result<std::string> read_webhook_secret(const std::filesystem::path& path);

/// A new secret in that form, 32 random bytes.
std::string new_webhook_secret();

struct SignatureHeaders {
  std::string id;         // webhook-id
  std::string timestamp;  // webhook-timestamp: seconds since 1970
  std::string signature;  // webhook-signature: one or several "v1,BASE64", separated by spaces
};

/// One signature for each secret, so that a receiver that knows any of them is content.
SignatureHeaders sign(const Secrets& secrets, std::string id, base::Instant now, std::string_view body);

enum class Believed { yes, incomplete, too_old, wrong };

/// Whether any of the signatures is one by any of the secrets, and was made within `tolerance` of `now`.
Believed verify(const Secrets& secrets, const SignatureHeaders& headers, std::string_view body, base::Instant now,
                std::chrono::milliseconds tolerance);

}  // namespace relais::http
