// The settings of one institution's gateway.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/drafting.h"
#include "adapters/http/server_config.h"
#include "adapters/http/signature.h"
#include "adapters/http/target.h"
#include "adapters/mapping/mapping.h"

namespace relais::http {

/// How a JSON body becomes messages: POST /v1/submissions/NAME.
struct SubmitRule {
  std::string name;
  mapping::Mapping mapping;
  files::DraftingPolicy drafting;
};

/// Another system's webhook: POST /v1/hooks/NAME.
struct HookRule {
  SubmitRule submit;
  Secrets secrets;
  std::chrono::milliseconds tolerance{300'000};
};

/// Ours: what comes in is sent there.
struct WebhookConfig {
  PosterOptions poster;
  Secrets secrets;
  std::string bearer;  // of the software; may be empty
  JudgeRule judge;
  std::string reference;  // JSON pointer in the answer to the software's own number; may be empty
  std::chrono::milliseconds retry_first{5'000};
};

struct ExchangeConfig {
  std::string institution;
  std::vector<std::string> tokens;  // any of them
  std::vector<SubmitRule> submits;
  std::vector<HookRule> hooks;
  std::optional<mapping::Mapping> receive;  // how messages are written; empty: as they are
  std::optional<WebhookConfig> webhook;     // empty: messages wait in the inbox
  std::chrono::milliseconds remember_for{std::chrono::hours(24 * 30)};
  bool own_receipts = false;  // "received" is told when the software has taken it, not when the adapter has
};

struct GatewayConfig : ServerConfig {
  std::chrono::milliseconds wait_most{30'000};
};

struct Config {
  GatewayConfig gateway;
  std::vector<ExchangeConfig> exchanges;
};

}  // namespace relais::http
