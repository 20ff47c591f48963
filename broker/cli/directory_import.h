// Takes a published directory into the services/ and locations/ of a network definition.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/toml_reader.h"
#include "broker/cli/directory_records.h"
#include "broker/cli/report.h"
#include "broker/core/territory.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {

/// Which institution of the network a published structure is: by its SIRET, or by its id.
struct KnownStructures {
  std::map<std::string, std::string, std::less<>> by_siret;
  std::map<std::string, std::string, std::less<>> by_id;
  std::vector<std::string> institutions;  // those of the table, each once
};

/// The table of --institutions: [[institution]] with `id`, `sirets`, `structures`. Every fault at once: institutions
/// that the network lacks, SIRET with a wrong check digit, a structure of two institutions.
KnownStructures read_known_structures(const std::filesystem::path& file, const v1::NetworkDefinition& network,
                                      std::vector<base::FileViolation>& faults);

/// What one import makes of one institution: the whole of two files.
struct Offering {
  std::map<std::string, v1::Service> services;    // by id
  std::map<std::string, v1::Location> locations;  // by id
};
using Offerings = std::map<std::string, Offering>;  // by institution

struct ImportRules {
  std::chrono::months stale_after{12};
  bool keep_gone = false;
  base::Instant now{};
};

struct Change {
  std::string service;
  std::string institution;
  std::string name;
  std::string detail;
};

struct Unmapped {
  PublishedStructure structure;
  std::size_t services = 0;
};

/// Lists are in the order of ids, faults in that of the files.
struct Import {
  Offerings offerings;
  std::vector<Change> added, changed, gone, stale;
  std::vector<RecordFault> rejected;
  std::vector<Unmapped> unmapped;  // structures of institutions that are not in the table
  std::size_t unchanged = 0;
};

/// Pure. `before`: what the last import of this format left for the institutions of the table.
Import import_directory(const Published& published, const KnownStructures& known, const Offerings& before,
                        const core::Territory& territory, const ImportRules& rules);

Report import_report(const Import& import, bool written);

/// `services/FORMAT-INSTITUTION.toml` and its counterpart in `locations/`.
std::filesystem::path offering_file(std::string_view folder, std::string_view format, const std::string& institution);
Offerings read_offerings(const std::filesystem::path& network, std::string_view format,
                         const std::vector<std::string>& institutions, std::vector<base::FileViolation>& faults);

/// All files are complete beside their places before the first takes its place. io.failed.
base::Status write_offerings(const std::filesystem::path& network, std::string_view format,
                             const std::vector<std::string>& institutions, const Offerings& offerings);

}  // namespace relais::cli
