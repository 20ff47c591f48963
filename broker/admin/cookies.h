// The cookies that a browser keeps for us: none can be read by a script, none goes out with another site's request.
#pragma once

#include <httplib.h>
#include <string>

namespace relais::admin {

/// Empty when the browser sent none. Over TLS the name begins with __Host-: no other host can set it.
std::string session_cookie(const httplib::Request& request, bool secure);

/// Gives it to the browser until it is closed; an empty value takes it away.
void set_session_cookie(httplib::Response& response, const std::string& value, bool secure);

/// For the way to a provider of identities and back, ten minutes long; this one comes along when the provider's page
/// sends the browser here.
std::string login_cookie(const httplib::Request& request, bool secure);
void set_login_cookie(httplib::Response& response, const std::string& value, bool secure);

}  // namespace relais::admin
