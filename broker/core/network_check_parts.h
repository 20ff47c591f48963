// The parts of network_check: what its files share, and nobody else includes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/network_check.h"

#include "relais/v1/network.pb.h"

namespace relais::core::network {

inline constexpr std::string_view kIdSyntax = "[a-z0-9][a-z0-9_.-]{0,63}";
inline constexpr std::string_view kThematicSyntax = "[a-z0-9][a-z0-9_.-]{0,127}";
inline constexpr std::string_view kInstitutionSyntax = "[a-z0-9][a-z0-9-]{1,62}";
inline constexpr std::string_view kBrokerInstitution = "relais";

bool is_id(std::string_view text);
bool is_thematic(std::string_view text);  // of data·inclusion, whose codes are longer than ids
bool is_institution_id(std::string_view text);
bool is_commune(std::string_view text);      // INSEE: 25056, 2A004, 97411
bool is_departement(std::string_view text);  // 01 to 95, 2A, 2B, 971 to 978, 984 to 989
bool is_epci(std::string_view text);         // SIREN: nine digits with their check digit

/// Where the parts write what they find.
class Faults {
 public:
  void add(std::string path, std::string problem, std::string allowed = {}) {
    found_.push_back({std::move(path), std::move(problem), std::move(allowed), {}});
  }
  void add_absent(std::string path, std::string problem, std::string allowed, std::string_view list) {
    found_.push_back({std::move(path), std::move(problem), std::move(allowed), std::string(list)});
  }
  std::vector<Violation> take() { return std::move(found_); }

 private:
  std::vector<Violation> found_;
};

using Ids = std::set<std::string, std::less<>>;
/// For "allowed": the first dozen of them.
std::string joined(const Ids& ids);

/// An id of one list: its syntax, and that no earlier element has it. Adds it to `known`.
void check_id(Faults& faults, const std::string& path, const std::string& id, Ids& known);
/// A reference to something defined elsewhere; `what` is its word, e.g. "institution".
void check_reference(Faults& faults, std::string path, const std::string& id, std::string_view what, const Ids& known);
void check_not_empty(Faults& faults, const std::string& path, const std::string& text);
void check_validity(Faults& faults, const std::string& path, std::int64_t from_ms, std::int64_t until_ms);

/// Numbers that came off the wire may be no category at all.
void check_categories(Faults& faults, const std::string& path, const google::protobuf::RepeatedField<int>& categories);

/// Each value fits and occurs once.
void check_codes(Faults& faults, const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& codes,
                 bool (*fits)(std::string_view), std::string_view allowed);

/// The shape of the codes of a catchment, and that none is named twice.
template <class Area>
void check_area(Faults& faults, const std::string& path, const Area& area) {
  check_codes(faults, path + ".communes", area.communes(), is_commune, "an INSEE code, e.g. 25056 or 2A004");
  check_codes(faults, path + ".epcis", area.epcis(), is_epci, "a SIREN of nine digits");
  check_codes(faults, path + ".departements", area.departements(), is_departement, "a département, e.g. 25, 2A or 974");
}

/// `agreements["ccas-caf"].directions[1]`
inline std::string element(const std::string& path, std::string_view list, int index) {
  return path + "." + std::string(list) + "[" + std::to_string(index) + "]";
}

/// What later parts look up in earlier ones.
struct Known {
  Ids institutions;
  Ids missions;
  Ids purposes;
  Ids calendars;
  Ids profiles;
  Ids agreements;
  std::map<std::string, std::string, std::less<>> locations;  // id -> its institution
};

/// Finds keys that stand at two places where each needs its own.
class KeyRegister {
 public:
  explicit KeyRegister(Faults& faults) : faults_(faults) {}

  void transport(const std::string& path, const std::string& key, bool of_broker);
  void signing(const std::string& path, const v1::PublicKey& key);
  void sealing(const std::string& path, const v1::PublicKey& key);

 private:
  enum class Use { transport, broker_transport, signing, sealing };
  void add(const std::string& path, const std::string& key, Use use);

  struct Place {
    Use use;
    std::string path;
  };
  Faults& faults_;
  std::map<std::string, Place> places_;
};

void check_key_value(Faults& faults, const std::string& path, const std::string& key);
void check_broker(Faults& faults, const v1::NetworkDefinition& definition, KeyRegister& keys);
void check_institutions(Faults& faults, const v1::NetworkDefinition& definition, KeyRegister& keys, Known& known);
void check_calendars(Faults& faults, const v1::NetworkDefinition& definition, Known& known);
void check_profiles(Faults& faults, const v1::NetworkDefinition& definition, Known& known);
void check_agreements(Faults& faults, const v1::NetworkDefinition& definition, Known& known);
void check_delegations(Faults& faults, const v1::NetworkDefinition& definition, const Known& known);
void check_teams(Faults& faults, const v1::NetworkDefinition& definition, const Known& known);
void check_successors(Faults& faults, const v1::NetworkDefinition& definition, const Known& known);
void check_locations(Faults& faults, const v1::NetworkDefinition& definition, Known& known);
void check_services(Faults& faults, const v1::NetworkDefinition& definition, const Known& known);

}  // namespace relais::core::network
