#include <cstddef>
#include <cstdint>

#include "adapters/mapping/mapping.h"
#include "broker/base/check.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const relais::tests::TemporaryFolder folder;
  const auto file = folder.write("mapping.toml", {reinterpret_cast<const char*>(bytes), size});
  const auto loaded = relais::mapping::Mapping::load(file);
  relais::base::check(loaded.mapping.has_value() == loaded.faults.empty(), "a mapping is good or has faults");
  return 0;
}
