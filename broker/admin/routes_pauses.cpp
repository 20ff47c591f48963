// Pauses: nothing is offered to an institution while its software is under maintenance.
#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

Result<json> list(const Sources& sources, const Request& request) {
  if (const auto said = Parameters(request).finish(); !said) return said.refusal();
  json pauses = json::array();
  for (const auto& report : engine::Reports(sources.store).queues()) {
    if (!report.pause) continue;
    auto pause = pause_or_null(report);
    pause["institution"] = report.institution;
    pause["name"] = report.name;
    pauses.push_back(std::move(pause));
  }
  return json{{"pauses", pauses}};
}

Result<json> pause(const Sources& sources, const Request& request) {
  Fields given(request.body);
  core::PauseInstitution command{{given.text("operator"), given.text("reason")}, given.text("institution"), {}, {}};
  command.from = given.time("from");
  const auto until = given.time("until");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (!until) return base::refuse(RefusalCode::input_invalid, "until", {{"why", "a pause has an end"}});
  command.until = *until;
  return act(sources, std::move(command));
}

Result<json> end(const Sources& sources, const Request& request) {
  Fields given(request.body);
  core::ResumeInstitution command{{given.text("operator"), given.text("reason")}, given.text("institution")};
  if (const auto said = given.finish(); !said) return said.refusal();
  return act(sources, std::move(command));
}

}  // namespace

std::vector<Route> pause_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/pauses", [&](const Request& request) { return list(sources, request); }},
      {"POST", "/api/v1/pauses", [&](const Request& request) { return pause(sources, request); }},
      {"POST", "/api/v1/pauses/end", [&](const Request& request) { return end(sources, request); }},
  };
}

}  // namespace relais::admin
