#include "broker/admin/cookies.h"

namespace relais::admin {

namespace {

std::string full_name(const std::string& name, bool secure) { return (secure ? "__Host-" : "") + name; }

std::string value_of(const httplib::Request& request, const std::string& name) {
  const auto header = request.get_header_value("Cookie");
  std::size_t at = 0;
  while (at < header.size()) {
    const auto end = std::min(header.find(';', at), header.size());
    const auto pair = header.substr(at, end - at);
    const auto begin = pair.find_first_not_of(' ');
    if (begin != std::string::npos && pair.compare(begin, name.size() + 1, name + "=") == 0)
      return pair.substr(begin + name.size() + 1);
    at = end + 1;
  }
  return {};
}

void set_cookie(httplib::Response& response, const std::string& name, const std::string& value, const char* rules,
                bool secure) {
  response.set_header("Set-Cookie", full_name(name, secure) + "=" + value + "; Path=/; HttpOnly; " + rules +
                                        (secure ? "; Secure" : "") + (value.empty() ? "; Max-Age=0" : ""));
}

constexpr const char* kSession = "relais-session";
constexpr const char* kLogin = "relais-login";

}  // namespace

std::string session_cookie(const httplib::Request& request, bool secure) {
  return value_of(request, full_name(kSession, secure));
}

void set_session_cookie(httplib::Response& response, const std::string& value, bool secure) {
  set_cookie(response, kSession, value, "SameSite=Strict", secure);
}

std::string login_cookie(const httplib::Request& request, bool secure) {
  return value_of(request, full_name(kLogin, secure));
}

void set_login_cookie(httplib::Response& response, const std::string& value, bool secure) {
  set_cookie(response, kLogin, value, value.empty() ? "SameSite=Lax" : "SameSite=Lax; Max-Age=600", secure);
}

}  // namespace relais::admin
