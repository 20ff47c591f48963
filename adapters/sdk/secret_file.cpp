#include "adapters/sdk/secret_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include "broker/base/crypto.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;
using base::refuse;

constexpr std::size_t kSecretBytesMax = std::size_t{16} << 10;  // an RSA key of 16,384 bits has 13 KB
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
  std::string text(kSecretBytesMax + 1, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  if (got < 0) return failed(path, errno);
  if (static_cast<std::size_t>(got) > kSecretBytesMax) {
    base::wipe(text);
    return unfit(path, "longer than a secret");
  }
  std::string secret = text.substr(0, static_cast<std::size_t>(got));
  base::wipe(text);
  if (secret.empty()) return unfit(path, "it is empty");
  return secret;
}

}  // namespace

base::Result<std::string> read_secret(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return failed(path, errno);
  auto secret = read_open(file, path);
  ::close(file);
  return secret;
}

base::Result<std::string> read_secret_line(const std::filesystem::path& path) {
  auto whole = read_secret(path);
  if (!whole) return whole;
  std::string line = whole->substr(0, whole->find_first_of("\r\n"));
  base::wipe(*whole);
  if (line.empty()) return unfit(path, "its first line is empty");
  return line;
}

}  // namespace relais::sdk
