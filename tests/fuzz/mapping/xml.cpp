#include <cstddef>
#include <cstdint>

#include "tests/fuzz/mapping/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais::mapping::fuzz;
  static const auto plain = load("demo/mappings/cpam");
  static const auto with_schema = load("mappings/cnaf-vrsb0801");
  const std::string_view document(reinterpret_cast<const char*>(bytes), size);
  read(plain, document);
  read(with_schema, document);
  return 0;
}
