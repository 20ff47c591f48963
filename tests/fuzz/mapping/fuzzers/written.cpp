#include <cstddef>
#include <cstdint>

#include "tests/fuzz/mapping/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  relais::mapping::fuzz::written({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
