// Files being fetched bear a name of ours on the server, beside the others: a claim. What the name says is all that a
// restart must know.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relais::sftp {

/// A file, or the marker that came with it, taken by renaming. Names begin with a dot, so that programs that list the
/// folder pass over them.
struct ClaimName {
  enum class What { file, marker };

  What what = What::file;
  std::string id;    // of files::ClaimIds
  std::string name;  // of the file, as the software called it

  friend bool operator==(const ClaimName&, const ClaimName&) = default;
};

/// The longest name that a claim can carry.
inline constexpr std::size_t kClaimedNameBytesMax = 255 - 33;

std::string text(const ClaimName& claim);

/// Empty when it is none.
std::optional<ClaimName> claim_name(std::string_view text);

/// What a file of ours is called on the server until it is complete. A new one for each attempt: a server that was
/// stopped and goes on may still carry out the last word of an attempt that was given up.
std::string new_unfinished_name();

}  // namespace relais::sftp
