#include "adapters/sftp/remote.h"

namespace relais::sftp {

base::Refusal failed(std::string_view why) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"why", std::string(why)}});
}

std::string below(const std::string& folder, std::string_view name) {
  auto path = folder;
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

}  // namespace relais::sftp
