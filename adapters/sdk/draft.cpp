#include "adapters/sdk/draft.h"

#include "broker/base/crypto.h"

namespace relais::sdk {

std::string named_id(std::string_view scope, std::string_view name) {
  // The length of the scope stands between the two, so that no other pair gives the same bytes.
  const std::string prefix = "relais.sdk.named_id/" + std::to_string(scope.size()) + "/" + std::string(scope);
  return std::string(base::view(base::hash(prefix, name)).substr(0, base::MessageId::kBytes));
}

std::string new_id() { return base::random_bytes(base::MessageId::kBytes); }

}  // namespace relais::sdk
