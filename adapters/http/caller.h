// Calls another program by HTTP and waits for its answer. The only file with a client in it is its .cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/result.h"

namespace relais::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Call {
  std::string method;  // GET, POST, ...
  std::string path;    // with its parameters, at least "/"
  Headers headers;
  std::string body;
};

struct CallAnswer {
  int status = 0;
  Headers headers;
  std::string body;
  bool cut = false;  // it is longer than answer_bytes_max: this is its first part

  /// Of the first with this name, capitals do not matter; empty when there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

struct CallerOptions {
  std::string origin;             // "https://logiciel.ccas.example:8443"
  std::filesystem::path ca_file;  // empty: the system's
  std::chrono::milliseconds timeout{20'000};
  std::size_t answer_bytes_max = std::size_t{256} << 10;
};

/// Redirections are not followed. Threads: call() on one thread at a time; stop() on any. An interface so that what
/// follows an answer can be tested alone.
class Caller {
 public:
  virtual ~Caller() = default;

  /// io.failed without a whole answer; `why` is a code: away, timeout, tls, stopped, broken.
  virtual base::Result<CallAnswer> call(const Call& call) = 0;

  /// Ends a call() that waits, soon; later ones fail at once.
  virtual void stop() = 0;
};

std::unique_ptr<Caller> new_caller(CallerOptions options);

}  // namespace relais::http
