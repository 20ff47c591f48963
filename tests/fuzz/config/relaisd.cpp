#include <cstddef>
#include <cstdint>

#include "broker/app/config.h"
#include "broker/base/check.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const relais::tests::TemporaryFolder folder;
  const auto file = folder.write("relaisd.toml", {reinterpret_cast<const char*>(bytes), size});
  for (const auto& fault : relais::app::read_config(file).faults)
    relais::base::check(!fault.problem.empty(), "a fault says what is wrong");
  return 0;
}
