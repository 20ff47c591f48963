#include "broker/cli/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace relais::cli {

base::Status write_new_file(const std::filesystem::path& path, std::string_view content) {
  const auto failed = [&](int error) {
    return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(error)}});
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno);
  int error = 0;
  while (!content.empty() && error == 0) {
    const auto written = ::write(file, content.data(), content.size());
    if (written < 0)
      error = errno == EINTR ? 0 : errno;
    else
      content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (error == 0 && ::fsync(file) != 0) error = errno;
  ::close(file);
  if (error == 0) return base::Done{};
  ::unlink(path.c_str());
  return failed(error);
}

}  // namespace relais::cli
