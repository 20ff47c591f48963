// The settings of an adapter: those that every adapter has, and those of relais-files.
#include <cstddef>
#include <cstdint>

#include "adapters/files/config.h"
#include "adapters/sdk/adapter_config.h"
#include "broker/base/check.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  static const tests::TemporaryFolder folder;
  const auto file = folder.write("files.toml", {reinterpret_cast<const char*>(bytes), size});
  const auto read = sdk::read_config(
      file, [](base::TableReader& whole, const std::filesystem::path& below) { files::read_exchanges(whole, below); });
  for (const auto& fault : read.faults) base::check(!fault.problem.empty(), "a fault says what is wrong");
  return 0;
}
