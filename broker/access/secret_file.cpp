#include "broker/access/secret_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace relais::access {

base::Result<std::string> read_secret_file(const std::filesystem::path& file) {
  const auto failed = [&](const char* why) {
    return base::refuse(base::RefusalCode::io_failed, {}, {{"path", file.string()}, {"why", why}});
  };
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return failed(std::strerror(errno));
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return base::refuse(base::RefusalCode::key_file_mode, {},
                        {{"path", file.string()}, {"mode", fmt::format("{:04o}", facts.st_mode & 07777U)}});
  std::ifstream in(file);
  std::string secret;
  if (!(in >> secret)) return failed("there is nothing in it, or it can not be read");
  return secret;
}

}  // namespace relais::access
