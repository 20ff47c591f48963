#include "tests/fuzz/mapping/targets.h"

#include <array>
#include <string>

#include "adapters/mapping/content_types.h"
#include "adapters/mapping/mapping.h"
#include "broker/base/check.h"
#include "tests/support/temporary_folder.h"

namespace relais::mapping::fuzz {

namespace {

Mapping load(const std::string& name) {
  auto loaded = Mapping::load(std::string(RELAIS_SOURCE) + "/config/" + name + ".toml");
  base::check(loaded.mapping.has_value(), "a shipped mapping is good");
  return std::move(*loaded.mapping);
}

/// Whole or not at all, every record accounted for, nothing said twice, no message without a body.
void read(const Mapping& mapping, std::string_view bytes) {
  const auto result = mapping.read(bytes, "fuzz");
  if (result.refused()) {
    base::check(result.messages.empty() && result.rejects.empty(), "a refused document makes nothing");
    return;
  }
  base::check(result.rejects.size() + result.silent <= result.records, "records are counted once");
  for (const auto& reject : result.rejects) base::check(!reject.faults.empty(), "a reject has a fault");
  for (const auto& message : result.messages)
    base::check(message.envelope.body_case() != Body::BODY_NOT_SET, "a message has a kind");
}

}  // namespace

void csv(std::string_view bytes) {
  static const Mapping mapping = load("mappings/accueil-csv");
  read(mapping, bytes);
}

void fixed(std::string_view bytes) {
  static const Mapping mapping = load("mappings/fixed-width");
  read(mapping, bytes);
}

void xml(std::string_view bytes) {
  static const Mapping plain = load("demo/mappings/cpam");
  static const Mapping with_schema = load("mappings/cnaf-vrsb0801");
  read(plain, bytes);
  read(with_schema, bytes);
}

void json(std::string_view bytes) {
  static const Mapping mapping = load("mappings/emplois-orientations");
  read(mapping, bytes);
}

void mapping_file(std::string_view bytes) {
  static const tests::TemporaryFolder folder;
  const auto loaded = Mapping::load(folder.write("mapping.toml", bytes));
  base::check(loaded.mapping.has_value() == loaded.faults.empty(), "a mapping is good or has faults");
}

void written(std::string_view bytes) {
  static const std::array mappings = {load("mappings/accueil-csv"), load("mappings/fixed-width"),
                                      load("mappings/sql-tables"), load("demo/mappings/cpam")};
  OutgoingMessage message;
  const auto half = bytes.size() / 2;
  if (!message.envelope.ParseFromArray(bytes.data(), static_cast<int>(half))) return;
  if (message.envelope.body_case() == Body::BODY_NOT_SET) return;
  message.contents.push_back({v1::CATEGORY_IDENTITY, std::string(bytes.substr(half))});
  for (const auto& mapping : mappings) {
    const auto result = mapping.write(message);
    const auto places =
        result.documents.size() + result.rows.size() + result.failed.size() + result.without_record.size();
    base::check(places == 1, "a message ends in one place");
  }
}

}  // namespace relais::mapping::fuzz
