#include "adapters/sdk/keyring.h"

#include <utility>

namespace relais::sdk {

namespace {

constexpr std::size_t kAgreementsMax = 10'000;

/// Of `mine`, the one that stands in `published` under the same id with the same bytes, is valid, and begins last.
template <class Key, class PublicOf>
const Key* best(const std::vector<Key>& mine, const google::protobuf::RepeatedPtrField<v1::PublicKey>& published,
                base::Instant now, const PublicOf& public_of) {
  const Key* found = nullptr;
  std::int64_t from_ms = 0;
  for (const auto& key : mine)
    for (const auto& shown : published) {
      if (shown.id() != key.id || shown.key() != base::view(public_of(key)) || !valid_at(shown, now)) continue;
      if (found != nullptr && shown.valid_from_ms() <= from_ms) continue;
      found = &key;
      from_ms = shown.valid_from_ms();
    }
  return found;
}

}  // namespace

Keyring::Keyring(const std::vector<ServedInstitution>& institutions) {
  for (const auto& institution : institutions) {
    auto& secrets = secrets_[institution.id];
    for (const auto& file : institution.signing_keys)
      secrets.signing.push_back({file.id, file.pair.public_key, std::make_unique<base::Signer>(file.pair.secret)});
    for (const auto& file : institution.sealing_keys) secrets.sealing.push_back({file.id, &file.pair});
  }
}

std::string Keyring::only_institution() const { return secrets_.size() == 1 ? secrets_.begin()->first : std::string(); }

const Keyring::SigningKey* Keyring::signing_key(std::string_view institution, const Network& network,
                                                base::Instant now) const {
  const auto mine = secrets_.find(institution);
  const auto* published = network.institution(institution);
  if (mine == secrets_.end() || published == nullptr) return nullptr;
  return best(mine->second.signing, published->signing_keys(), now,
              [](const SigningKey& key) -> const base::PublicKeyBytes& { return key.public_key; });
}

const Keyring::SealingKey* Keyring::sealing_key(std::string_view institution, const Network& network,
                                                base::Instant now) const {
  const auto mine = secrets_.find(institution);
  const auto* published = network.institution(institution);
  if (mine == secrets_.end() || published == nullptr) return nullptr;
  return best(mine->second.sealing, published->sealing_keys(), now,
              [](const SealingKey& key) -> const base::PublicKeyBytes& { return key.pair->public_key; });
}

const Keyring::SealingKey* Keyring::sealing_key(std::string_view institution, std::string_view key_id) const {
  const auto mine = secrets_.find(institution);
  if (mine == secrets_.end()) return nullptr;
  for (const auto& key : mine->second.sealing)
    if (key.id == key_id) return &key;
  return nullptr;
}

base::Result<std::shared_ptr<const base::SharedKey>> Keyring::agree(const SealingKey& mine,
                                                                    const base::PublicKeyBytes& theirs) {
  const auto pair = std::make_pair(mine.pair->public_key, theirs);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = agreed_.find(pair); known != agreed_.end()) return known->second;
  }
  auto agreed = base::SharedKey::agree(mine.pair->secret, theirs);
  if (!agreed) return agreed.refusal();
  auto shared = std::make_shared<const base::SharedKey>(std::move(*agreed));
  const std::lock_guard lock(mutex_);
  // Keys rotate; what is not needed any more is cheap to make again.
  if (agreed_.size() >= kAgreementsMax) agreed_.clear();
  agreed_.insert_or_assign(pair, shared);
  return shared;
}

}  // namespace relais::sdk
