// Is a network definition sound? Pure: looks at the definition alone, and finds every fault at once.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/territory.h"

#include "relais/v1/network.pb.h"

namespace relais::core {

/// One fault. `path` names the value, e.g. `agreements["ccas-caf"].directions[1].to`; `problem` says what is wrong with
/// it, `allowed` what would be right (may be empty). Paths end where the value ought to be, also when it is missing.
struct Violation {
  std::string path;
  std::string problem;
  std::string allowed;
  std::string absent_from;  // "institutions", ... when the fault is that this list lacks what is referred to
};

/// Empty when the definition may be signed and applied. Faults come in the order of the definition's fields.
/// What it knows of times: an agreement or key must end after it begins; whether it has ended is no fault.
std::vector<Violation> check_network(const v1::NetworkDefinition& definition);

/// The communes, EPCI and départements of catchments and locations that are none today; of a commune that was merged,
/// into which. Asked apart, before a definition is signed: one that is in force stays sound when communes merge.
std::vector<Violation> check_places(const v1::NetworkDefinition& definition, const Territory& territory);

/// Gives the elements of one list their names in paths: by id, or by number when the id is malformed or was already
/// taken by an earlier element. The loader of the text form names its elements in the same way, to find their lines.
class ElementNames {
 public:
  explicit ElementNames(std::string_view list) : list_(list) {}

  /// Of the next element, in the order of the list: `institutions["caf-25"]`.
  std::string next(std::string_view id);

 private:
  std::string list_;
  int count_ = 0;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace relais::core
