// What a service is for, and for people of which places.
#pragma once

#include <string_view>

#include "relais/v1/network.pb.h"

namespace relais::core {

/// Whether the service offers the need, a thematic of data·inclusion ("logement-hebergement--acheter") or a family of
/// them ("logement-hebergement"): a family contains its thematics, and asking for a family asks for any of them.
bool offers_need(const v1::Service& service, std::string_view need);

/// Whether the commune is in the catchment of the service, or where that names none, of its institution, by commune or
/// département. `service` may be null: the institution as a whole. Who names no place at all is there for none.
bool serves_commune(const v1::Institution& institution, const v1::Service* service, std::string_view commune);

}  // namespace relais::core
