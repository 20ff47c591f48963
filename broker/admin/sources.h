// What the admin server shows and does, without knowing who provides it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/engine/engine.h"
#include "broker/engine/reports.h"

namespace relais::admin {

/// Figures of the transport, which this floor does not include.
struct ConnectionFigures {
  std::uint64_t sessions_open = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_refused = 0;
  std::uint64_t handshakes_refused = 0;
};

/// An adapter that has spoken since the process began: one for each transport key.
struct AdapterSeen {
  std::string name;  // as it calls itself
  std::string version;
  std::vector<std::string> institutions;
  bool connected = false;
  base::Instant since{};  // connected or gone since
  std::string why;        // gone: bye, disconnected, silence, ...
};

/// A copy of the store that was made beside the running broker.
struct BackupMade {
  std::uint32_t number = 0;
  base::Instant made{};
  std::uint64_t bytes = 0;  // of its files, those shared with earlier ones included
  std::uint64_t files = 0;
  core::Position position = 0;  // it holds the journal at least up to here
};

/// One that lies in a folder of backups.
struct BackupKept {
  std::uint32_t number = 0;
  std::optional<BackupMade> whole;  // empty: its list of files can not be read, or files are missing
};

/// One that was read again: every file, every record of the chain.
struct BackupVerified {
  BackupMade backup;
  core::Position records = 0;
  std::string chain_hash;  // hexadecimal
};

/// All functions may be called from any thread. What they refer to outlives the server.
struct Sources {
  const journal::Store& store;
  engine::Engine& engine;
  const base::Clock& clock;
  std::function<ConnectionFigures()> connections;
  std::function<std::vector<AdapterSeen>()> adapters;
  std::function<std::string()> endpoint;  // of the door for adapters
  std::function<bool()> draining;         // nothing new is taken
  base::Instant started_at{};
  /// Into a folder of backups; as RocksStore::back_up().
  std::function<base::Result<BackupMade>(const std::string& folder)> back_up = {};
  /// As RocksStore::purge_erased().
  std::function<base::Status()> purge_erased = {};
  /// An institution none of whose adapters has been there for so long is silent.
  base::Milliseconds silent_after = std::chrono::hours(4);
  /// Whose signature a network definition needs.
  base::PublicKeyBytes authority = {};
  /// In a folder of backups, by number. As journal::list_backups(), journal::verify_backup().
  std::function<base::Result<std::vector<BackupKept>>(const std::string& folder)> backups = {};
  std::function<base::Result<BackupVerified>(const std::string& folder, std::uint32_t number)> verify_backup = {};
  /// Takes nothing new from now on, or takes messages again.
  std::function<void(bool draining)> set_draining = {};
  /// About one message, as evidence::write_evidence(). not_found, evidence.invalid while a record of it is not signed.
  std::function<base::Result<std::string>(const std::string& message_id)> evidence = {};
};

}  // namespace relais::admin
