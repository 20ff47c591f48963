// The operators' HTTP API and the console's files: on a loopback port, or by TLS on any.
//
//   GET /health        200 while the process works; 503 when the journal can not be written
//   GET /ready         200 when submissions are taken; 503 with the reason while draining, without a network, disk full
//   GET /metrics       Prometheus text
//   GET /openapi.json  what is under /api/v1
//   GET /console/      the web console: files only; it asks /api/v1 like anybody else
//   /api/v1/...        JSON; for whoever logged in and has a role that may (permissions.h), or holds the token:
//                      "Authorization: Bearer TOKEN", the content of the token file, on the loopback port alone
//
// No answer holds a content: the broker has none. Requests that a page of another site lets a browser make are refused.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "broker/access/access_config.h"
#include "broker/admin/sources.h"
#include "broker/base/result.h"

namespace relais::admin {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 5580;  // 0: any free one
  std::string token;
  std::filesystem::path tls_certificate =
      {};                              // with both, the port speaks TLS, and another one, on 127.0.0.1, does not:
  std::filesystem::path tls_key = {};  // for relaisctl and whoever else holds the token
  std::string public_address = {};     // as browsers know it, when not by the host
  bool behind_proxy = false;
  access::AccessConfig access = {};
};

/// Main thread; requests are served on a small pool of threads of its own.
/// Life: start() and stop() are idempotent.
class Server {
 public:
  Server(ServerConfig config, Sources sources);
  ~Server();

  /// io.failed when the port can not be bound; key.* when TLS can not be spoken with these files.
  base::Status start();
  void stop();

  [[nodiscard]] int port() const;

  /// Where the token is taken: "http://127.0.0.1:5580".
  [[nodiscard]] std::string local_address() const;

  /// "GET /api/v1/status" for each route that openapi.json describes.
  [[nodiscard]] std::vector<std::string> paths() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads the token in `file`, or makes one (32 random bytes in hexadecimal, mode 0600). key.file_mode, io.failed.
base::Result<std::string> read_or_make_token(const std::filesystem::path& file);

}  // namespace relais::admin
