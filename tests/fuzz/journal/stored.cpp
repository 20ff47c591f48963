// A value or a key of the store, after a disk that lies: what can be read is what was written, everything else is
// empty.
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/base/check.h"
#include "broker/journal/acknowledged_mark.h"
#include "broker/journal/record_codec.h"

#include "relais/v1/stored.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  const std::string_view value(reinterpret_cast<const char*>(bytes), size);
  std::string again;
  if (const auto record = journal::decode_record(value)) {
    journal::encode_record(record->hash, record->bytes, again);
    base::check(again == value, "a record that can be read was written so");
    v1::Record parsed;
    if (parsed.ParseFromArray(record->bytes.data(), static_cast<int>(record->bytes.size())))
      base::check(parsed.ByteSizeLong() <= 16 * size + 16, "a record is not larger than what was read");
  }
  if (const auto compartments = journal::decode_payload(value)) {
    journal::encode_payload(*compartments, again);
    base::check(again == value, "a payload that can be read was written so");
  }
  if (const auto position = journal::parse_journal_key(value))
    base::check(journal::journal_key(*position) == value, "a key that can be read was written so");
  if (const auto mark = journal::decode_mark(value))
    base::check(journal::encode_mark(*mark) == value, "a mark that can be read was written so");
  return 0;
}
