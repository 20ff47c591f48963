#include "adapters/postgres/password_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include "broker/base/crypto.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

constexpr std::size_t kPasswordBytesMax = 1024;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

base::Refusal failed(const std::filesystem::path& path, int error) {
  return refuse(RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(error)}});
}

base::Refusal unfit(const std::filesystem::path& path, std::string why) {
  return refuse(RefusalCode::key_invalid, {}, {{"path", path.string()}, {"why", std::move(why)}});
}

base::Result<std::string> read_open(int file, const std::filesystem::path& path) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return failed(path, errno);
  if (!S_ISREG(facts.st_mode)) return unfit(path, "not a regular file");
  if ((facts.st_mode & kOthers) != 0)
    return refuse(RefusalCode::key_file_mode, {},
                  {{"path", path.string()}, {"mode", fmt::format("{:04o}", facts.st_mode & 07777U)}});
  std::string text(kPasswordBytesMax + 1, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  if (got < 0) return failed(path, errno);
  if (static_cast<std::size_t>(got) > kPasswordBytesMax) {
    base::wipe(text);
    return unfit(path, "longer than a password");
  }
  std::string password = text.substr(0, std::min(text.find_first_of("\r\n"), static_cast<std::size_t>(got)));
  base::wipe(text);
  if (password.empty()) return unfit(path, "its first line is empty");
  return password;
}

}  // namespace

base::Result<std::string> read_password(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return failed(path, errno);
  auto password = read_open(file, path);
  ::close(file);
  return password;
}

}  // namespace relais::postgres
