#include "adapters/rdvsp/lapin_signature.h"

#include "broker/base/crypto_hmac.h"
#include "broker/base/ids.h"

namespace relais::rdvsp {

bool is_signed(const std::vector<std::string>& secrets, std::string_view signature, std::string_view body) {
  bool good = false;
  for (const auto& secret : secrets)
    good |= base::equal_secrets(signature, base::hex(base::view(base::hmac_sha256(secret, body))));
  return good;
}

}  // namespace relais::rdvsp
