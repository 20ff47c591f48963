// Draining, before an upgrade: nothing new is taken, deliveries and acknowledgements go on; it can be taken back.
#include "broker/admin/api.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

using base::Result;
using nlohmann::json;

Result<json> show_drain(const Sources& sources, const Request& request) {
  if (const auto said = Parameters(request).finish(); !said) return said.refusal();
  const auto figures = sources.engine.figures();
  const bool draining = sources.draining();
  return json{{"draining", draining},
              {"out_for_delivery", figures.leases},
              {"inputs_waiting", figures.inputs_waiting},
              {"nothing_in_flight", draining && figures.leases == 0 && figures.inputs_waiting == 0}};
}

Result<json> set_drain(const Sources& sources, const Request& request, bool draining) {
  Fields given(request.body);
  const core::Operator by{given.text("operator"), given.text("reason")};
  if (const auto said = given.finish(); !said) return said.refusal();
  auto noted = act(sources, core::NoteAction{by, draining ? "broker.drain" : "broker.drain_end"});
  if (noted) sources.set_draining(draining);
  return noted;
}

}  // namespace

std::vector<Route> drain_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/drain", [&](const Request& request) { return show_drain(sources, request); }},
      {"POST", "/api/v1/drain", [&](const Request& request) { return set_drain(sources, request, true); }},
      {"POST", "/api/v1/drain/end", [&](const Request& request) { return set_drain(sources, request, false); }},
  };
}

}  // namespace relais::admin
