// The broker and the institutions: who they are, where they work, and their keys.
#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/core/network_check_parts.h"

namespace relais::core::network {

void check_key_value(Faults& faults, const std::string& path, const std::string& key) {
  if (key.size() != base::kKeyBytes)
    faults.add(path, key.empty() ? "is missing" : "has " + std::to_string(key.size()) + " bytes", "32 bytes");
  else if (std::ranges::all_of(key, [](char c) { return c == '\0'; }))
    faults.add(path, "is all zero", "a public key made by relaisctl keys");
}

void KeyRegister::transport(const std::string& path, const std::string& key, bool of_broker) {
  add(path, key, of_broker ? Use::broker_transport : Use::transport);
}
void KeyRegister::signing(const std::string& path, const v1::PublicKey& key) {
  add(path + ".key", key.key(), Use::signing);
}
void KeyRegister::sealing(const std::string& path, const v1::PublicKey& key) {
  add(path + ".key", key.key(), Use::sealing);
}

void KeyRegister::add(const std::string& path, const std::string& key, Use use) {
  if (key.size() != base::kKeyBytes) return;
  const auto [at, is_new] = places_.emplace(key, Place{use, path});
  if (is_new) return;
  // One adapter may serve several institutions, with one connection and therefore one transport key.
  const bool shared_adapter = use == Use::transport && at->second.use == Use::transport;
  if (!shared_adapter) faults_.add(path, "is the same key as " + at->second.path, "a key of its own");
}

namespace {

void check_public_key(Faults& faults, const std::string& path, const v1::PublicKey& key, Ids& ids) {
  check_id(faults, path + ".id", key.id(), ids);
  check_key_value(faults, path + ".key", key.key());
  check_validity(faults, path, key.valid_from_ms(), key.valid_until_ms());
}

void check_transport_keys(Faults& faults, const std::string& path, const v1::Institution& institution, Ids& ids,
                          KeyRegister& keys) {
  Ids own;
  for (int i = 0; i < institution.transport_keys_size(); ++i) {
    const auto& key = institution.transport_keys(i);
    const std::string place = element(path, "transport_keys", i);
    check_public_key(faults, place, key, ids);
    if (!key.key().empty() && !own.insert(key.key()).second)
      faults.add(place + ".key", "is named twice in this institution", "each key once");
    keys.transport(place + ".key", key.key(), false);
  }
}

void check_keys(Faults& faults, const std::string& path, const v1::Institution& institution, KeyRegister& keys) {
  Ids ids;  // one id, one key: also across the three uses, so that a person who names a key names one
  check_transport_keys(faults, path, institution, ids, keys);
  for (int i = 0; i < institution.signing_keys_size(); ++i) {
    const std::string place = element(path, "signing_keys", i);
    check_public_key(faults, place, institution.signing_keys(i), ids);
    keys.signing(place, institution.signing_keys(i));
  }
  for (int i = 0; i < institution.sealing_keys_size(); ++i) {
    const std::string place = element(path, "sealing_keys", i);
    check_public_key(faults, place, institution.sealing_keys(i), ids);
    keys.sealing(place, institution.sealing_keys(i));
  }
  if (institution.transport_keys().empty()) return;  // not connected yet: known to the others, that is all
  if (institution.signing_keys().empty())
    faults.add(path + ".signing_keys", "there is none, though the institution is connected", "at least one");
  if (institution.sealing_keys().empty())
    faults.add(path + ".sealing_keys", "there is none, though the institution is connected", "at least one");
}

void check_institution(Faults& faults, const std::string& path, const v1::Institution& institution, KeyRegister& keys,
                       Known& known) {
  if (institution.id() == kBrokerInstitution)
    faults.add(path + ".id", "\"relais\" is the broker itself", "another id");
  else if (!is_institution_id(institution.id()))
    faults.add(path + ".id", institution.id().empty() ? "is missing" : "is not an id", std::string(kInstitutionSyntax));
  else if (!known.institutions.insert(institution.id()).second)
    faults.add(path + ".id", "\"" + institution.id() + "\" is already defined", "an id of its own");
  check_not_empty(faults, path + ".name", institution.name());
  if (!is_id(institution.kind()))
    faults.add(path + ".kind", institution.kind().empty() ? "is missing" : "is not a code", std::string(kIdSyntax));
  check_reference(faults, path + ".mission", institution.mission(), "mission", known.missions);
  check_area(faults, path, institution);
  check_keys(faults, path, institution, keys);
}

}  // namespace

void check_broker(Faults& faults, const v1::NetworkDefinition& definition, KeyRegister& keys) {
  const auto& broker = definition.broker();
  check_key_value(faults, "broker.transport_key", broker.transport_key());
  Ids ids;
  check_public_key(faults, "broker.signing_key", broker.signing_key(), ids);
  keys.transport("broker.transport_key", broker.transport_key(), true);
  keys.signing("broker.signing_key", broker.signing_key());
}

void check_institutions(Faults& faults, const v1::NetworkDefinition& definition, KeyRegister& keys, Known& known) {
  if (definition.institutions().empty())
    faults.add_absent("institutions", "there is none", "at least one", "institutions");
  ElementNames names("institutions");
  for (const auto& institution : definition.institutions())
    check_institution(faults, names.next(institution.id()), institution, keys, known);
}

}  // namespace relais::core::network
