// Where an outgoing webhook goes, and how it is sent.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/answer_judge.h"
#include "adapters/http/caller.h"
#include "broker/base/result.h"

namespace relais::http {

struct Target {
  std::string origin;  // "https://logiciel.ccas.example:8443"
  std::string path;    // "/relais/evenements?x=1", at least "/"
  bool secure = false;
  bool loopback = false;
};

/// Of "http://..." or "https://...", without user, password and fragment. Empty for anything else.
std::optional<Target> read_target(std::string_view url);

/// 127.0.0.0/8, ::1 and localhost.
bool is_loopback(std::string_view host);

struct PosterOptions {
  Target target;
  std::filesystem::path ca_file;  // empty: the system's
  std::chrono::milliseconds timeout{20'000};
};

/// Sends a POST and waits for the answer. Redirections are not followed.
/// Threads: post() on one thread; stop() on any. An interface so that what follows an answer can be tested alone.
class Poster {
 public:
  virtual ~Poster() = default;

  /// io.failed without a whole answer; `why` is a code: away, timeout, tls, broken.
  virtual base::Result<SoftwareAnswer> post(const Headers& headers, const std::string& body) = 0;

  /// Ends a post() that waits, soon; later ones fail at once.
  virtual void stop() = 0;
};

std::unique_ptr<Poster> new_poster(const PosterOptions& options);

}  // namespace relais::http
