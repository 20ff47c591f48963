// data·inclusion: structures and services as the API answers them, or as tables.
#include <algorithm>

#include "broker/cli/directory_source.h"

namespace relais::cli {

namespace {

/// The records of a document: a list, or a page of the API.
const nlohmann::json* records_of(const nlohmann::json& content) {
  if (content.is_array()) return &content;
  if (!content.is_object()) return nullptr;
  const auto items = content.find("items");
  return items == content.end() || !items->is_array() ? nullptr : &*items;
}

bool receives_people(const Record& record) {
  const auto ways = texts_of(record, "modes_accueil");
  return ways.empty() || std::ranges::find(ways, "en-presentiel") != ways.end();
}

void take_service(const Record& record, RecordPlace place, Published& published) {
  PublishedService service;
  service.place = std::move(place);
  service.structure = text_of(record, "structure_id");
  service.name = text_of(record, "nom");
  service.thematics = texts_of(record, "thematiques");
  service.area = texts_of(record, "zone_eligibilite");
  service.area_field = "zone_eligibilite";
  if (const auto one = text_of(record, "zone_diffusion_code"); service.area.empty() && !one.empty()) {
    service.area = {one};  // version 0
    service.area_field = "zone_diffusion_code";
  }
  service.date = text_of(record, "date_maj");
  service.fields = {"nom", "thematiques", "date_maj", "code_insee"};
  if (receives_people(record)) {
    service.commune = text_of(record, "code_insee");
    service.address = text_of(record, "adresse");
  }
  published.services.push_back(std::move(service));
}

void take(const Record& record, RecordPlace place, Published& published) {
  if (!record.is_object()) {
    published.faults.push_back({std::move(place), "", "is no record"});
    return;
  }
  place.id = text_of(record, "id");
  if (record.contains("structure_id")) return take_service(record, std::move(place), published);
  if (place.id.empty()) {
    published.faults.push_back({std::move(place), "id", "is missing"});
    return;
  }
  auto id = place.id;
  published.structures.emplace(std::move(id),
                               PublishedStructure{place.id, text_of(record, "siret"), text_of(record, "nom")});
}

}  // namespace

base::Status take_datainclusion(const SourceFile& source, Published& published) {
  std::size_t number = 0;
  if (source.is_table) {
    for (const auto& row : source.rows) take(row, {source.name, ++number, {}}, published);
    return base::Done{};
  }
  const auto* const records = records_of(source.content);
  if (records == nullptr)
    return base::refuse(base::RefusalCode::input_invalid, source.name,
                        {{"why", "is no list of data·inclusion: expected a list, or a page with \"items\""}});
  for (const auto& record : *records) take(record, {source.name, ++number, {}}, published);
  return base::Done{};
}

}  // namespace relais::cli
