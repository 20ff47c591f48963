#include "broker/access/provider_requests.h"

#include <algorithm>
#include <httplib.h>

#include <fmt/format.h>

#include "broker/access/claims.h"
#include "broker/access/jws.h"
#include "broker/access/login_fault.h"
#include "broker/access/secret_file.h"
#include "broker/base/crypto.h"

namespace relais::access {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kConnectMost{5};
constexpr std::size_t kAnswerBytesMax = 1u << 20;
constexpr std::string_view kHttps = "https://";

struct Address {
  std::string origin;  // "https://idp.example.org:8443"
  std::string path;
};

Address split(const std::string& address) {
  const auto at = address.find('/', kHttps.size());
  if (at == std::string::npos) return {address, "/"};
  return {address.substr(0, at), address.substr(at)};
}

bool names(const json& document, const char* field, const char* value) {
  const auto found = document.find(field);
  return found != document.end() && found->is_array() && std::ranges::find(*found, json(value)) != found->end();
}

base::Refusal unreachable(const char* what, std::string_view why) {
  return refuse_login(LoginFault::unreachable, fmt::format("the provider's {}: {}", what, why));
}

base::Result<json> object_in(const std::string& body, const char* what) {
  auto object = json::parse(body, nullptr, false);
  if (object.is_object()) return object;
  return unreachable(what, "no JSON object");
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

struct ProviderRequests::Question {
  const char* what;  // for the log
  std::string address;
  httplib::Headers headers = {};
  std::string form = {};  // empty: GET
};

struct ProviderRequests::Answer {
  std::string type;
  std::string body;
};

/// Only the provider itself may answer: its certificate is verified, and a redirection is not followed.
base::Result<ProviderRequests::Answer> ProviderRequests::ask(const Question& question) {
  const auto left = [&] {
    return std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  };
  if (left() <= std::chrono::milliseconds(0)) return unreachable(question.what, "no time left");
  const auto at = split(question.address);
  httplib::Client client(at.origin);
  client.enable_server_certificate_verification(true);
  if (!config_.ca_file.empty()) client.set_ca_cert_path(config_.ca_file.string());
  client.set_connection_timeout(std::min<std::chrono::milliseconds>(kConnectMost, left()));
  client.set_read_timeout(left());
  client.set_write_timeout(left());
  client.set_follow_location(false);
  httplib::Request request;
  request.method = question.form.empty() ? "GET" : "POST";
  request.path = at.path;
  request.headers = question.headers;
  request.body = question.form;
  if (!question.form.empty()) request.headers.emplace("Content-Type", "application/x-www-form-urlencoded");
  Answer answer;
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    answer.body.append(data, size);
    return answer.body.size() <= kAnswerBytesMax && left() > std::chrono::milliseconds(0);
  };
  httplib::Response response;
  auto error = httplib::Error::Success;
  if (!client.send(request, response, error))
    return unreachable(question.what,
                       answer.body.size() > kAnswerBytesMax ? "too long an answer" : httplib::to_string(error));
  if (response.status != 200) return unreachable(question.what, fmt::format("HTTP {}", response.status));
  answer.type = response.get_header_value("Content-Type");
  return answer;
}

base::Result<json> ProviderRequests::ask_object(const Question& question) {
  const auto answer = ask(question);
  if (!answer) return answer.refusal();
  return object_in(answer->body, question.what);
}

base::Result<ProviderDoors> ProviderRequests::find_doors() {
  constexpr const char* kWhat = "discovery document";
  const auto document = ask_object(
      {kWhat, config_.issuer + (config_.issuer.ends_with('/') ? "" : "/") + ".well-known/openid-configuration"});
  if (!document) return document.refusal();
  if (text_of(*document, "issuer") != config_.issuer) return unreachable(kWhat, "of another issuer");
  ProviderDoors doors{text_of(*document, "authorization_endpoint"), text_of(*document, "token_endpoint"),
                      text_of(*document, "jwks_uri"), text_of(*document, "userinfo_endpoint"),
                      text_of(*document, "end_session_endpoint")};
  for (const auto* needed : {&doors.authorization, &doors.token, &doors.keys})
    if (needed->empty()) return unreachable(kWhat, "an endpoint is missing");
  for (const auto* door : {&doors.authorization, &doors.token, &doors.keys, &doors.user_info, &doors.end_session})
    if (!door->empty() && !door->starts_with(kHttps)) return unreachable(kWhat, "an endpoint is no https address");
  // Without the list, client_secret_basic is meant.
  doors.secret_in_body = names(*document, "token_endpoint_auth_methods_supported", "client_secret_post") &&
                         !names(*document, "token_endpoint_auth_methods_supported", "client_secret_basic");
  return doors;
}

base::Result<Tokens> ProviderRequests::exchange_code(const ProviderDoors& doors, const std::string& code,
                                                     const std::string& return_address, const std::string& verifier) {
  constexpr const char* kWhat = "token endpoint";
  const auto secret = read_secret_file(config_.client_secret_file);
  if (!secret) return refuse_login(LoginFault::unreachable, secret.refusal().english());
  httplib::Headers headers{{"Accept", "application/json"}};
  std::vector<std::pair<std::string_view, std::string>> fields{{"grant_type", "authorization_code"},
                                                               {"code", code},
                                                               {"redirect_uri", return_address},
                                                               {"code_verifier", verifier}};
  if (doors.secret_in_body) {
    fields.emplace_back("client_id", config_.client_id);
    fields.emplace_back("client_secret", *secret);
  } else {
    const auto both = percent_encoded(config_.client_id) + ":" + percent_encoded(*secret);
    headers.emplace("Authorization", "Basic " + base::base64(both));
  }
  const auto object = ask_object({kWhat, doors.token, std::move(headers), form_of(fields)});
  if (!object) return object.refusal();
  Tokens tokens{text_of(*object, "id_token"), text_of(*object, "access_token")};
  if (tokens.id.empty() || tokens.access.empty()) return unreachable(kWhat, "no ID token or no access token");
  return tokens;
}

base::Result<json> ProviderRequests::keys(const ProviderDoors& doors) { return ask_object({"keys", doors.keys}); }

base::Result<json> ProviderRequests::user_info(const ProviderDoors& doors, const std::string& access_token,
                                               const json& keys) {
  constexpr const char* kWhat = "userinfo endpoint";
  const auto answer = ask({kWhat, doors.user_info, {{"Authorization", "Bearer " + access_token}}});
  if (!answer) return answer.refusal();
  if (answer->type.starts_with("application/jwt")) return verified_claims(answer->body, keys);
  return object_in(answer->body, kWhat);
}

std::string form_of(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields)
    form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, percent_encoded(value));
  return form;
}

std::string with_parameters(const std::string& address,
                            const std::vector<std::pair<std::string_view, std::string>>& fields) {
  return address + (address.find('?') == std::string::npos ? "?" : "&") + form_of(fields);
}

}  // namespace relais::access
