// A network of three institutions with their secrets, for tests of adapters.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "adapters/sdk/adapter_config.h"
#include "broker/base/crypto.h"

#include "relais/v1/network.pb.h"

namespace relais::tests {

inline std::string text(const base::PublicKeyBytes& key) { return std::string(base::view(key)); }

inline base::KeyPair copy(const base::KeyPair& pair) { return {pair.public_key, pair.secret.copy()}; }

/// caf-25, ccas-25056 and cpam-25; agreements in all directions for access_to_rights. Its secrets are no secrets: they
/// are the same in every process, so that a test and the programs it starts agree.
class SmallNetwork {
 public:
  struct Keys {
    base::KeyPair transport, signing, sealing;
  };

  static base::SecretKey secret(const std::string& name) { return base::SecretKey(base::hash("relais test ", name)); }

  static Keys keys_of(const std::string& institution) {
    Keys made;
    made.transport.secret = secret(institution + " transport");
    made.transport.public_key = base::transport_public(made.transport.secret);
    made.signing.secret = secret(institution + " signing");
    made.signing.public_key = base::signing_public(made.signing.secret);
    made.sealing.secret = secret(institution + " sealing");
    made.sealing.public_key = base::sealing_public(made.sealing.secret);
    return made;
  }

  SmallNetwork() {
    base::crypto_init();
    broker = keys_of("relais");
    authority = keys_of("authority").signing;
    definition.set_network("test");
    definition.set_name("Test");
    definition.set_version(1);
    definition.set_signed_at_ms(1);
    definition.mutable_broker()->set_transport_key(text(broker.transport.public_key));
    publish(*definition.mutable_broker()->mutable_signing_key(), "broker-signing-1", broker.signing.public_key);
    for (const auto* id : {"caf-25", "ccas-25056", "cpam-25"}) {
      keys[id] = keys_of(id);
      auto& institution = *definition.add_institutions();
      institution.set_id(id);
      institution.set_name(id);
      institution.set_kind("ccas");
      institution.set_mission("all");
      institution.add_departements("25");
      publish(*institution.add_transport_keys(), "transport-1", keys[id].transport.public_key);
      publish(*institution.add_signing_keys(), "signing-1", keys[id].signing.public_key);
      publish(*institution.add_sealing_keys(), "sealing-1", keys[id].sealing.public_key);
    }
    add_rules();
  }

  [[nodiscard]] v1::SignedNetwork signed_network() const {
    v1::SignedNetwork network;
    definition.SerializeToString(network.mutable_definition());
    network.set_signature(
        std::string(base::view(base::Signer(authority.secret).sign(base::kNetworkDomain, network.definition()))));
    return network;
  }

  [[nodiscard]] sdk::Pins pins() const { return {"test", authority.public_key, broker.transport.public_key}; }

  [[nodiscard]] sdk::ServedInstitution served(const std::string& id) const {
    sdk::ServedInstitution institution;
    institution.id = id;
    institution.signing_keys.push_back({base::KeyUse::signing, "signing-1", copy(keys.at(id).signing)});
    institution.sealing_keys.push_back({base::KeyUse::sealing, "sealing-1", copy(keys.at(id).sealing)});
    return institution;
  }

  /// Of an adapter of one institution, with short pauses.
  [[nodiscard]] sdk::AdapterConfig config(const std::string& id, const std::filesystem::path& data_dir,
                                          const std::string& endpoint) const {
    sdk::AdapterConfig config;
    config.name = "test";
    config.pins = pins();
    config.institutions.push_back(served(id));
    config.transport_key = copy(keys.at(id).transport);
    config.endpoints = {endpoint};
    config.data_dir = data_dir;
    config.disk_reserve_bytes = 1u << 20;
    using std::chrono::milliseconds;
    config.times = {milliseconds(20),    milliseconds(200), milliseconds(2'000),
                    milliseconds(3'000), milliseconds(20),  milliseconds(200)};
    return config;
  }

  Keys broker;
  base::KeyPair authority;
  std::map<std::string, Keys> keys;
  v1::NetworkDefinition definition;

 private:
  static void publish(v1::PublicKey& key, const std::string& id, const base::PublicKeyBytes& bytes) {
    key.set_id(id);
    key.set_key(text(bytes));
  }

  void add_rules() {
    auto& mission = *definition.add_missions();
    mission.set_id("all");
    mission.set_name("All");
    auto& purpose = *definition.add_purposes();
    purpose.set_id("access_to_rights");
    purpose.set_name_en("Access to rights");
    purpose.set_name_fr("Accès aux droits");
    auto& agreement = *definition.add_agreements();
    agreement.set_id("all");
    agreement.set_name("All");
    agreement.set_legal_basis("CASF L121-6-2");
    agreement.set_valid_from_ms(1);
    agreement.set_valid_until_ms(4'000'000'000'000);
    agreement.set_forwarding(true);
    agreement.set_retention_ms(86'400'000);
    agreement.set_nir(true);
    for (const auto& from : definition.institutions())
      for (const auto& to : definition.institutions()) {
        if (from.id() == to.id()) continue;
        auto& direction = *agreement.add_directions();
        direction.set_from(from.id());
        direction.set_to(to.id());
      }
    auto& rule = *agreement.add_purposes();
    rule.set_purpose("access_to_rights");
    for (int category = v1::CATEGORY_IDENTITY; category <= v1::CATEGORY_NIR; ++category) {
      mission.add_categories(static_cast<v1::Category>(category));
      rule.add_categories(static_cast<v1::Category>(category));
    }
  }
};

/// A referral to `recipient`, without contents.
inline v1::Envelope request(const std::string& recipient) {
  v1::Envelope envelope;
  envelope.add_recipients(recipient);
  envelope.set_purpose("access_to_rights");
  envelope.mutable_referral_requested();
  return envelope;
}

}  // namespace relais::tests
