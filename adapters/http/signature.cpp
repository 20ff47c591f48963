#include "adapters/http/signature.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "adapters/sdk/secret_file.h"
#include "broker/base/crypto_hmac.h"

namespace relais::http {

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kVersionPrefix = "v1,";
constexpr std::size_t kSecretBytesLeast = 24;
constexpr std::size_t kSecretBytesMost = 64;
constexpr std::size_t kNewSecretBytes = 32;
constexpr std::size_t kIdBytesMost = 256;
constexpr std::size_t kSignaturesMost = 16;

std::string signature_of(const std::string& secret, const SignatureHeaders& headers, std::string_view body) {
  auto content = headers.id + "." + headers.timestamp + ".";
  content += body;
  return std::string(kVersionPrefix) + base::base64(base::view(base::hmac_sha256(secret, content)));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty() && words.size() < kSignaturesMost) {
    const auto end = std::min(text.find(' '), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kIdBytesMost &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

base::Result<std::string> read_webhook_secret(const std::filesystem::path& path) {
  auto line = sdk::read_secret_line(path);
  if (!line) return line;
  std::string_view text = *line;
  if (text.starts_with(kSecretPrefix)) text.remove_prefix(kSecretPrefix.size());
  auto bytes = base::from_base64(text);
  base::wipe(*line);
  if (bytes && bytes->size() >= kSecretBytesLeast && bytes->size() <= kSecretBytesMost) return bytes;
  return base::refuse(base::RefusalCode::key_invalid, {},
                      {{"path", path.string()}, {"why", "expected whsec_ and base64 of 24 to 64 bytes"}});
}

std::string new_webhook_secret() {
  return std::string(kSecretPrefix) + base::base64(base::random_bytes(kNewSecretBytes));
}

SignatureHeaders sign(const Secrets& secrets, std::string id, base::Instant now, std::string_view body) {
  SignatureHeaders headers{std::move(id), std::to_string(base::to_ms(now) / 1'000), {}};
  for (const auto& secret : secrets)
    headers.signature += (headers.signature.empty() ? "" : " ") + signature_of(secret, headers, body);
  return headers;
}

Believed verify(const Secrets& secrets, const SignatureHeaders& headers, std::string_view body, base::Instant now,
                std::chrono::milliseconds tolerance) {
  std::int64_t seconds = 0;
  const auto* const end = headers.timestamp.data() + headers.timestamp.size();
  const auto read = std::from_chars(headers.timestamp.data(), end, seconds);
  const bool is_number = !headers.timestamp.empty() && read.ec == std::errc() && read.ptr == end;
  if (!is_id(headers.id) || !is_number || headers.signature.empty()) return Believed::incomplete;
  // The signature first: a stranger learns nothing of our clock.
  bool good = false;
  for (const auto& secret : secrets) {
    const auto expected = signature_of(secret, headers, body);
    for (const auto given : words_of(headers.signature)) good |= base::equal_secrets(given, expected);
  }
  if (!good) return Believed::wrong;
  const auto now_seconds = base::to_ms(now) / 1'000;
  const auto most = std::chrono::duration_cast<std::chrono::seconds>(tolerance).count();
  const bool near = seconds >= now_seconds - most && seconds <= now_seconds + most;
  return near ? Believed::yes : Believed::too_old;
}

}  // namespace relais::http
