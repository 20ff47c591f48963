// The settings of one adapter process, and how they are read from its TOML file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "adapters/sdk/network.h"
#include "broker/base/key_file.h"
#include "broker/base/log.h"
#include "broker/base/toml_reader.h"

namespace relais::sdk {

/// An institution that the adapter serves, with its secrets. During a rotation it has several of a kind; the one that
/// the network definition says is valid is used.
struct ServedInstitution {
  std::string id;
  std::vector<base::KeyFile> signing_keys;
  std::vector<base::KeyFile> sealing_keys;
};

/// Times of the session. Defaults are what production uses; tests shorten them.
struct SessionTimes {
  std::chrono::milliseconds reconnect_first{200};  // pause after the first failure; doubles, and varies by a half
  std::chrono::milliseconds reconnect_most{30'000};
  std::chrono::milliseconds welcome_within{5'000};
  std::chrono::milliseconds answer_within{30'000};  // without an answer to a submission: a new session
  std::chrono::milliseconds refused_first{1'000};   // pause after a refusal that may be retried; doubles
  std::chrono::milliseconds refused_most{60'000};
};

struct AdapterConfig {
  std::string name;  // letters, digits and . _ - +, at most 64; appears in logs and at the broker
  std::string version = RELAIS_VERSION;
  Pins pins;
  std::vector<ServedInstitution> institutions;
  base::KeyPair transport_key;
  std::vector<std::string> endpoints;               // tried in turn
  std::filesystem::path data_dir;                   // of this adapter alone
  std::uint64_t outbox_bytes_max = 4ull << 30;      // submit() refuses beyond
  std::uint64_t disk_reserve_bytes = 256ull << 20;  // submit() refuses when less is free
  std::uint32_t in_hand_messages_max = 256;         // deliveries that the handler has not settled yet
  std::uint64_t in_hand_bytes_max = 16u << 20;
  bool automatic_receipts = true;  // ReferralReceived and OutcomeAcknowledged by the SDK (see README)
  int health_port = 0;             // on 127.0.0.1; 0: none
  SessionTimes times;
  base::LogLevel log_level = base::LogLevel::info;
  base::LogFormat log_format = base::LogFormat::key_value;
};

/// The config is of use only when there are no faults.
struct ConfigRead {
  AdapterConfig config;
  std::vector<base::FileViolation> faults;
};

/// Reads tables that belong to the connector: ask `whole` for them and finish() each one. Relative paths are taken from
/// `folder`. Faults go through the reader, so that all of a file are told at once.
using ReadConnector = std::function<void(base::TableReader& whole, const std::filesystem::path& folder)>;

/// Reads the tables [relais] and [log] and the key files they name; tables and keys that nobody asked for are refused.
ConfigRead read_config(const std::filesystem::path& file, const ReadConnector& read_connector);

}  // namespace relais::sdk
