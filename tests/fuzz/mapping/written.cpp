// The first half of the input is an envelope, the second a content: both come from another institution's adapter.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "adapters/mapping/content_types.h"
#include "tests/fuzz/mapping/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  using mapping::fuzz::load;
  static const std::array mappings = {load("mappings/accueil-csv"), load("mappings/fixed-width"),
                                      load("mappings/sql-tables"), load("demo/mappings/cpam")};
  mapping::OutgoingMessage message;
  const auto half = size / 2;
  if (!message.envelope.ParseFromArray(bytes, static_cast<int>(half))) return 0;
  if (message.envelope.body_case() == mapping::Body::BODY_NOT_SET) return 0;
  message.contents.push_back(
      {v1::CATEGORY_IDENTITY, std::string(reinterpret_cast<const char*>(bytes) + half, size - half)});
  for (const auto& mapping : mappings) {
    const auto result = mapping.write(message);
    const auto places =
        result.documents.size() + result.rows.size() + result.failed.size() + result.without_record.size();
    base::check(places == 1, "a message ends in one place");
  }
  return 0;
}
