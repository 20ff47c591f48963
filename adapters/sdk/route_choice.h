// What follows from the broker's answer to "who takes this?".
#pragma once

#include <string>

#include "broker/base/result.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// A referral that names no recipient, but a need or a commune: the broker is asked who takes it.
bool wants_route(const v1::Envelope& envelope);

/// The question that finds the recipient of such a referral.
v1::RouteQuery route_question(const v1::Envelope& envelope);

struct Route {
  std::string institution;
  std::string service_id;  // empty when several services of the institution take it
};

/// The only institution among the candidates with an agreement. route.ambiguous names them when there are several;
/// route.none names those without an agreement. `allowed` of the refusal: the institutions, each once.
base::Result<Route> choose_route(const v1::RouteQuery& question, const v1::RouteAnswer& answer);

}  // namespace relais::sdk
