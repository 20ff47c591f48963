// What we ask a provider of identities: where its doors are, its keys, the tokens for a code, and who somebody is.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/access/provider_config.h"
#include "broker/base/result.h"

namespace relais::access {

/// Of its discovery document (OpenID Connect Discovery 1.0, 3).
struct ProviderDoors {
  std::string authorization;
  std::string token;
  std::string keys;
  std::string user_info;        // may be empty
  std::string end_session;      // may be empty
  bool secret_in_body = false;  // client_secret_post; else client_secret_basic
};

struct Tokens {
  std::string id;
  std::string access;
};

/// One login's: all of them together take kPatience. LoginFault::unreachable with the reason.
class ProviderRequests {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  explicit ProviderRequests(const ProviderConfig& config) : config_(config) {}

  base::Result<ProviderDoors> find_doors();
  base::Result<Tokens> exchange_code(const ProviderDoors& doors, const std::string& code,
                                     const std::string& return_address, const std::string& verifier);
  /// A JWK set.
  base::Result<nlohmann::json> keys(const ProviderDoors& doors);
  /// Its claims, whether they come as JSON or as a JWT signed with one of `keys`; LoginFault::untrusted when it is not.
  base::Result<nlohmann::json> user_info(const ProviderDoors& doors, const std::string& access_token,
                                         const nlohmann::json& keys);

 private:
  struct Question;
  struct Answer;
  base::Result<Answer> ask(const Question& question);
  base::Result<nlohmann::json> ask_object(const Question& question);

  const ProviderConfig& config_;
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kPatience;
};

/// "a=1&b=two%20words"
std::string form_of(const std::vector<std::pair<std::string_view, std::string>>& fields);

/// `address` with these parameters behind those that it has.
std::string with_parameters(const std::string& address,
                            const std::vector<std::pair<std::string_view, std::string>>& fields);

}  // namespace relais::access
