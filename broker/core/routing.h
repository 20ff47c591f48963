// Who takes a need at a place: the services of the network, compared with a question.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/directory.h"
#include "broker/core/territory.h"

#include "relais/v1/frames.pb.h"

namespace relais::core {

/// How an offer compares with a question; the first that holds, in this order.
enum class Fit {
  own,           // of the institution that asks
  other_need,    // its thematics do not contain the need
  elsewhere,     // its catchment does not cover the commune
  no_agreement,  // it would take it, but the asker may not turn to it for this purpose now
  full,          // left out: it takes nobody now, and another under an agreement does
  taken,         // a candidate under an agreement
};

/// A service, or an institution as a whole when the question names no need. Points into the directory.
struct Offer {
  const v1::Institution* institution = nullptr;
  const v1::Service* service = nullptr;      // null: the institution as a whole
  const v1::Agreement* agreement = nullptr;  // under which the asker may turn to it now; null: none
  Fit fit = Fit::other_need;
};

/// An answer with its reasons. Lives no longer than the directory.
struct Routing {
  std::string commune;        // of today, where the question's lies; empty when it named none
  std::vector<Offer> offers;  // by fit, best first; those that fit by capacity, then by institution and service

  /// What a recipient may be chosen from: `taken`, then `no_agreement`; at most kCandidatesMax.
  [[nodiscard]] v1::RouteAnswer answer() const;

  /// The one institution that takes it, with the service when only one of its services does.
  [[nodiscard]] std::optional<Offer> route() const;

  static constexpr int kCandidatesMax = 100;
};

/// `need`: a thematic of data·inclusion ("logement-hebergement--acheter") or a family of them ("logement-hebergement");
/// a family contains its thematics, and asking for a family asks for any of them. Empty: whoever has an agreement for
/// the purpose and is there for the place. A service that names no catchment has that of its institution; who names
/// none at all is there for no place, and is only found when the question names none. identity.unknown,
/// purpose.unknown, commune.unknown, input.invalid (service_need).
base::Result<Routing> find_route(const Directory& directory, const Territory& territory, const v1::RouteQuery& question,
                                 base::Instant now);

/// "available", "waitlist", "full", "further_assessment"; "unknown" for none of them.
std::string_view capacity_name(v1::Capacity capacity);
/// Empty for any other name, "unknown" too.
std::optional<v1::Capacity> capacity_of(std::string_view name);

/// "own", "other_need", "elsewhere", "no_agreement", "full", "taken".
std::string_view fit_name(Fit fit);

/// Whether offering `thematic` is offering `need`.
bool contains_need(std::string_view thematic, std::string_view need);
bool offers_need(const v1::Service& service, std::string_view need);

/// Whether `commune`, of today or merged away, is in the catchment of the service, or of its institution where it names
/// none. `service` may be null: the institution as a whole.
bool serves_commune(const v1::Institution& institution, const v1::Service* service, std::string_view commune,
                    const Territory& territory);

/// Whether people of `commune` are within the delegation; one that names no place holds everywhere.
bool serves_commune(const v1::Delegation& delegation, std::string_view commune, const Territory& territory);

}  // namespace relais::core
