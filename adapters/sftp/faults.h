// What stands in the way, for the log and the health page.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "broker/base/refusal.h"

namespace relais::sftp {

/// Codes only: no name of a file.
struct Fault {
  std::string
      place;  // "server", "server.in", "server.out", "server.archive", "server.rejects", "in", "out", "work", ...
  std::string why;

  friend auto operator<=>(const Fault&, const Fault&) = default;
};

using Faults = std::set<Fault>;

void note(Faults& faults, std::string_view place, const base::Refusal& refusal);

}  // namespace relais::sftp
