#include "adapters/files/file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace relais::files {

namespace {

constexpr mode_t kFileMode = 0660;  // less the umask: the service's configuration decides who else may read
constexpr mode_t kFolderMode = 0770;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] bool good() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

  /// Network file systems tell of a failed write only here.
  int close() {
    const int answer = ::close(number_);
    number_ = -1;
    return answer;
  }

 private:
  int number_;
};

std::string word(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return std::string(kNoSpace);
    case EACCES:
    case EPERM:
    case EROFS:
      return std::string(kNoPermission);
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
      return std::string(kNotThere);
    case EEXIST:
      return std::string(kExists);
    case EXDEV:
      return std::string(kOtherFileSystem);
    case ELOOP:
      return std::string(kNotAFile);
    default:
      return "errno_" + std::to_string(error);
  }
}

base::Refusal failed(std::string reason) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"why", std::move(reason)}});
}
base::Refusal failed(int error) { return failed(word(error)); }

Stamp stamp_from(const struct stat& status) {
  return {status.st_ino, static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

base::Result<Stamp> stamp_of_open(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return failed(errno);
  if (!S_ISREG(status.st_mode)) return failed(std::string(kNotAFile));
  return stamp_from(status);
}

/// 0 or the error.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// For file systems that have no rename without replacement.
base::Status move_by_link(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) {
    if (::unlink(from.c_str()) != 0) return failed(errno);
    return base::Done{};
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return failed(errno);
  // No hard links either (CIFS, FAT): the names are ours and carry a counter, so nobody else makes the same one.
  if (is_there(to)) return failed(EEXIST);
  if (::rename(from.c_str(), to.c_str()) != 0) return failed(errno);
  return base::Done{};
}

}  // namespace

std::string why(const base::Refusal& refusal) {
  const auto fact = std::ranges::find(refusal.facts, std::string_view("why"), [](const auto& f) { return f.first; });
  return fact == refusal.facts.end() ? std::string(refusal.name()) : fact->second;
}

base::Result<std::vector<Entry>> list_folder(const Path& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), [](DIR* d) { return ::closedir(d); });
  if (!open) return failed(errno);
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* const found = ::readdir(open.get());
    if (found == nullptr) break;
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    struct stat status {};
    if (::fstatat(::dirfd(open.get()), found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    entries.push_back({std::string(name), S_ISREG(status.st_mode), stamp_from(status)});
  }
  if (errno != 0) return failed(errno);
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

base::Result<Stamp> stamp_of(const Path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return failed(errno);
  if (!S_ISREG(status.st_mode)) return failed(std::string(kNotAFile));
  return stamp_from(status);
}

bool is_there(const Path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

base::Result<std::string> read_file(const Path& file, std::uint64_t bytes_max) {
  // Without O_NONBLOCK a pipe dropped into the folder would hold this thread for ever.
  const Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!open.good()) return failed(errno);
  const auto before = stamp_of_open(open);
  if (!before) return before.refusal();
  if (before->bytes > bytes_max) return failed(std::string(kTooLarge));
  std::string bytes(before->bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(open.number(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) return failed(std::string(kChanging));
    filled += static_cast<std::size_t>(got);
  }
  const auto after = stamp_of_open(open);
  if (!after) return after.refusal();
  if (*before != *after) return failed(std::string(kChanging));
  return bytes;
}

bool open_for_writing(const Path& file) {
  const Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!open.good()) return false;
  // Who opens the file for writing during the lease makes the kernel send a signal, SIGIO unless we say otherwise, and
  // that would end the process; SIGURG is ignored by default.
  ::fcntl(open.number(), F_SETSIG, SIGURG);
  // The kernel refuses a read lease while anybody holds the file open for writing.
  if (::fcntl(open.number(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(open.number(), F_SETLEASE, F_UNLCK);
  return false;
}

base::Status write_new_file(const Path& file, std::string_view bytes) {
  Descriptor open(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!open.good()) return failed(errno);
  int error = write_all(open.number(), bytes);
  if (error == 0 && ::fsync(open.number()) != 0) error = errno;
  if (open.close() != 0 && error == 0) error = errno;
  if (error == 0) return base::Done{};
  ::unlink(file.c_str());
  return failed(error);
}

base::Result<GrowingFile> GrowingFile::open(const Path& file, std::uint64_t from) {
  GrowingFile grown(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (grown.number_ < 0) return failed(errno);
  const auto end = static_cast<off_t>(from);
  if (::ftruncate(grown.number_, end) != 0 || ::lseek(grown.number_, end, SEEK_SET) != end) return failed(errno);
  return grown;
}

GrowingFile::GrowingFile(GrowingFile&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

GrowingFile::~GrowingFile() {
  if (number_ >= 0) ::close(number_);
}

base::Status GrowingFile::write(std::string_view bytes) {
  if (const int error = write_all(number_, bytes); error != 0) return failed(error);
  return base::Done{};
}

base::Status GrowingFile::finish() {
  int error = ::fsync(number_) == 0 ? 0 : errno;
  if (::close(std::exchange(number_, -1)) != 0 && error == 0) error = errno;
  if (error != 0) return failed(error);
  return base::Done{};
}

base::Status move_file(const Path& from, const Path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return base::Done{};
  if (errno == EINVAL || errno == ENOSYS) return move_by_link(from, to);
  return failed(errno);
}

base::Status remove_file(const Path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failed(errno);
  return base::Done{};
}

base::Status make_folder(const Path& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return failed(errno);
  return base::Done{};
}

void remove_empty_folder(const Path& folder) { ::rmdir(folder.c_str()); }

base::Status sync_folder(const Path& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open.good()) return failed(errno);
  // EINVAL: this file system has nothing to sync for a folder.
  if (::fsync(open.number()) != 0 && errno != EINVAL) return failed(errno);
  return base::Done{};
}

base::Result<dev_t> file_system_of(const Path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return failed(errno);
  if (!S_ISDIR(status.st_mode)) return failed(std::string(kNotThere));
  return status.st_dev;
}

}  // namespace relais::files
