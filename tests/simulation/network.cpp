#include "tests/simulation/network.h"

namespace relais::simulation {

namespace {

void add_key(v1::PublicKey& key, const std::string& id, char fill) {
  key.set_id(id);
  key.set_key(std::string(base::kKeyBytes, fill));
}

constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

v1::NetworkDefinition territory(std::uint64_t version) {
  v1::NetworkDefinition network;
  network.set_network("simulated");
  network.set_name("Simulated territory");
  network.set_version(version);
  network.mutable_broker()->set_transport_key(std::string(base::kKeyBytes, 'b'));
  add_key(*network.mutable_broker()->mutable_signing_key(), "broker", 'c');
  auto& purpose = *network.add_purposes();
  purpose.set_id("housing");
  purpose.set_name_en("Housing");
  purpose.set_name_fr("Logement");
  auto& mission = *network.add_missions();
  mission.set_id("social");
  mission.set_name("Social");
  mission.add_categories(v1::CATEGORY_IDENTITY);
  mission.add_categories(v1::CATEGORY_NOTE);
  char fill = 'd';
  for (const auto& id : kInstitutions) {
    auto& institution = *network.add_institutions();
    institution.set_id(id);
    institution.set_name(id);
    institution.set_kind("association");
    institution.set_mission("social");
    institution.add_departements("25");
    add_key(*institution.add_transport_keys(), id + "-t", fill++);
    add_key(*institution.add_signing_keys(), id + "-s", fill++);
    add_key(*institution.add_sealing_keys(), id + "-x", fill++);
  }
  for (const auto& id : kInstitutions) {
    auto& location = *network.add_locations();
    location.set_id(id + "-desk");
    location.set_institution(id);
    location.set_name("Desk");
    location.set_commune("25056");
    auto& service = *network.add_services();
    service.set_id(id + "-help");
    service.set_institution(id);
    service.set_name("Help");
    service.add_thematics("logement-hebergement");
    service.add_locations(location.id());
  }
  for (const auto& from : kInstitutions)
    for (const auto& to : kInstitutions) {
      if (from >= to) continue;
      auto& agreement = *network.add_agreements();
      agreement.set_id(from + "." + to);
      agreement.set_name(agreement.id());
      agreement.set_legal_basis("CASF L121-6-2");
      agreement.set_forwarding(from == "caf-1" || to == "caf-1");
      agreement.set_retention_ms(from == "ccas-1" || to == "ccas-1" ? 2 * kHourMs : 0);
      for (const auto& [a, b] : {std::pair(from, to), std::pair(to, from)}) {
        auto& direction = *agreement.add_directions();
        direction.set_from(a);
        direction.set_to(b);
      }
      auto& rule = *agreement.add_purposes();
      rule.set_purpose("housing");
      rule.add_categories(v1::CATEGORY_IDENTITY);
      auto& deadline = *agreement.add_deadlines();
      deadline.set_priority(v1::PRIORITY_ROUTINE);
      deadline.mutable_decide_within()->set_ms(20 * kHourMs);
      deadline.mutable_complete_within()->set_ms(40 * kHourMs);
      deadline.mutable_acknowledge_within()->set_ms(10 * kHourMs);
    }
  return network;
}

v1::SignedNetwork signed_by(const base::Signer& authority, const v1::NetworkDefinition& definition) {
  v1::SignedNetwork network;
  definition.SerializeToString(network.mutable_definition());
  const auto signature = authority.sign(base::kNetworkDomain, network.definition());
  network.set_signature(std::string(base::view(signature)));
  return network;
}

}  // namespace relais::simulation
