#include <cstddef>
#include <cstdint>

#include "tests/fuzz/mapping/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais::mapping::fuzz;
  static const auto mapping = load("mappings/accueil-csv");
  read(mapping, {reinterpret_cast<const char*>(bytes), size});
  return 0;
}
