#include "adapters/sftp/claim_name.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::sftp {

namespace {

// ".relais-20261123-215811-123001-f-NAME"
constexpr std::string_view kPrefix = ".relais-";
constexpr std::size_t kIdBytes = 22;
constexpr std::string_view kFile = "-f-";
constexpr std::string_view kMarker = "-m-";
constexpr std::size_t kBeforeName = kPrefix.size() + kIdBytes + kFile.size();
static_assert(kBeforeName == 255 - kClaimedNameBytesMax);
constexpr std::size_t kRandomBytes = 16;

bool is_id(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 15;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  return text.size() == kIdBytes;
}

}  // namespace

std::string text(const ClaimName& claim) {
  std::string text(kPrefix);
  return text.append(claim.id).append(claim.what == ClaimName::What::file ? kFile : kMarker).append(claim.name);
}

std::optional<ClaimName> claim_name(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() <= kBeforeName) return std::nullopt;
  const auto id = text.substr(kPrefix.size(), kIdBytes);
  const auto kind = text.substr(kPrefix.size() + kIdBytes, kFile.size());
  if (!is_id(id) || (kind != kFile && kind != kMarker)) return std::nullopt;
  const auto what = kind == kFile ? ClaimName::What::file : ClaimName::What::marker;
  return ClaimName{what, std::string(id), std::string(text.substr(kBeforeName))};
}

std::string new_unfinished_name() {
  return std::string(kPrefix) + base::hex(base::random_bytes(kRandomBytes)) + ".part";
}

}  // namespace relais::sftp
