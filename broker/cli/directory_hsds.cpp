// Open Referral's Human Services Data Specification, version 3. Tables are put together to the nested records that its
// JSON has, so that both are read in one way.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "broker/cli/directory_source.h"

namespace relais::cli {

namespace {

using Json = nlohmann::json;
using Tables = std::map<std::string, Json, std::less<>>;  // name without .csv -> its rows

/// Names under which a taxonomy of HSDS is that of data·inclusion.
constexpr std::array<std::string_view, 3> kThematics = {"data-inclusion", "data·inclusion", "datainclusion"};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_thematic_taxonomy(const std::string& name) {
  return std::ranges::find(kThematics, lower(name)) != kThematics.end();
}

const Json& list_of(const Json& record, std::string_view field) {
  static const Json kNone = Json::array();
  const auto found = record.find(field);
  return found == record.end() || !found->is_array() ? kNone : *found;
}

const Json& object_of(const Json& record, std::string_view field) {
  static const Json kNone = Json::object();
  const auto found = record.find(field);
  return found == record.end() || !found->is_object() ? kNone : *found;
}

std::vector<std::string> thematics_of(const Json& service) {
  std::vector<std::string> codes;
  for (const auto& attribute : list_of(service, "attributes")) {
    if (!attribute.is_object()) continue;
    const auto& term = object_of(attribute, "taxonomy_term");
    if (is_thematic_taxonomy(text_of(term, "taxonomy")) ||
        is_thematic_taxonomy(text_of(object_of(term, "taxonomy_detail"), "name")))
      codes.push_back(text_of(term, "code"));
  }
  return codes;
}

/// An area counts when its extent is a text of codes; shapes on a map are no codes.
bool take_areas(const Json& service, const RecordPlace& place, PublishedService& into, Published& published) {
  std::size_t number = 0;
  for (const auto& area : list_of(service, "service_areas")) {
    const std::string field = "service_areas[" + std::to_string(number++) + "]";
    if (!area.is_object()) continue;
    if (text_of(area, "extent_type") != "text") {
      published.faults.push_back(
          {place, field + ".extent_type", "only \"text\" is read: codes of communes, EPCI, départements"});
      return false;
    }
    auto codes = texts_of(area, "extent");
    into.area.insert(into.area.end(), codes.begin(), codes.end());
    into.area_field = field + ".extent";
  }
  return true;
}

void take_location(const Json& service, PublishedService& into) {
  for (const auto& at : list_of(service, "service_at_locations")) {
    if (!at.is_object()) continue;
    const auto& location = object_of(at, "location");
    if (text_of(location, "location_type") == "virtual") continue;
    const auto scheme = lower(text_of(location, "external_identifier_type"));
    if (scheme == "insee" || scheme == "cog") into.commune = text_of(location, "external_identifier");
    into.location_name = text_of(location, "name");
    const auto& addresses = list_of(location, "addresses");
    if (addresses.empty() || !addresses.front().is_object()) return;
    const auto& address = addresses.front();  // never its `attention`: that is a person
    for (const auto* const field : {"address_1", "address_2", "postal_code", "city"})
      if (const auto text = text_of(address, field); !text.empty())
        into.address += (into.address.empty() ? "" : " ") + text;
    return;
  }
}

void take_organization(const Json& organization, Published& published) {
  PublishedStructure structure{text_of(organization, "id"), {}, text_of(organization, "name")};
  for (const auto& identifier : list_of(organization, "organization_identifiers"))
    if (identifier.is_object() && (lower(text_of(identifier, "identifier_scheme")).ends_with("siret") ||
                                   lower(text_of(identifier, "identifier_type")) == "siret"))
      structure.siret = text_of(identifier, "identifier");
  auto id = structure.id;
  if (!id.empty()) published.structures.emplace(std::move(id), std::move(structure));
}

void take_service(const Json& record, const std::string& organization, RecordPlace place, Published& published) {
  if (!record.is_object()) {
    published.faults.push_back({std::move(place), "", "is no record"});
    return;
  }
  place.id = text_of(record, "id");
  PublishedService service;
  service.place = place;
  service.structure = organization;
  if (const auto& owner = object_of(record, "organization"); !owner.empty()) {
    take_organization(owner, published);
    service.structure = text_of(owner, "id");
  }
  if (service.structure.empty()) service.structure = text_of(record, "organization_id");
  service.name = text_of(record, "name");
  service.thematics = thematics_of(record);
  const std::string_view date = text_of(record, "assured_date").empty() ? "last_modified" : "assured_date";
  service.date = text_of(record, date);
  service.fields = {"name", "attributes", date, "service_at_locations[0].location.external_identifier"};
  const auto status = lower(text_of(record, "status"));
  service.full = status == "temporarily closed";
  service.ended = status == "inactive" || status == "defunct";
  if (!take_areas(record, place, service, published)) return;
  take_location(record, service);
  published.services.push_back(std::move(service));
}

/// Rows of `table` by the value of one of their columns.
std::multimap<std::string, const Json*> by(const Tables& tables, std::string_view table, std::string_view column) {
  std::multimap<std::string, const Json*> found;
  if (const auto rows = tables.find(table); rows != tables.end())
    for (const auto& row : rows->second)
      if (row.is_object()) found.emplace(text_of(row, column), &row);
  return found;
}

Json gathered(const std::multimap<std::string, const Json*>& rows, const std::string& key) {
  Json list = Json::array();
  const auto [begin, end] = rows.equal_range(key);
  for (auto row = begin; row != end; ++row) list.push_back(*row->second);
  return list;
}

/// The tables as nested records.
void take_tables(const Tables& tables, const std::string& file, Published& published) {
  const auto identifiers = by(tables, "organization_identifiers", "organization_id");
  for (const auto& [id, row] : by(tables, "organizations", "id")) {
    Json organization = *row;
    organization["organization_identifiers"] = gathered(identifiers, id);
    take_organization(organization, published);
  }
  const auto attributes = by(tables, "attributes", "link_id");
  const auto terms = by(tables, "taxonomy_terms", "id");
  const auto taxonomies = by(tables, "taxonomies", "id");
  const auto areas = by(tables, "service_areas", "service_id");
  const auto at = by(tables, "service_at_location", "service_id");
  const auto locations = by(tables, "locations", "id");
  const auto addresses = by(tables, "addresses", "location_id");
  const auto services = tables.find("services");
  if (services == tables.end()) return;
  std::size_t number = 0;
  for (const auto& row : services->second) {
    Json service = row;
    if (row.is_object()) {
      const auto id = text_of(row, "id");
      service["service_areas"] = gathered(areas, id);
      service["attributes"] = gathered(attributes, id);
      for (auto& attribute : service["attributes"]) {
        const auto term = terms.find(text_of(attribute, "taxonomy_term_id"));
        if (term == terms.end()) continue;
        attribute["taxonomy_term"] = *term->second;
        if (const auto taxonomy = taxonomies.find(text_of(*term->second, "taxonomy_id")); taxonomy != taxonomies.end())
          attribute["taxonomy_term"]["taxonomy_detail"] = *taxonomy->second;
      }
      service["service_at_locations"] = gathered(at, id);
      for (auto& place : service["service_at_locations"]) {
        const auto location_id = text_of(place, "location_id");
        const auto location = locations.find(location_id);
        if (location == locations.end()) continue;
        place["location"] = *location->second;
        place["location"]["addresses"] = gathered(addresses, location_id);
      }
    }
    take_service(service, {}, {file, ++number, {}}, published);
  }
}

base::Status take_document(const SourceFile& source, Published& published) {
  const auto& content = source.content;
  if (content.is_object() && content.contains("services.csv")) {
    Tables tables;
    for (const auto& [name, rows] : content.items())
      if (name.ends_with(".csv") && rows.is_array()) tables[name.substr(0, name.size() - 4)] = rows;
    take_tables(tables, source.name, published);
    return base::Done{};
  }
  Json page = content.is_array() ? content : list_of(content.is_object() ? content : Json::object(), "contents");
  if (page.empty() && content.is_object() && !text_of(content, "id").empty()) page = Json::array({content});
  if (page.empty() && !content.is_array() && !(content.is_object() && content.contains("contents")))
    return base::refuse(base::RefusalCode::input_invalid, source.name,
                        {{"why", "is nothing of HSDS: expected services, organizations, a page or tables of them"}});
  std::size_t number = 0;
  for (const auto& record : page) {
    ++number;
    if (record.is_object() && record.contains("services") && record["services"].is_array()) {
      take_organization(record, published);
      for (const auto& service : record["services"])
        take_service(service, text_of(record, "id"), {source.name, number, {}}, published);
    } else if (!record.is_object() || record.contains("organization") || record.contains("organization_id") ||
               record.contains("status")) {
      take_service(record, {}, {source.name, number, {}}, published);
    } else {
      take_organization(record, published);
    }
  }
  return base::Done{};
}

}  // namespace

base::Status take_hsds(const std::vector<SourceFile>& sources, Published& published) {
  Tables tables;
  for (const auto& source : sources) {
    if (!source.is_table) {
      if (auto said = take_document(source, published); !said) return said;
      continue;
    }
    const auto name = source.name.substr(0, source.name.size() - 4);
    tables[name] = source.rows;
  }
  if (!tables.empty() && !tables.contains("services") && !tables.contains("organizations"))
    return base::refuse(base::RefusalCode::input_invalid, sources.front().name,
                        {{"why", "services.csv or organizations.csv is missing: tables keep the names of HSDS"}});
  take_tables(tables, "services.csv", published);
  return base::Done{};
}

}  // namespace relais::cli
