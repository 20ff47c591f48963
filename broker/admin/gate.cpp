#include "broker/admin/gate.h"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "broker/admin/cookies.h"
#include "broker/admin/http_json.h"
#include "broker/admin/permissions.h"

namespace relais::admin {

namespace {

using base::RefusalCode;

/// The host in a Host header, without its port.
std::string host_of(const std::string& header) {
  if (header.starts_with("[")) return header.substr(1, header.find(']') - 1);
  return header.substr(0, header.find(':'));
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// "https://relais.example.org:8443" without what stands before its host.
std::string authority_of(const std::string& address) {
  const auto at = address.find("://");
  return at == std::string::npos ? std::string() : address.substr(at + 3);
}

bool is_of_this_machine(const std::string& address) { return address == "::1" || address.starts_with("127."); }

/// A console that asks again by itself, with nobody in front of it, says so.
bool somebody_is_there(const httplib::Request& request) { return !request.has_header("Relais-Unattended"); }

}  // namespace

Gate::Gate(GateConfig config, const base::Clock& clock)
    : config_(std::move(config)),
      public_host_(authority_of(config_.public_address)),
      accounts_(config_.access.accounts),
      login_(accounts_, clock),
      sessions_(config_.access.sessions, clock) {
  if (config_.access.provider) provider_.emplace(*config_.access.provider, clock);
}

bool Gate::is_public(const std::string& host) const { return !public_host_.empty() && host == public_host_; }

bool Gate::is_secure(const httplib::Request& request, const Door& door) const {
  return door.tls || (config_.public_address.starts_with("https://") && is_public(request.get_header_value("Host")));
}

bool Gate::is_local(const httplib::Request& request, const Door& door) const {
  return door.takes_token && !(config_.behind_proxy && request.has_header("X-Forwarded-For"));
}

access::Provider::Addresses Gate::own_addresses(const httplib::Request& request, const Door& door) const {
  auto own = config_.public_address;
  if (own.empty()) own = (door.tls ? "https://" : "http://") + request.get_header_value("Host");
  return {own + kReturnPath, own + kDeparturePath};
}

std::string Gate::address_of(const httplib::Request& request) const {
  const auto lines = request.get_header_value_count("X-Forwarded-For");
  if (!config_.behind_proxy || lines == 0 || !is_of_this_machine(request.remote_addr)) return request.remote_addr;
  // Each proxy adds whom it speaks for at the end, or in a line of its own: only what ours added is to be believed.
  const auto said = request.get_header_value("X-Forwarded-For", lines - 1);
  const auto begin = said.find_last_of(", ");
  return begin == std::string::npos ? said : said.substr(begin + 1);
}

std::optional<base::Refusal> Gate::stranger(const httplib::Request& request, const Door& door) const {
  const auto given = request.get_header_value("Host");
  const auto host = host_of(given);
  if (!given.empty() && !is_address(host) && host != "localhost" && host != config_.host && !is_public(given))
    return invalid("Host", "the broker is spoken to by its address or as localhost, or as admin.public_address says");
  const auto origin = request.get_header_value("Origin");
  if (!origin.empty() && origin != (door.tls ? "https://" : "http://") + given &&
      (config_.public_address.empty() || origin != config_.public_address))
    return invalid("Origin", "a page of another site");
  return std::nullopt;
}

base::Result<Caller> Gate::caller(const httplib::Request& request, const Door& door) {
  const auto shown = request.get_header_value("Authorization");
  if (!shown.empty()) {
    if (is_local(request, door) && base::equal_secrets(shown, "Bearer " + config_.token)) return Caller{};
    return base::refuse(RefusalCode::access_login_needed);
  }
  const auto cookie = session_cookie(request, is_secure(request, door));
  auto session = sessions_.find(cookie, somebody_is_there(request));
  if (session && !session->person.credential.empty() && !login_.still_good(session->person)) {
    sessions_.close(cookie);
    session.reset();
  }
  if (!session) return base::refuse(RefusalCode::access_login_needed);
  return Caller{std::move(session), cookie};
}

base::Status Gate::admit(const Caller& caller, const httplib::Request& request, const std::string& route) {
  if (!caller.session) return base::Done{};
  const auto role = caller.session->person.role;
  if (!may(role, route))
    return base::refuse(RefusalCode::access_not_allowed, {}, {{"role", std::string(access::role_name(role))}});
  if (request.method != "GET" && !base::equal_secrets(request.get_header_value("Relais-CSRF"), caller.session->csrf))
    return base::refuse(RefusalCode::access_request_forged);
  return base::Done{};
}

}  // namespace relais::admin
