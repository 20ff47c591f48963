// A directory that others publish, in each format: what is taken of it makes a network that is as sound as before.
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/base/check.h"
#include "broker/cli/directory_import.h"
#include "broker/core/network_check.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  static const tests::TemporaryFolder folder;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  cli::KnownStructures known;
  known.institutions = {"caf-25"};
  known.by_id = {{"exemple--ccas-besancon", "caf-25"}, {"0c3f1c3e-0000-4000-8000-000000000001", "caf-25"}};
  cli::ImportRules rules;
  rules.now = base::from_ms(1'790'000'000'000);
  for (const auto* const name : {"services.json", "services.csv"})
    for (const auto format : {cli::DirectoryFormat::datainclusion, cli::DirectoryFormat::hsds}) {
      const auto read = cli::read_directory(format, {folder.write(name, text)});
      if (!read) continue;
      const auto made = cli::import_directory(*read, known, {}, core::Territory::france(), rules);
      v1::NetworkDefinition places;
      for (const auto& [id, service] : made.offerings.at("caf-25").services) *places.add_services() = service;
      for (const auto& [id, location] : made.offerings.at("caf-25").locations) *places.add_locations() = location;
      base::check(core::check_places(places, core::Territory::france()).empty(), "imported places exist");
    }
  return 0;
}
