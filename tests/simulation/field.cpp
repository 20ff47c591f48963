#include "tests/simulation/field.h"

#include "broker/base/crypto.h"
#include "tests/simulation/network.h"

namespace relais::simulation {

namespace {

void add_team(v1::NetworkDefinition& network) {
  auto& team = *network.add_institutions();
  team = network.institutions(0);
  team.set_id(kTeam);
  team.set_name(kTeam);
  for (const auto& [keys, use] :
       {std::pair(team.mutable_transport_keys(), 't'), std::pair(team.mutable_signing_keys(), 's'),
        std::pair(team.mutable_sealing_keys(), 'x')}) {
    keys->Mutable(0)->set_id(kTeam + "-" + use);
    keys->Mutable(0)->set_key(std::string(base::kKeyBytes, static_cast<char>(use - 'a' + 'A')));
  }
  team.mutable_members()->Add(kTeamMembers.begin(), kTeamMembers.end());
}

/// As another agreement of the territory, between these two.
void add_agreement(v1::NetworkDefinition& network, const std::string& from, const std::string& to) {
  auto agreement = network.agreements(0);
  agreement.set_id(from + "." + to);
  agreement.set_name(agreement.id());
  agreement.clear_directions();
  for (const auto& [a, b] : {std::pair(from, to), std::pair(to, from)}) {
    auto& direction = *agreement.add_directions();
    direction.set_from(a);
    direction.set_to(b);
  }
  *network.add_agreements() = agreement;
}

void set_every_step(v1::Agreement& agreement) {
  auto& deadline = *agreement.mutable_deadlines(0);
  deadline.mutable_receive_within()->set_ms(8 * deadline.complete_within().ms() / 40);
  deadline.mutable_first_appointment_within()->set_ms(25 * deadline.complete_within().ms() / 40);
}

}  // namespace

v1::NetworkDefinition field(std::uint64_t version) {
  auto network = territory(version);
  network.mutable_purposes(0)->set_default_recipient(kDefaultRecipient);
  auto& health = *network.add_purposes();
  health = network.purposes(0);
  health.set_id(kHealth);
  health.clear_default_recipient();
  add_team(network);
  for (const auto& id : kInstitutions) add_agreement(network, id, kTeam);
  const int housing = network.agreements_size();
  for (int i = 0; i < housing; ++i) {
    auto& agreement = *network.mutable_agreements(i);
    set_every_step(agreement);
    const auto between = [&](std::string_view one, std::string_view other) {
      const auto& way = agreement.directions(0);
      return (way.from() == one && way.to() == other) || (way.from() == other && way.to() == one);
    };
    if (between("caf-1", "ccas-1")) agreement.set_fallback(kFallback);
    auto with_consent = agreement;
    with_consent.set_id(agreement.id() + ".health");
    with_consent.mutable_purposes(0)->set_purpose(kHealth);
    with_consent.set_basis(v1::BASIS_CONSENT);
    with_consent.clear_fallback();
    *network.add_agreements() = with_consent;
  }
  auto& delegation = *network.add_delegations();
  delegation.set_id("counter");
  delegation.set_from(kPrincipal);
  delegation.set_to(kDelegate);
  for (const auto& agreement : network.agreements())
    if (agreement.directions(0).from() == kPrincipal && agreement.directions(0).to() == kDelegate &&
        agreement.purposes(0).purpose() == kHousing)
      delegation.set_agreement(agreement.id());
  delegation.add_acts(v1::ACT_REFER);
  delegation.add_acts(v1::ACT_BOOK);
  return network;
}

}  // namespace relais::simulation
