// Files taken out of the folder `in`, each into a folder of its own below `work`: from then on nobody else moves them,
// and a restart finds them again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/arrival.h"
#include "adapters/files/folders.h"
#include "broker/base/clock.h"

namespace relais::files {

/// `id` ("20261123-215811-123001", UTC to the microsecond) names the file wherever people other than its owner may
/// look: the software's own name for it may be a person's. The order of the ids is that of the claims.
struct Claim {
  std::string id;
  std::string name;  // as the software called it
  Path file;
};

/// Gives each claim a later id than the one before. One per institution.
class ClaimIds {
 public:
  std::string next(base::Instant now);

 private:
  std::int64_t last_us_ = 0;
};

/// Takes a complete file, and its marker with it. Killed at any instant: the file is either still in `in` (with its
/// marker, or with the claim knowing that it had one), or claimed. `not_there`: somebody else took it; nothing
/// happened.
base::Result<Claim> claim_file(const Folders& folders, const CompleteFile& file, const std::string& id);

/// All claims not left yet, oldest first; half-made ones are finished or undone, or stay for the next call.
base::Result<std::vector<Claim>> find_claims(const Folders& folders);

/// `archive/YYYY-MM-DD`, the day of the claim.
Path archive_folder(const Folders& folders, const Claim& claim);

/// To `ID-NAME` in the archive folder of its day, then forgets the claim. Repeating it is harmless.
base::Status archive_claim(const Folders& folders, const Claim& claim);

/// The file itself to `rejects/ID-NAME`, then forgets the claim.
base::Status reject_claim(const Folders& folders, const Claim& claim);

}  // namespace relais::files
