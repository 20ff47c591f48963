#include "broker/cli/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "broker/base/synced_file.h"

namespace relais::cli {

base::Status write_new_file(const std::filesystem::path& path, std::string_view content) {
  const auto failed = [&](int error) {
    return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(error)}});
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno);
  int error = base::write_synced(file, content);
  ::close(file);
  if (error == 0) error = base::sync_folder(path.parent_path());
  if (error == 0) return base::Done{};
  ::unlink(path.c_str());
  return failed(error);
}

}  // namespace relais::cli
