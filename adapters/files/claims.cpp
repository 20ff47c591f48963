#include "adapters/files/claims.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace relais::files {

namespace {

constexpr std::size_t kIdBytes = 22;  // "20261123-215811-123001"

Path folder_of(const Folders& folders, std::string_view id) { return folders.claims() / id; }
Path file_folder(const Folders& folders, std::string_view id) { return folder_of(folders, id) / "file"; }
Path marker_folder(const Folders& folders, std::string_view id) { return folder_of(folders, id) / "marker"; }

/// The only name in a folder; empty when there is none.
std::string only_name(const Path& folder) {
  const auto entries = list_folder(folder);
  return entries && !entries->empty() ? entries->front().name : std::string();
}

base::Status make_claim_folder(const Folders& folders, std::string_view id) {
  for (const auto& folder : {folder_of(folders, id), file_folder(folders, id), marker_folder(folders, id)})
    if (auto made = make_folder(folder); !made) return made;
  return base::Done{};
}

void forget(const Folders& folders, std::string_view id) {
  if (const auto marker = only_name(marker_folder(folders, id)); !marker.empty())
    (void)remove_file(marker_folder(folders, id) / marker).ok();
  remove_empty_folder(marker_folder(folders, id));
  remove_empty_folder(file_folder(folders, id));
  remove_empty_folder(folder_of(folders, id));
}

base::Result<Claim> take(const Folders& folders, std::string id, const std::string& name) {
  auto file = file_folder(folders, id) / name;
  if (const auto moved = move_file(folders.in / name, file); !moved) return moved.refusal();
  // Else a power failure could put the file back into `in`, to be taken for a second one.
  if (const auto synced = sync_folder(file_folder(folders, id)); !synced) return synced.refusal();
  return Claim{std::move(id), name, std::move(file)};
}

base::Status leave(const Folders& folders, const Claim& claim, const Path& to) {
  if (auto moved = move_file(claim.file, to / fitted_name(claim.id + "-", claim.name)); !moved) {
    if (why(moved.refusal()) != kNotThere || !is_there(to / fitted_name(claim.id + "-", claim.name))) return moved;
  }
  if (auto synced = sync_folder(to); !synced) return synced;
  forget(folders, claim.id);
  return base::Done{};
}

}  // namespace

std::string ClaimIds::next(base::Instant now) {
  constexpr std::int64_t kSecond = 1'000'000;
  last_us_ = std::max(base::to_ms(now) * 1'000, last_us_ + 1);
  return fmt::format("{:%Y%m%d-%H%M%S}-{:06}", fmt::gmtime(last_us_ / kSecond), last_us_ % kSecond);
}

base::Result<Claim> claim_file(const Folders& folders, const CompleteFile& file, const std::string& id) {
  if (const auto made = make_claim_folder(folders, id); !made) return made.refusal();
  // The marker first, under the name of its file: found alone, it says that the file was complete. The other way round
  // a marker could stay behind and declare the next file of that name complete before its time.
  if (!file.marker.empty()) {
    if (const auto moved = move_file(folders.in / file.marker, marker_folder(folders, id) / file.name); !moved) {
      forget(folders, id);
      return moved.refusal();
    }
  }
  auto claim = take(folders, id, file.name);
  if (!claim && why(claim.refusal()) == kNotThere) forget(folders, id);
  return claim;
}

base::Result<std::vector<Claim>> find_claims(const Folders& folders) {
  const auto entries = list_folder(folders.claims());
  if (!entries) return entries.refusal();
  std::vector<Claim> claims;
  for (const auto& entry : *entries) {
    const auto& id = entry.name;
    if (id.size() != kIdBytes) continue;  // not of our making
    if (const auto name = only_name(file_folder(folders, id)); !name.empty()) {
      claims.push_back({id, name, file_folder(folders, id) / name});
      continue;
    }
    const auto announced = only_name(marker_folder(folders, id));
    if (!announced.empty() && is_there(folders.in / announced)) {
      if (auto claim = take(folders, id, announced)) claims.push_back(std::move(*claim));
      continue;
    }
    forget(folders, id);
  }
  return claims;
}

Path archive_folder(const Folders& folders, const Claim& claim) {
  return folders.archive / fmt::format("{}-{}-{}", claim.id.substr(0, 4), claim.id.substr(4, 2), claim.id.substr(6, 2));
}

base::Status archive_claim(const Folders& folders, const Claim& claim) {
  const auto folder = archive_folder(folders, claim);
  if (auto made = make_folder(folder); !made) return made;
  return leave(folders, claim, folder);
}

base::Status reject_claim(const Folders& folders, const Claim& claim) { return leave(folders, claim, folders.rejects); }

}  // namespace relais::files
