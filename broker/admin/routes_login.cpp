// Logging in and out, and who one is.
#include "broker/admin/cookies.h"
#include "broker/admin/gate.h"
#include "broker/admin/http_json.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/admin/permissions.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using nlohmann::json;

json session_json(const std::optional<access::Session>& session) {
  if (!session)
    return {{"name", nullptr},
            {"role", "root"},
            {"institution", nullptr},
            {"csrf", nullptr},
            {"may", routes_with_permission()},
            {"ends_at", nullptr}};
  const auto& person = session->person;
  return {{"name", person.name},
          {"role", access::role_name(person.role)},
          {"institution", person.institution.empty() ? json(nullptr) : json(person.institution)},
          {"csrf", session->csrf},
          {"may", allowed_to(person.role)},
          {"ends_at", iso_time(session->ends)}};
}

/// A browser on its way to a provider of identities or back gets a page. The console has a sentence for each fault: one
/// in the address could be anybody's.
void back_to_console(httplib::Response& response, const base::Refusal& fault) {
  base::log_warning("login refused",
                    {{"code", fault.name()}, {"fault", fault.field}, {"why", fault.facts.front().second}});
  response.set_header("Cache-Control", "no-store");
  response.set_redirect("/console/#/?refused=" + fault.field);
}

base::Refusal no_provider() { return base::refuse(RefusalCode::not_found, {}, {{"what", "a provider of identities"}}); }

base::Result<access::Credentials> credentials_in(const httplib::Request& request) {
  auto body = object_in(request);
  if (!body) return body.refusal();
  Fields fields(*body);
  access::Credentials given{fields.text("name"), fields.text("password"), fields.text("code")};
  if (const auto said = fields.finish(); !said) return said.refusal();
  if (given.name.empty()) return invalid("name", "it is missing");
  if (given.password.empty()) return invalid("password", "it is missing");
  return given;
}

}  // namespace

std::vector<std::string> Gate::paths() {
  return {"GET /api/v1/login",   "POST /api/v1/login",         "GET /api/v1/session",
          "POST /api/v1/logout", "GET /api/v1/login/provider", "GET /api/v1/login/provider/return"};
}

void Gate::add_routes(httplib::Server& http, const Door& door) {
  http.Get("/api/v1/login", [this, door](const httplib::Request& request, httplib::Response& response) {
    tell_ways(request, response, door);
  });
  http.Post("/api/v1/login", [this, door](const httplib::Request& request, httplib::Response& response) {
    log_in(request, response, door);
  });
  http.Get("/api/v1/login/provider", [this, door](const httplib::Request& request, httplib::Response& response) {
    go_to_provider(request, response, door);
  });
  http.Get(kReturnPath, [this, door](const httplib::Request& request, httplib::Response& response) {
    come_from_provider(request, response, door);
  });
  http.Get("/api/v1/session", [this, door](const httplib::Request& request, httplib::Response& response) {
    tell_session(request, response, door);
  });
  http.Post("/api/v1/logout", [this, door](const httplib::Request& request, httplib::Response& response) {
    log_out(request, response, door);
  });
}

void Gate::go_to_provider(const httplib::Request& request, httplib::Response& response, const Door& door) {
  if (!provider_) return answer(response, no_provider());
  const auto begun = provider_->begin(own_addresses(request, door));
  if (!begun) return back_to_console(response, begun.refusal());
  set_login_cookie(response, begun->browser, is_secure(request, door));
  response.set_header("Cache-Control", "no-store");
  response.set_redirect(begun->address);
}

void Gate::come_from_provider(const httplib::Request& request, httplib::Response& response, const Door& door) {
  if (!provider_) return answer(response, no_provider());
  const bool secure = is_secure(request, door);
  auto person = provider_->finish(request.params, login_cookie(request, secure));
  set_login_cookie(response, {}, secure);
  if (!person) return back_to_console(response, person.refusal());
  access::Session session;
  begin_session(std::move(*person), secure, response, session);
  response.set_header("Cache-Control", "no-store");
  response.set_redirect("/console/");
}

void Gate::tell_ways(const httplib::Request& request, httplib::Response& response, const Door& door) {
  answer(response, 200,
         {{"accounts", accounts_.any()},
          {"token", is_local(request, door)},
          {"provider", provider_ ? json{{"name", provider_->name()}} : json(nullptr)}});
}

void Gate::log_in(const httplib::Request& request, httplib::Response& response, const Door& door) {
  auto given = credentials_in(request);
  if (!given) return answer(response, given.refusal());
  auto person = login_.enter(*given, address_of(request));
  base::wipe(given->password);
  if (!person) {
    // Not what was typed as a name: it may be a password. Nor whoever has to wait: they could fill the log.
    if (person.refusal().code == RefusalCode::access_login_failed)
      base::log_warning("login refused", {{"code", person.refusal().name()}});
    return answer(response, person.refusal());
  }
  access::Session session;
  begin_session(std::move(*person), is_secure(request, door), response, session);
  answer(response, 200, session_json(session));
}

void Gate::begin_session(access::Person person, bool secure, httplib::Response& response, access::Session& session) {
  base::log_info("logged in", {{"role", access::role_name(person.role)}});
  auto opened = sessions_.open(std::move(person));
  set_session_cookie(response, opened.cookie, secure);
  session = std::move(opened.session);
}

void Gate::tell_session(const httplib::Request& request, httplib::Response& response, const Door& door) {
  const auto asks = caller(request, door);
  if (!asks) return answer(response, asks.refusal());
  answer(response, 200, session_json(asks->session));
}

void Gate::log_out(const httplib::Request& request, httplib::Response& response, const Door& door) {
  const auto asks = caller(request, door);
  if (!asks) return answer(response, asks.refusal());
  if (const auto said = admit(*asks, request, "POST /api/v1/logout"); !said) return answer(response, said.refusal());
  const auto leaving = asks->session ? asks->session->person.leaving : std::string();
  sessions_.close(asks->cookie);
  set_session_cookie(response, {}, is_secure(request, door));
  answer(response, 200, {{"done", true}, {"leaving", leaving.empty() ? json(nullptr) : json(leaving)}});
}

}  // namespace relais::admin
