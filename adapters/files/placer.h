// Puts finished files into `out` and `rejects`, each exactly once, whenever the process is killed.
//
// How: the bytes go to `work/temporary` and are synced; an intent is noted; the files are renamed; then, in one atomic
// write, the intent is forgotten and what the caller wanted noted is noted. After a restart a temporary file that is
// still there is renamed, one that is gone was renamed (the software may have taken the file away already).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapters/files/folders.h"
#include "adapters/sdk/local_store.h"

namespace relais::files {

enum class Target { out, rejects };

struct Placement {
  Target target = Target::out;
  std::string name;  // final; of our making: counters and ids only
  std::string bytes;
};

/// One per institution, on its thread. `store` and `folders` outlive it.
class Placer {
 public:
  Placer(sdk::LocalStore& store, const Folders& folders, const std::string& institution);

  /// In this order, so that a marker may come after its file. `done` is noted once all are in place. Refused while an
  /// earlier intent is not finished. After an error: either nothing happened, or finish() will complete it.
  base::Status place(const std::vector<Placement>& placements, const sdk::Notes& done);

  /// Completes what an earlier place() or process left. `exists`: a file of that name is in the way until somebody
  /// takes it; nothing is ever replaced.
  base::Status finish();

  /// Temporary files that no intent speaks of: of a process that was killed before it noted one.
  void remove_leftovers();

  /// A number that no file of ours had before; durable once a place() with it in a name has answered.
  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
  void use_number() { ++next_number_; }

 private:
  [[nodiscard]] Path target_of(const std::string& folder) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> intents() const;
  base::Status carry_out(const std::string& key, const std::string& packed);

  sdk::LocalStore& store_;
  const Folders& folders_;
  const std::string intents_;  // prefix of keys
  const std::string number_key_;
  std::uint64_t next_number_ = 1;
};

}  // namespace relais::files
