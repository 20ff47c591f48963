#include "broker/access/claims.h"

#include <algorithm>
#include <optional>

#include "broker/access/login_fault.h"
#include "broker/base/crypto.h"

namespace relais::access {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kClocksDiffer{60};
constexpr std::size_t kNameBytesMax = 100;

/// That text, or a list with that text in it.
bool holds(const json& claims, const std::string& name, const std::string& value) {
  const auto found = claims.find(name);
  if (found == claims.end()) return false;
  if (found->is_array()) return std::ranges::find(*found, json(value)) != found->end();
  return *found == value;
}

std::optional<base::Instant> time_of(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const auto seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return base::Instant(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

/// Those of `needed` are there; those that are there say that the claims are good now.
base::Status check_times(const json& claims, std::initializer_list<const char*> needed, base::Instant now) {
  const auto refuse = [](std::string why) { return refuse_login(LoginFault::expired, std::move(why)); };
  for (const auto* name : needed)
    if (!claims.contains(name)) return refuse(std::string("no ") + name);
  for (const auto* name : {"exp", "iat", "nbf"}) {
    if (!claims.contains(name)) continue;
    const auto time = time_of(claims, name);
    if (!time) return refuse(std::string(name) + " is no time");
    const bool ends = std::string_view(name) == "exp";
    if (ends ? *time + kClocksDiffer <= now : *time - kClocksDiffer > now)
      return refuse(ends ? "exp is over" : std::string(name) + " is still to come");
  }
  return base::Done{};
}

bool is_for_us(const json& claims, const ProviderConfig& config) {
  if (!holds(claims, "aud", config.client_id)) return false;
  const auto several = claims["aud"].is_array() && claims["aud"].size() > 1;
  return claims.contains("azp") ? text_of(claims, "azp") == config.client_id : !several;
}

bool is_printable(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string text_of(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

base::Status check_id_token(const json& claims, const ProviderConfig& config, std::string_view nonce,
                            base::Instant now) {
  const auto untrusted = [](const char* why) { return refuse_login(LoginFault::untrusted, why); };
  if (text_of(claims, "iss") != config.issuer) return untrusted("the ID token is of another issuer");
  if (!is_for_us(claims, config)) return untrusted("the ID token is for somebody else");
  if (auto said = check_times(claims, {"exp", "iat"}, now); !said) return said;
  if (nonce.empty() || !base::equal_secrets(text_of(claims, "nonce"), nonce))
    return untrusted("the ID token is of another login");
  if (text_of(claims, "sub").empty()) return untrusted("the ID token is of nobody");
  if (!config.acr_values.empty() &&
      std::ranges::find(config.acr_values, text_of(claims, "acr")) == config.acr_values.end())
    return refuse_login(LoginFault::too_weak, "acr is none of those that were asked for");
  return base::Done{};
}

base::Status add_user_info(json& claims, const json& said, const ProviderConfig& config, base::Instant now) {
  const auto untrusted = [](const char* why) { return refuse_login(LoginFault::untrusted, why); };
  if (text_of(said, "sub") != text_of(claims, "sub")) return untrusted("userinfo is of somebody else");
  if (said.contains("iss") && text_of(said, "iss") != config.issuer) return untrusted("userinfo is of another issuer");
  if (said.contains("aud") && !holds(said, "aud", config.client_id)) return untrusted("userinfo is for somebody else");
  if (auto good = check_times(said, {}, now); !good) return good;
  for (const auto& [name, value] : said.items())
    if (!claims.contains(name)) claims[name] = value;
  return base::Done{};
}

base::Result<Person> person_of(const json& claims, const ProviderConfig& config) {
  // An address that the provider calls unconfirmed is what somebody typed.
  const bool unconfirmed = claims.contains("email_verified") && claims["email_verified"] != true;
  const auto usable = [&](const std::string& claim) { return claim != "email" || !unconfirmed; };
  const auto rule = std::ranges::find_if(
      config.roles, [&](const RoleRule& one) { return usable(one.claim) && holds(claims, one.claim, one.value); });
  if (rule == config.roles.end()) return refuse_login(LoginFault::no_role, "no access.provider.role fits");
  const auto name = usable(config.name_claim) ? text_of(claims, config.name_claim) : std::string();
  if (name.empty() || name.size() > kNameBytesMax || !is_printable(name))
    return refuse_login(LoginFault::nameless, "no usable claim " + config.name_claim);
  return Person{name, rule->role, rule->institution};
}

}  // namespace relais::access
