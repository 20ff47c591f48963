// From the folders `out` and `rejects` of this machine to those of the server.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/files/exchange_config.h"
#include "adapters/files/post.h"
#include "adapters/sftp/faults.h"
#include "adapters/sftp/remote.h"
#include "adapters/sftp/route.h"

namespace relais::sftp {

/// One per route, on its thread; everything given outlives it.
///
/// Killed at any instant, it brings each file once: it notes a name that nobody else uses; writes under it; notes that
/// the file is complete there; renames; removes the file here; forgets the note. A file noted as complete that has lost
/// that name on the server was renamed, whether or not the software has taken it away since.
class Sender {
 public:
  Sender(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route, Remote& remote);

  /// True: there is more to bring at once. Stops early when the line is gone.
  bool work(Faults& faults);

  [[nodiscard]] std::uint64_t brought() const { return brought_; }

 private:
  struct Way {
    std::string place;  // "out"
    Path here;
    std::string there;
    std::string notes;  // prefix of keys
  };

  /// An attempt to bring one file.
  struct Attempt {
    std::string unfinished;  // name on the server
    bool complete = false;   // there, under that name, or renamed
  };

  bool bring_all(const Way& way, Faults& faults);
  base::Status bring(const Way& way, const std::string& name);
  [[nodiscard]] std::optional<Attempt> noted(const Way& way, const std::string& name) const;
  base::Result<Attempt> upload(const Way& way, const std::string& name, std::string_view bytes);
  base::Status rename(const Way& way, const Attempt& attempt, const std::string& name, std::string_view bytes);
  base::Status forget(const Way& way, const std::string& name);
  void forget_left(const Way& way);
  base::Result<bool> holds(const std::string& file, std::string_view bytes);

  sdk::LocalStore& store_;
  Remote& remote_;
  std::vector<Way> ways_;
  std::uint64_t brought_ = 0;
};

}  // namespace relais::sftp
