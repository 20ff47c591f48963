// Locations and services as TOML tables: read, and written so that they read back the same.
#pragma once

#include <string>

#include "broker/base/toml_reader.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {

void read_location(base::TableReader& table, v1::Location& location);
void read_service(base::TableReader& table, v1::Service& service);

/// One [[location]] or [[service]], without the keys that have nothing to say. Each ends with a line end.
std::string location_text(const v1::Location& location);
std::string service_text(const v1::Service& service);

/// The keys `communes`, `epcis` and `departements` of an institution, a service.
template <class Area>
void read_area(base::TableReader& table, Area& area) {
  for (auto& code : table.texts("communes")) area.add_communes(std::move(code));
  for (auto& code : table.texts("epcis")) area.add_epcis(std::move(code));
  for (auto& code : table.texts("departements")) area.add_departements(std::move(code));
}

}  // namespace relais::cli
