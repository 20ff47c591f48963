// The operators' HTTP API on a loopback port: health, metrics, and under /api/v1 what relaisctl and the console use.
//
//   GET  /health        200 while the process works; 503 when the journal can not be written
//   GET  /ready         200 when submissions are taken; 503 with the reason while draining, without a network, disk
//   full GET  /metrics       Prometheus text GET  /api/v1/...    JSON; needs "Authorization: Bearer TOKEN", the content
//   of the token file
//
// No answer holds a content: the broker has none.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "broker/admin/sources.h"
#include "broker/base/result.h"

namespace relais::admin {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 5580;  // 0: any free one
  std::string token;
};

/// Main thread; requests are served on a small pool of threads of its own.
/// Life: start() and stop() are idempotent.
class Server {
 public:
  Server(ServerConfig config, Sources sources);
  ~Server();

  /// io.failed when the port can not be bound.
  base::Status start();
  void stop();

  [[nodiscard]] int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads the token in `file`, or makes one (32 random bytes in hexadecimal, mode 0600). key.file_mode, io.failed.
base::Result<std::string> read_or_make_token(const std::filesystem::path& file);

}  // namespace relais::admin
