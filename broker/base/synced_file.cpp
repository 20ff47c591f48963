#include "broker/base/synced_file.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace relais::base {

int write_synced(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

int sync_folder(const std::filesystem::path& folder) {
  const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return errno;
  const int error = ::fsync(opened) == 0 ? 0 : errno;
  ::close(opened);
  return error == EINVAL ? 0 : error;  // a network file system that knows no such thing
}

}  // namespace relais::base
