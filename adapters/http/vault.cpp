#include "adapters/http/vault.h"

#include <algorithm>

#include "broker/base/check.h"

namespace relais::http {

namespace {
// A compartment has one category; here it says only that this is one of ours.
constexpr auto kCategory = v1::CATEGORY_NOTE;
}  // namespace

base::Result<Vault> Vault::make(const sdk::ServedInstitution& institution) {
  std::vector<Key> keys;
  for (const auto& key : institution.sealing_keys) {
    auto shared = base::SharedKey::agree(key.pair.secret, key.pair.public_key);
    if (!shared) return shared.refusal();
    keys.push_back({key.id, std::move(*shared)});
  }
  base::check(!keys.empty(), "a served institution has a sealing key");
  return Vault(institution.id, std::move(keys));
}

std::string Vault::lock(std::string_view message_id, std::string_view text) const {
  const auto& key = keys_.front();
  auto sealed = base::seal(message_id, kCategory, text);
  base::add_wrap(sealed, institution_, key.id, key.id, key.shared);
  return sealed.compartment.SerializeAsString();
}

base::Result<std::string> Vault::unlock(std::string_view message_id, std::string_view locked) const {
  v1::Compartment compartment;
  if (!compartment.ParseFromArray(locked.data(), static_cast<int>(locked.size())) || compartment.wraps_size() != 1)
    return base::refuse(base::RefusalCode::compartment_malformed);
  const auto& wrap = compartment.wraps(0);
  const auto key = std::ranges::find(keys_, wrap.recipient_key(), &Key::id);
  if (key == keys_.end()) return base::refuse(base::RefusalCode::compartment_does_not_open);
  return base::open(compartment, message_id, wrap, key->shared);
}

}  // namespace relais::http
