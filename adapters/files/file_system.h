// The few file operations of this adapter, with the guarantees it needs of them.
//
// Threads: any. Errors: `io.failed`; the fact "why" is one of the codes below and nothing else: a path may hold a name
// that the institution's software chose, and that name may be a person's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "broker/base/result.h"

namespace relais::files {

using Path = std::filesystem::path;

inline constexpr std::string_view kNoSpace = "no_space";
inline constexpr std::string_view kNoPermission = "no_permission";
inline constexpr std::string_view kNotThere = "not_there";
inline constexpr std::string_view kExists = "exists";
inline constexpr std::string_view kOtherFileSystem = "other_file_system";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kNotAFile = "not_a_file";
inline constexpr std::string_view kChanging = "changing";

/// The code of an `io.failed` of this header; "errno_N" for what has no word of its own.
std::string why(const base::Refusal& refusal);

/// Two equal stamps: the file was not written in between.
struct Stamp {
  ino_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct Entry {
  std::string name;
  bool regular = false;  // false: folder, link, pipe, ...
  Stamp stamp;
};

/// What the folder holds, in the order of the names, without "." and "..". Files that go away meanwhile are left out.
base::Result<std::vector<Entry>> list_folder(const Path& folder);

/// Regular files only; links are not followed.
base::Result<Stamp> stamp_of(const Path& file);

bool is_there(const Path& path);

/// The whole of a regular file. `too_large` beyond `bytes_max`; `changing` when it was written while it was read.
base::Result<std::string> read_file(const Path& file, std::uint64_t bytes_max);

/// True when some process of this machine still holds the file open for writing. False also when nobody can tell
/// (network file systems, files of another owner).
bool open_for_writing(const Path& file);

/// A new file, on the disk when this answers (its name too, with sync_folder). `exists`: nothing was touched. After any
/// other error nothing is left behind.
base::Status write_new_file(const Path& file, std::string_view bytes);

/// A file of ours that comes in pieces. Closed when it goes out of life; on the disk only once finish() answered.
class GrowingFile {
 public:
  /// Goes on after `from` bytes; what stands behind them is cut off. Made when it is not there.
  static base::Result<GrowingFile> open(const Path& file, std::uint64_t from);
  GrowingFile(GrowingFile&& other) noexcept;
  GrowingFile& operator=(GrowingFile&&) = delete;
  ~GrowingFile();

  base::Status write(std::string_view bytes);
  base::Status finish();

 private:
  explicit GrowingFile(int number) : number_(number) {}
  int number_;
};

/// Within one file system. Never replaces: `exists`.
base::Status move_file(const Path& from, const Path& to);

/// What is not there is removed already.
base::Status remove_file(const Path& file);

/// What is there already is made already. The folders above must exist.
base::Status make_folder(const Path& folder);

/// Only when empty: otherwise nothing happens.
void remove_empty_folder(const Path& folder);

/// The names in this folder survive a power failure.
base::Status sync_folder(const Path& folder);

/// The number of the file system that a folder is on.
base::Result<dev_t> file_system_of(const Path& folder);

}  // namespace relais::files
