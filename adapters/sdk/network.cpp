#include "adapters/sdk/network.h"

#include <algorithm>

namespace relais::sdk {

namespace {

using base::RefusalCode;
using base::refuse;

std::optional<base::PublicKeyBytes> bytes_of(const v1::PublicKey& key) {
  base::PublicKeyBytes bytes{};
  if (key.key().size() != bytes.size()) return std::nullopt;
  std::copy(key.key().begin(), key.key().end(), bytes.begin());
  return bytes;
}

std::optional<base::PublicKeyBytes> find(const google::protobuf::RepeatedPtrField<v1::PublicKey>& keys,
                                         std::string_view id, base::Instant when) {
  for (const auto& key : keys)
    if (key.id() == id && valid_at(key, when)) return bytes_of(key);
  return std::nullopt;
}

}  // namespace

bool valid_at(const v1::PublicKey& key, base::Instant when) {
  const auto at = base::to_ms(when);
  return key.valid_from_ms() <= at && (key.valid_until_ms() == 0 || at < key.valid_until_ms());
}

Network::Network(v1::NetworkDefinition definition) : directory_(std::move(definition)) {}

base::Result<std::shared_ptr<const Network>> Network::verify(const v1::SignedNetwork& network, const Pins& pins) {
  if (!base::verify(pins.authority_public_key, base::kNetworkDomain, network.definition(), network.signature()))
    return refuse(RefusalCode::network_signature, "signature");
  v1::NetworkDefinition definition;
  if (!definition.ParseFromString(network.definition())) return refuse(RefusalCode::network_invalid, "definition");
  if (definition.network() != pins.network) return refuse(RefusalCode::network_invalid, "network");
  if (definition.version() == 0) return refuse(RefusalCode::network_invalid, "version");
  if (definition.broker().transport_key() != base::view(pins.broker_public_key))
    return refuse(RefusalCode::network_invalid, "broker.transport_key");
  return std::shared_ptr<const Network>(new Network(std::move(definition)));
}

const v1::Institution* Network::institution(std::string_view id) const { return directory_.institution(id); }

std::optional<base::PublicKeyBytes> Network::signing_key(std::string_view institution, std::string_view key_id,
                                                         base::Instant when) const {
  if (institution == kBrokerId) {
    const auto& key = definition().broker().signing_key();
    if (key.id() != key_id || !valid_at(key, when)) return std::nullopt;
    return bytes_of(key);
  }
  const auto* found = this->institution(institution);
  return found == nullptr ? std::nullopt : find(found->signing_keys(), key_id, when);
}

std::optional<base::PublicKeyBytes> Network::sealing_key(std::string_view institution, std::string_view key_id,
                                                         base::Instant when) const {
  const auto* found = this->institution(institution);
  return found == nullptr ? std::nullopt : find(found->sealing_keys(), key_id, when);
}

const v1::PublicKey* Network::current_sealing_key(std::string_view institution, base::Instant now) const {
  const auto* found = this->institution(institution);
  if (found == nullptr) return nullptr;
  const v1::PublicKey* best = nullptr;
  for (const auto& key : found->sealing_keys())
    if (valid_at(key, now) && key.key().size() == base::kKeyBytes &&
        (best == nullptr || key.valid_from_ms() > best->valid_from_ms()))
      best = &key;
  return best;
}

}  // namespace relais::sdk
