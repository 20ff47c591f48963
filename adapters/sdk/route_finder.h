// Finds a recipient for the submissions in the outbox that name none.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/sdk/outbox.h"
#include "adapters/sdk/preparation.h"

namespace relais::sdk {

/// Threads: the worker's. What it refers to outlives it.
class RouteFinder {
 public:
  RouteFinder(Store& store, Outbox& outbox, Preparation& preparation)
      : store_(store), outbox_(outbox), preparation_(preparation) {}

  /// Asks the broker; a refusal when it gave no answer.
  using Ask = std::function<base::Result<v1::Answer>(v1::Query&& query)>;

  struct Unroutable {
    Sequence sequence = 0;
    v1::Refused refusal;  // final
  };
  struct Found {
    std::vector<Sequence> routed;  // on the disk with their recipient, and free to go
    std::vector<Unroutable> unroutable;
    bool more = false;            // there are others to look at, now
    bool network_is_old = false;  // a recipient is not in the definition in use
  };
  /// Looks at the oldest of those that wait. Ends early when the broker gives no answer: all others wait too. Equal
  /// questions are asked once. io.failed.
  base::Result<Found> find(const Ask& ask);

 private:
  struct Pass;
  static constexpr std::size_t kPassMax = 256;
  using Verdict = std::variant<Route, v1::Refused>;
  std::optional<Verdict> route_of(Pass& pass, const v1::Envelope& envelope);
  void look_at(Pass& pass, Sequence sequence, const std::string& kept);

  Store& store_;
  Outbox& outbox_;
  Preparation& preparation_;
};

}  // namespace relais::sdk
