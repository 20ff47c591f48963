// The settings of one institution's RDV Service Public.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server_config.h"
#include "adapters/http/target.h"
#include "adapters/mapping/mapping.h"

namespace relais::rdvsp {

/// Where the invitation's token goes into `ExchangeConfig::invitation_link`.
inline constexpr std::string_view kTokenHole = "{token}";

/// An agent of theirs, by whose rights everything is read and written.
struct ApiConfig {
  http::Target target;
  std::filesystem::path ca_file;  // empty: the system's
  std::chrono::milliseconds timeout{20'000};
  std::string email;
  std::string password;
};

/// When the referral counts as taken in charge.
enum class AcceptWhen { appointment, invitation };

struct ExchangeConfig {
  std::string institution;
  std::vector<std::string> tokens;          // of those who ask this adapter
  std::vector<std::string> secrets;         // of the webhook; any of them
  std::vector<std::string> organisations;   // their numbers; people are created in the first
  std::optional<mapping::Mapping> mapping;  // in: an appointment; out: a person
  ApiConfig api;
  bool invite = true;
  std::string invitation_link;  // with {token}; empty: what the API answers, or the usual address
  AcceptWhen accept = AcceptWhen::appointment;
  bool complete_when_seen = false;
  std::chrono::milliseconds walk_every{std::chrono::minutes(15)};
  std::chrono::milliseconds look_back{std::chrono::hours(24 * 30)};
  std::chrono::milliseconds remember_for{std::chrono::hours(24 * 1'100)};
};

struct Config {
  http::ServerConfig server;
  std::vector<ExchangeConfig> exchanges;
};

}  // namespace relais::rdvsp
