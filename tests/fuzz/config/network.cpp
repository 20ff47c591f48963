// One file in the place of each of those that make a network definition.
#include <cstddef>
#include <cstdint>

#include "broker/base/check.h"
#include "broker/cli/network_files.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  static const tests::TemporaryFolder folder;
  for (const auto* const name : {"network.toml", "institutions/a.toml", "agreements/a.toml", "services/a.toml"})
    folder.write(name, {reinterpret_cast<const char*>(bytes), size});
  for (const auto& fault : cli::load_network(folder.path()).violations)
    base::check(!fault.problem.empty(), "a fault says what is wrong");
  return 0;
}
