#include "broker/access/provider_config.h"

#include <algorithm>
#include <fstream>

#include "broker/access/secret_file.h"
#include "broker/base/toml_reader.h"

namespace relais::access {

namespace {

namespace fs = std::filesystem;

std::string needed(base::TableReader& table, const char* key, const char* what) {
  auto text = table.text(key);
  if (text.empty()) table.fault(key, key, "is missing", what);
  return text;
}

RoleRule read_rule(base::TableReader& table) {
  RoleRule rule;
  rule.claim = needed(table, "claim", "a claim of the provider: sub, email, groups");
  rule.value = needed(table, "value", "what that claim is, to the letter");
  const auto role = role_of(table.text("role"));
  if (role)
    rule.role = *role;
  else
    table.fault("role", "role", "is not a role", role_names());
  rule.institution = table.text("institution");
  if (role && (*role == Role::partner) == rule.institution.empty())
    table.fault("institution", "institution", rule.institution.empty() ? "is missing" : "is not for this role",
                "a partner, and nobody else, belongs to one institution");
  table.finish();
  return rule;
}

fs::path read_ca_file(base::TableReader& table, const fs::path& folder) {
  const auto text = table.text("ca_file");
  if (text.empty()) return {};
  auto file = (folder / text).lexically_normal();
  if (!std::ifstream(file))
    table.fault("ca_file", "ca_file", "can not be read", "the certificates (PEM) of the provider's authority");
  return file;
}

fs::path read_client_secret(base::TableReader& table, const fs::path& folder) {
  constexpr const char* kAllowed = "a file with the secret that the provider gave, mode 0600";
  const auto text = needed(table, "client_secret_file", kAllowed);
  if (text.empty()) return {};
  auto file = (folder / text).lexically_normal();
  if (const auto secret = read_secret_file(file); !secret)
    table.fault("client_secret_file", "client_secret_file", "can not be used: " + secret.refusal().english(), kAllowed);
  return file;
}

}  // namespace

ProviderConfig read_provider(base::TableReader& table, const fs::path& folder) {
  ProviderConfig provider;
  provider.issuer = table.text("issuer");
  if (!provider.issuer.starts_with("https://") || provider.issuer.find_first_of("?# ") != std::string::npos)
    table.fault("issuer", "issuer", "is not an https address", "the issuer, as its discovery document names it");
  provider.name = table.text("name");
  if (provider.name.empty()) provider.name = "OpenID Connect";
  provider.client_id = needed(table, "client_id", "what the provider calls us");
  provider.client_secret_file = read_client_secret(table, folder);
  if (auto scopes = table.texts("scopes"); !scopes.empty()) provider.scopes = std::move(scopes);
  if (std::ranges::find(provider.scopes, "openid") == provider.scopes.end())
    table.fault("scopes", "scopes", "do not hold openid", "openid, and what gives the claims that roles need");
  provider.acr_values = table.texts("acr_values");
  if (auto claim = table.text("name_claim"); !claim.empty()) provider.name_claim = std::move(claim);
  provider.ca_file = read_ca_file(table, folder);
  table.tables("role", "role", [&](base::TableReader& rule, int) { provider.roles.push_back(read_rule(rule)); });
  if (provider.roles.empty())
    table.fault("role", "role", "is missing", "[[access.provider.role]]: who is what, or nobody gets in");
  table.finish();
  return provider;
}

}  // namespace relais::access
