// The settings of one relaisd process: paths, sockets, sizes. A change needs a restart; what institutions may do is in
// the network definition, which does not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/access/access_config.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"
#include "broker/base/toml_reader.h"
#include "broker/engine/engine.h"
#include "broker/transport/router.h"

namespace relais::app {

struct Config {
  std::filesystem::path data_dir;
  std::filesystem::path transport_key;
  std::filesystem::path signing_key;
  base::PublicKeyBytes authority_public_key{};
  bool verify_signatures = false;  // recipients always do; here it costs about 60 us of a core for each message
  transport::RouterConfig router;
  engine::EngineConfig engine;
  std::string admin_host = "127.0.0.1";
  int admin_port = 5580;                                   // 0: any free one
  base::Milliseconds silent_after{std::chrono::hours(4)};  // without an adapter, an institution stands on red
  std::filesystem::path admin_tls_certificate;
  std::filesystem::path admin_tls_key;
  std::string admin_public_address;
  bool admin_behind_proxy = false;
  access::AccessConfig access;
  base::LogLevel log_level = base::LogLevel::info;
  base::LogFormat log_format = base::LogFormat::key_value;
};

/// Paths in the file are relative to its folder. Every fault of the file at once, each with its line and what is
/// allowed; the config is of use only when there is none.
struct ConfigRead {
  Config config;
  std::vector<base::FileViolation> faults;
};
ConfigRead read_config(const std::filesystem::path& file);

}  // namespace relais::app
