#include "adapters/sftp/sftp_remote.h"

#include <algorithm>
#include <array>
#include <fcntl.h>

#include <libssh/libssh.h>
#include <libssh/sftp.h>

namespace relais::sftp {

namespace {

constexpr mode_t kFileMode = 0660;  // less the server's umask
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kWriteBytes = std::size_t{32} << 10;  // what every server must take
constexpr const char* kSyncExtension = "fsync@openssh.com";
constexpr const char* kSpaceExtension = "statvfs@openssh.com";

using File = std::unique_ptr<sftp_file_struct, int (*)(sftp_file)>;
using Folder = std::unique_ptr<sftp_dir_struct, int (*)(sftp_dir)>;
using Attributes = std::unique_ptr<sftp_attributes_struct, void (*)(sftp_attributes)>;

std::string_view word(int status) {
  switch (status) {
    case SSH_FX_NO_SUCH_FILE:
    case SSH_FX_NO_SUCH_PATH:
      return files::kNotThere;
    case SSH_FX_PERMISSION_DENIED:
    case SSH_FX_WRITE_PROTECT:
      return files::kNoPermission;
    case SSH_FX_FILE_ALREADY_EXISTS:
      return files::kExists;
    default:
      return kServerFailure;
  }
}

Stamp stamp_from(const sftp_attributes_struct& attributes) {
  return {0, attributes.size, std::int64_t{attributes.mtime} * 1'000'000'000};
}

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace

/// One question to the server and its answer: as long as this lives, the watchdog counts.
class SftpRemote::Step {
 public:
  explicit Step(SftpRemote& remote) : remote_(remote) { again(); }
  ~Step() { remote_.watchdog_.rest(); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  /// The server answered: the time begins anew.
  void again() { remote_.watchdog_.allow(remote_.server_.timeout); }

 private:
  SftpRemote& remote_;
};

base::Status SftpRemote::connect() {
  if (connected()) return base::Done{};
  connection_.reset();
  lost_ = false;
  auto opened = SshConnection::open(server_, watchdog_);
  if (!opened) return opened.refusal();
  connection_ = std::move(*opened);
  return base::Done{};
}

base::Refusal SftpRemote::why_failed() {
  // A refusal of the server's is a "request denied" to libssh; whatever else happened, the line can not be trusted.
  if (ssh_get_error_code(connection_->session()) == SSH_REQUEST_DENIED && !watchdog_.fired())
    return failed(word(sftp_get_error(connection_->sftp())));
  const bool late = watchdog_.fired();
  watchdog_.shut_down();
  lost_ = true;
  return failed(late ? "timeout" : kConnectionLost);
}

base::Refusal SftpRemote::why_not_written(const std::string& file, std::size_t bytes) {
  auto refusal = why_failed();
  if (!connected() || files::why(refusal) != kServerFailure) return refusal;
  if (sftp_extension_supported(connection_->sftp(), kSpaceExtension, "2") == 0) return refusal;
  const std::unique_ptr<sftp_statvfs_struct, void (*)(sftp_statvfs_t)> space(
      sftp_statvfs(connection_->sftp(), folder_of(file).c_str()), sftp_statvfs_free);
  if (!space) {
    const auto lost = why_failed();
    return connected() ? refusal : lost;
  }
  if (space->f_bavail * space->f_frsize < bytes || (space->f_files != 0 && space->f_favail == 0))
    return failed(files::kNoSpace);
  return refusal;
}

base::Result<Listing> SftpRemote::list(const std::string& folder, std::size_t entries_max) {
  Step step(*this);
  const Folder open(sftp_opendir(connection_->sftp(), folder.c_str()), sftp_closedir);
  if (!open) return why_failed();
  Listing listing;
  for (;;) {
    step.again();
    const Attributes entry(sftp_readdir(connection_->sftp(), open.get()), sftp_attributes_free);
    if (!entry) break;
    const std::string_view name = entry->name == nullptr ? "" : entry->name;
    if (name == "." || name == "..") continue;
    if (listing.entries.size() == entries_max) {
      listing.whole = false;
      break;
    }
    if (name.empty() || name.find('/') != std::string_view::npos)
      ++listing.impossible;
    else
      listing.entries.push_back({std::string(name), entry->type == SSH_FILEXFER_TYPE_REGULAR, stamp_from(*entry)});
  }
  if (listing.whole && sftp_dir_eof(open.get()) == 0) return why_failed();
  std::ranges::sort(listing.entries, {}, &files::Entry::name);
  return listing;
}

base::Status SftpRemote::look_at_folder(const std::string& folder) {
  const Step step(*this);
  const Attributes found(sftp_stat(connection_->sftp(), folder.c_str()), sftp_attributes_free);
  if (!found) return why_failed();
  if (found->type != SSH_FILEXFER_TYPE_DIRECTORY) return failed(files::kNotThere);
  return base::Done{};
}

base::Result<Stamp> SftpRemote::stamp_of(const std::string& file) {
  const Step step(*this);
  const Attributes found(sftp_lstat(connection_->sftp(), file.c_str()), sftp_attributes_free);
  if (!found) return why_failed();
  if (found->type != SSH_FILEXFER_TYPE_REGULAR) return failed(files::kNotAFile);
  return stamp_from(*found);
}

base::Status SftpRemote::try_to_read(const std::string& file) {
  const Step step(*this);
  const File open(sftp_open(connection_->sftp(), file.c_str(), O_RDONLY, 0), sftp_close);
  if (!open) return why_failed();
  return base::Done{};
}

base::Status SftpRemote::fetch(const std::string& file, std::uint64_t from, const Take& take) {
  Step step(*this);
  const File open(sftp_open(connection_->sftp(), file.c_str(), O_RDONLY, 0), sftp_close);
  if (!open) return why_failed();
  if (sftp_seek64(open.get(), from) != 0) return why_failed();
  std::string part(kReadBytes, '\0');
  for (;;) {
    const auto got = sftp_read(open.get(), part.data(), part.size());
    if (got < 0) return why_failed();
    if (got == 0) return base::Done{};
    step.again();
    if (auto taken = take(std::string_view(part).substr(0, static_cast<std::size_t>(got))); !taken) return taken;
  }
}

base::Status SftpRemote::put(const std::string& file, std::string_view bytes) {
  Step step(*this);
  File open(sftp_open(connection_->sftp(), file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, kFileMode), sftp_close);
  if (!open) return why_not_written(file, bytes.size());
  for (auto rest = bytes; !rest.empty();) {
    const auto part = rest.substr(0, kWriteBytes);
    const auto written = sftp_write(open.get(), part.data(), part.size());
    if (written <= 0) return why_not_written(file, rest.size());
    rest.remove_prefix(static_cast<std::size_t>(written));
    step.again();
  }
  if (sftp_extension_supported(connection_->sftp(), kSyncExtension, "1") != 0 && sftp_fsync(open.get()) != SSH_OK)
    return why_not_written(file, bytes.size());
  step.again();
  // Some servers tell of a failed write only here.
  if (sftp_close(open.release()) != SSH_OK) return why_not_written(file, bytes.size());
  const auto stamp = stamp_of(file);
  if (!stamp) return stamp.refusal();
  return stamp->bytes == bytes.size() ? base::Status(base::Done{}) : failed(kServerFailure);
}

base::Status SftpRemote::move(const std::string& from, const std::string& to) {
  const Step step(*this);
  // Where the server offers it, libssh asks for the rename that replaces: it is the one that is atomic everywhere.
  if (const Attributes there(sftp_lstat(connection_->sftp(), to.c_str()), sftp_attributes_free); there)
    return failed(files::kExists);
  if (auto refusal = why_failed(); files::why(refusal) != files::kNotThere) return refusal;
  if (sftp_rename(connection_->sftp(), from.c_str(), to.c_str()) == SSH_OK) return base::Done{};
  return why_failed();
}

base::Status SftpRemote::remove(const std::string& file) {
  const Step step(*this);
  if (sftp_unlink(connection_->sftp(), file.c_str()) == SSH_OK) return base::Done{};
  auto refusal = why_failed();
  if (files::why(refusal) == files::kNotThere) return base::Done{};
  return refusal;
}

}  // namespace relais::sftp
