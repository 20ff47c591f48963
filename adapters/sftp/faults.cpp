#include "adapters/sftp/faults.h"

#include "adapters/files/file_system.h"

namespace relais::sftp {

void note(Faults& faults, std::string_view place, const base::Refusal& refusal) {
  faults.insert({std::string(place), files::why(refusal)});
}

}  // namespace relais::sftp
