#include "broker/admin/http_json.h"

#include "broker/admin/json.h"

namespace relais::admin {

using base::RefusalCode;
using nlohmann::json;

std::string text_of(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(text_of(body), std::string(kJson));
}

void answer(httplib::Response& response, const base::Refusal& refusal) {
  if (refusal.code == RefusalCode::access_login_needed) response.set_header("WWW-Authenticate", "Bearer");
  for (const auto& [name, value] : refusal.facts)
    if (name == "seconds") response.set_header("Retry-After", value);
  answer(response, base::info(refusal.code).http_status, {{"refused", to_json(refusal)}});
}

base::Refusal invalid(std::string field, std::string why) {
  return base::refuse(RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

base::Result<json> object_in(const httplib::Request& request) {
  // What a form of a page can not send.
  if (!request.get_header_value("Content-Type").starts_with("application/json"))
    return invalid("Content-Type", "application/json is expected");
  auto body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return invalid("body", "not a JSON object");
  return body;
}

}  // namespace relais::admin
