// Who asks, and whether they may: by the token of the machine's administrator, or by the session of somebody who logged
// in.
#pragma once

#include <httplib.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/access/access_config.h"
#include "broker/access/login.h"
#include "broker/access/provider.h"
#include "broker/access/sessions.h"
#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::admin {

struct GateConfig {
  std::string token;
  std::string host;            // one that requests may name besides addresses and localhost
  std::string public_address;  // "https://relais.example.org", as browsers know it; may be empty
  bool behind_proxy = false;   // a reverse proxy on this machine says whom it speaks for
  access::AccessConfig access;
};

/// Where a provider of identities sends a browser back to, and where it does so after logging out; both are registered
/// there, behind admin.public_address.
inline constexpr const char* kReturnPath = "/api/v1/login/provider/return";
inline constexpr const char* kDeparturePath = "/console/";

/// One port that the server listens on.
struct Door {
  bool tls = false;
  bool takes_token = true;
};

/// Whose request it is. Without a session: that of whoever holds the token, who is root on the broker's machine.
struct Caller {
  std::optional<access::Session> session;
  std::string cookie;
};

/// Any of the server's threads. `clock` outlives it.
class Gate {
 public:
  Gate(GateConfig config, const base::Clock& clock);

  /// A page of another site that lets this browser speak to us: by a name that it made point here (DNS rebinding: its
  /// Host is a name that is not ours), or as itself (its Origin is not ours).
  [[nodiscard]] std::optional<base::Refusal> stranger(const httplib::Request& request, const Door& door) const;

  /// From this machine itself: not by another port, and not through the proxy.
  [[nodiscard]] bool is_local(const httplib::Request& request, const Door& door) const;

  /// access.login_needed.
  base::Result<Caller> caller(const httplib::Request& request, const Door& door);

  /// access.not_allowed; access.request_forged: what changes something by a session carries the session's own token.
  [[nodiscard]] static base::Status admit(const Caller& caller, const httplib::Request& request,
                                          const std::string& route);

  /// Who has logged in.
  access::Sessions& sessions() { return sessions_; }

  /// Logging in and out. They outlive the server's life.
  void add_routes(httplib::Server& http, const Door& door);
  [[nodiscard]] static std::vector<std::string> paths();

 private:
  void log_in(const httplib::Request& request, httplib::Response& response, const Door& door);
  void log_out(const httplib::Request& request, httplib::Response& response, const Door& door);
  void go_to_provider(const httplib::Request& request, httplib::Response& response, const Door& door);
  void come_from_provider(const httplib::Request& request, httplib::Response& response, const Door& door);
  void tell_ways(const httplib::Request& request, httplib::Response& response, const Door& door);
  void tell_session(const httplib::Request& request, httplib::Response& response, const Door& door);
  void begin_session(access::Person person, bool secure, httplib::Response& response, access::Session& session);

  [[nodiscard]] bool is_public(const std::string& host) const;
  [[nodiscard]] bool is_secure(const httplib::Request& request, const Door& door) const;
  [[nodiscard]] access::Provider::Addresses own_addresses(const httplib::Request& request, const Door& door) const;
  [[nodiscard]] std::string address_of(const httplib::Request& request) const;

  const GateConfig config_;
  const std::string public_host_;
  access::Accounts accounts_;
  access::Login login_;
  access::Sessions sessions_;
  std::optional<access::Provider> provider_;
};

}  // namespace relais::admin
