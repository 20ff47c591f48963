#include "adapters/sftp/ssh_connection.h"

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include "adapters/sdk/secret_file.h"
#include "adapters/sftp/remote.h"
#include "adapters/sftp/tcp_socket.h"
#include "broker/base/check.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::sftp {

namespace {

using Key = std::unique_ptr<ssh_key_struct, void (*)(ssh_key)>;
using Session = std::unique_ptr<ssh_session_struct, void (*)(ssh_session)>;

void set(ssh_session session, ssh_options_e option, const void* value) {
  base::check(ssh_options_set(session, option, value) == SSH_OK, "libssh knows its own options");
}

/// Nothing but what our configuration says: neither the user's nor the machine's settings of OpenSSH.
ssh_session new_session(const Server& server) {
  ssh_session session = ssh_new();
  base::check(session != nullptr, "memory for a session");
  const bool no = false;
  const int none = SSH_LOG_NOLOG;
  const unsigned int port = server.port;
  set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
  set(session, SSH_OPTIONS_LOG_VERBOSITY, &none);
  set(session, SSH_OPTIONS_HOST, server.host.c_str());
  set(session, SSH_OPTIONS_PORT, &port);
  set(session, SSH_OPTIONS_USER, server.user.c_str());
  set(session, SSH_OPTIONS_KNOWNHOSTS, server.known_hosts.c_str());
  set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  return session;
}

/// libssh asks on the terminal when it is given no answer for an encrypted key.
int no_passphrase(const char*, char*, size_t, int, int, void*) { return -1; }

base::Result<Key> load_key(const Server& server) {
  auto text = sdk::read_secret(server.key_file);
  if (!text) return text.refusal();
  std::string passphrase;
  if (!server.passphrase_file.empty()) {
    auto read = sdk::read_secret_line(server.passphrase_file);
    if (!read) {
      base::wipe(*text);
      return read.refusal();
    }
    passphrase = std::move(*read);
  }
  ssh_key key = nullptr;
  const int loaded = ssh_pki_import_privkey_base64(text->c_str(), passphrase.empty() ? nullptr : passphrase.c_str(),
                                                   no_passphrase, nullptr, &key);
  base::wipe(*text);
  base::wipe(passphrase);
  if (loaded != SSH_OK)
    return base::refuse(base::RefusalCode::key_invalid, {},
                        {{"path", server.key_file.string()},
                         {"why", "not a private key of SSH, or its passphrase is wrong or missing"}});
  return Key(key, ssh_key_free);
}

/// "SHA256:...", as ssh-keygen -l shows it.
std::string fingerprint(ssh_session session) {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session, &raw) != SSH_OK) return {};
  const Key key(raw, ssh_key_free);
  unsigned char* hash = nullptr;
  std::size_t bytes = 0;
  if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &bytes) != SSH_OK) return {};
  char* const text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, bytes);
  ssh_clean_pubkey_hash(&hash);
  std::string shown = text == nullptr ? "" : text;
  ssh_string_free_char(text);
  return shown;
}

}  // namespace

base::Status check_key(const Server& server) {
  if (const auto key = load_key(server); !key) return key.refusal();
  return base::Done{};
}

base::Status check_known_hosts(const Server& server) {
  const auto& list = server.known_hosts;
  std::error_code error;
  if (!std::filesystem::is_regular_file(list, error))
    return base::refuse(base::RefusalCode::io_failed, {}, {{"path", list.string()}, {"why", "no such file"}});
  const Session session(new_session(server), ssh_free);
  if (ssh_session_has_known_hosts_entry(session.get()) == SSH_KNOWN_HOSTS_OK) return base::Done{};
  return base::refuse(base::RefusalCode::key_invalid, {},
                      {{"path", list.string()}, {"why", "it can not be read or has no key of this server"}});
}

SshConnection::SshConnection(const Server& server, Watchdog& watchdog)
    : server_(server), watchdog_(watchdog), session_(new_session(server)) {}

SshConnection::~SshConnection() {
  // A server that says nothing more is not waited for.
  watchdog_.allow(std::chrono::seconds(1));
  if (sftp_ != nullptr) sftp_free(sftp_);
  watchdog_.release();
  // libssh closes a socket that it was given when the line breaks, and leaves it otherwise. With none given it takes
  // the one that it has for its own; that it calls this wrong does not matter.
  const int none = -1;
  (void)ssh_options_set(session_, SSH_OPTIONS_FD, &none);
  ssh_disconnect(session_);
  ssh_free(session_);
  if (socket_ >= 0) ::close(socket_);
}

base::Refusal SshConnection::lost() const { return failed(watchdog_.fired() ? "timeout" : kConnectionLost); }

base::Result<std::unique_ptr<SshConnection>> SshConnection::open(const Server& server, Watchdog& watchdog) {
  std::unique_ptr<SshConnection> connection(new SshConnection(server, watchdog));
  if (auto established = connection->establish(); !established) return established.refusal();
  return connection;
}

base::Status SshConnection::establish() {
  const auto socket =
      connect_to(server_.host, server_.port, server_.connect_timeout, [this] { return watchdog_.interrupted(); });
  if (!socket) return socket.refusal();
  socket_ = *socket;
  const int given = ::fcntl(socket_, F_DUPFD_CLOEXEC, 0);
  if (given < 0) return failed("unreachable");
  set(session_, SSH_OPTIONS_FD, &given);
  // Later than the watchdog, which knows that it was the time.
  const long seconds = std::chrono::ceil<std::chrono::seconds>(2 * server_.timeout).count();
  set(session_, SSH_OPTIONS_TIMEOUT, &seconds);
  watchdog_.guard(socket_);
  watchdog_.allow(server_.timeout);
  if (ssh_connect(session_) != SSH_OK) return not_opened();
  if (auto known = check_host(); !known) return known;
  watchdog_.allow(server_.timeout);
  if (auto logged_in = log_in(); !logged_in) return logged_in;
  watchdog_.allow(server_.timeout);
  sftp_ = sftp_new(session_);
  if (sftp_ == nullptr || sftp_init(sftp_) != SSH_OK)
    return ssh_is_connected(session_) != 0 ? failed("no_sftp") : lost();
  watchdog_.rest();
  return base::Done{};
}

/// libssh offers only the kinds of keys that the known hosts have for this server, so a server with new keys of another
/// kind is found out here.
base::Refusal SshConnection::not_opened() const {
  const std::string_view said = ssh_get_error(session_);
  if (said.find("no match for method") == std::string_view::npos) return lost();
  base::log_error("no common method with the server", {{"host", server_.host}, {"port", server_.port}, {"why", said}});
  return failed(said.find("host key") == std::string_view::npos ? "no_common_method" : "host_key_changed");
}

/// Before anything of ours is said. Nobody is ever believed for the first time.
base::Status SshConnection::check_host() {
  const auto known = ssh_session_is_known_server(session_);
  if (known == SSH_KNOWN_HOSTS_OK) return base::Done{};
  const bool changed = known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER;
  base::log_error(changed ? "server shows another key than the known one" : "server is not among the known hosts",
                  {{"host", server_.host}, {"port", server_.port}, {"key", fingerprint(session_)}});
  return failed(changed ? "host_key_changed" : "host_key_unknown");
}

base::Status SshConnection::log_in() {
  const auto key = load_key(server_);
  if (!key) {
    base::log_error("private key can not be used", {{"why", key.refusal().english()}});
    return failed("key_unusable");
  }
  const int answer = ssh_userauth_publickey(session_, nullptr, key->get());
  if (answer == SSH_AUTH_SUCCESS) return base::Done{};
  if (answer == SSH_AUTH_ERROR && ssh_is_connected(session_) == 0) return lost();
  return failed("user_key_refused");
}

}  // namespace relais::sftp
