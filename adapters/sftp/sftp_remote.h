// The institution's server, over libssh.
#pragma once

#include <memory>
#include <string>

#include "adapters/sftp/remote.h"
#include "adapters/sftp/route.h"
#include "adapters/sftp/ssh_connection.h"
#include "adapters/sftp/watchdog.h"

namespace relais::sftp {

/// `server` outlives it.
class SftpRemote final : public Remote {
 public:
  explicit SftpRemote(const Server& server) : server_(server) {}

  base::Status connect() override;
  [[nodiscard]] bool connected() const override { return connection_ != nullptr && !lost_; }
  void interrupt() override { watchdog_.interrupt(); }

  base::Result<Listing> list(const std::string& folder, std::size_t entries_max) override;
  [[nodiscard]] base::Status look_at_folder(const std::string& folder) override;
  base::Result<Stamp> stamp_of(const std::string& file) override;
  base::Status try_to_read(const std::string& file) override;
  base::Status fetch(const std::string& file, std::uint64_t from, const Take& take) override;
  base::Status put(const std::string& file, std::string_view bytes) override;
  base::Status move(const std::string& from, const std::string& to) override;
  base::Status remove(const std::string& file) override;

 private:
  class Step;

  /// Why the last call of libssh failed. A connection that is gone stays until the next one, for the handles in use.
  base::Refusal why_failed();
  /// The same for a call that writes: the protocol has no word for a full disk, but servers tell what is free.
  base::Refusal why_not_written(const std::string& file, std::size_t bytes);

  const Server& server_;
  Watchdog watchdog_;
  std::unique_ptr<SshConnection> connection_;
  bool lost_ = false;
};

}  // namespace relais::sftp
