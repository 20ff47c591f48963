// What the adapter does with files on the institution's server. An interface so that the two ways can be tried without
// one, broken off at every step.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/file_system.h"
#include "broker/base/result.h"

namespace relais::sftp {

using files::Path;
using files::Stamp;

inline constexpr std::string_view kConnectionLost = "connection_lost";
inline constexpr std::string_view kServerFailure = "server_failure";  // the protocol has no word for what is wrong

/// `io.failed` with this code as its fact "why", as files::why() reads it.
base::Refusal failed(std::string_view why);

struct Listing {
  std::vector<files::Entry> entries;  // by name; without "." and ".."; inode 0, times in whole seconds
  std::size_t impossible = 0;         // names with a / or none at all: no honest server says so
  bool whole = true;                  // false: the folder holds more
};

/// Threads: interrupt() any, the rest the owner's. Errors: the codes of files/file_system.h and those above. After one,
/// connected() tells whether the server spoke or the line is gone.
class Remote {
 public:
  virtual ~Remote() = default;

  /// Nothing when there is a connection. Each fault of the way to the server has a code of its own (README.md).
  virtual base::Status connect() = 0;
  [[nodiscard]] virtual bool connected() const = 0;
  /// Breaks off what is going on, now and whatever follows.
  virtual void interrupt() = 0;

  virtual base::Result<Listing> list(const std::string& folder, std::size_t entries_max) = 0;
  [[nodiscard]] virtual base::Status look_at_folder(const std::string& folder) = 0;
  /// Regular files only; links are not followed.
  virtual base::Result<Stamp> stamp_of(const std::string& file) = 0;
  /// That we may read it.
  virtual base::Status try_to_read(const std::string& file) = 0;

  /// From the byte `from` to the end. A refusal of `take` ends it.
  using Take = std::function<base::Status(std::string_view bytes)>;
  virtual base::Status fetch(const std::string& file, std::uint64_t from, const Take& take) = 0;

  /// Makes the file or replaces it. When this answers, the server holds so many bytes, on its disk if it offers that.
  virtual base::Status put(const std::string& file, std::string_view bytes) = 0;

  /// Never replaces: `exists`.
  virtual base::Status move(const std::string& from, const std::string& to) = 0;

  /// What is not there is removed already.
  virtual base::Status remove(const std::string& file) = 0;
};

/// `folder`/`name`; the server's root and "." are folders, too.
std::string below(const std::string& folder, std::string_view name);

}  // namespace relais::sftp
