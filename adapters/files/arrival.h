// When a file in the folder `in` is complete. Pure: what the folder holds and the time go in, names come out.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/file_system.h"

namespace relais::files {

using SteadyTime = std::chrono::steady_clock::time_point;

/// stable: size and time of change stay the same for `stable_for`, as seen by this process.
/// marker: a companion file says so: NAME + suffix, or NAME with its extension replaced by the suffix. A marker older
///         than its file belongs to an earlier one; then the file must be stable too.
/// rename: the software writes under an ignored name and renames; every other name is complete.
enum class CompleteWhen { stable, marker, rename };

struct ArrivalPolicy {
  CompleteWhen when = CompleteWhen::stable;
  std::chrono::milliseconds stable_for{2'000};
  std::vector<std::string> markers{".ok", ".fin"};
  std::vector<std::string> ignored{".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~"};
};

/// Names that start with a dot and those that end like one of `ignored` are nobody's yet; capitals do not matter.
bool is_ignored(const ArrivalPolicy& policy, std::string_view name);

struct CompleteFile {
  std::string name;
  std::string marker;  // its name; empty when there is none
  Stamp stamp;
};

struct Arrivals {
  std::vector<CompleteFile> complete;    // oldest first; of those equally old, 9.csv before 10.csv
  std::size_t waiting = 0;               // files that are not complete yet
  std::size_t lone_markers = 0;          // markers without their file
  std::size_t strange = 0;               // links, pipes, sockets: never opened
  std::optional<SteadyTime> look_again;  // when a waiting file may be complete without any further sign
};

/// Remembers since when each file looks the same. One per folder; the owner's thread.
class ArrivalJudge {
 public:
  explicit ArrivalJudge(ArrivalPolicy policy) : policy_(std::move(policy)) {}

  Arrivals judge(std::span<const Entry> entries, SteadyTime now);

 private:
  struct Seen {
    Stamp stamp;
    SteadyTime since;
  };
  [[nodiscard]] bool stable(const Entry& entry, SteadyTime now);

  ArrivalPolicy policy_;
  std::map<std::string, Seen> seen_;
};

}  // namespace relais::files
