// A session with the institution's server: its key is known, and it knows ours.
#pragma once

#include <memory>
#include <string>

#include "adapters/sftp/route.h"
#include "adapters/sftp/watchdog.h"
#include "broker/base/result.h"

struct ssh_session_struct;
struct sftp_session_struct;

namespace relais::sftp {

/// That the private key and its passphrase can be used, and the list of known hosts has a key of this server. Without
/// any connection; for the configuration.
base::Status check_key(const Server& server);
base::Status check_known_hosts(const Server& server);

/// Threads: the owner's; `watchdog` outlives it.
class SshConnection {
 public:
  /// Refused: the codes of tcp_socket.h; host_key_unknown, host_key_changed, no_common_method; key_unusable,
  /// user_key_refused; no_sftp; timeout; connection_lost.
  static base::Result<std::unique_ptr<SshConnection>> open(const Server& server, Watchdog& watchdog);
  ~SshConnection();
  SshConnection(const SshConnection&) = delete;
  SshConnection& operator=(const SshConnection&) = delete;

  [[nodiscard]] ssh_session_struct* session() const { return session_; }
  [[nodiscard]] sftp_session_struct* sftp() const { return sftp_; }

 private:
  SshConnection(const Server& server, Watchdog& watchdog);

  base::Status establish();
  base::Status check_host();
  base::Status log_in();
  [[nodiscard]] base::Refusal lost() const;
  [[nodiscard]] base::Refusal not_opened() const;

  const Server& server_;
  Watchdog& watchdog_;
  ssh_session_struct* session_;
  sftp_session_struct* sftp_ = nullptr;
  /// Ours, and the watchdog's, until the end: libssh has a descriptor of its own, which it closes when it likes.
  int socket_ = -1;
};

}  // namespace relais::sftp
