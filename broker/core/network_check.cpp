#include "broker/core/network_check.h"

#include "broker/core/network_check_parts.h"

namespace relais::core {

namespace network {

std::string joined(const Ids& ids) {
  constexpr std::size_t kShown = 12;
  if (ids.empty()) return "none is defined";
  std::string text;
  std::size_t count = 0;
  for (const auto& id : ids) {
    if (count == kShown) return text + ", ... (" + std::to_string(ids.size()) + " in all)";
    text += (count++ == 0 ? "" : ", ") + id;
  }
  return text;
}

void check_id(Faults& faults, const std::string& path, const std::string& id, Ids& known) {
  if (!is_id(id))
    faults.add(path, id.empty() ? "is missing" : "is not an id", std::string(kIdSyntax));
  else if (!known.insert(id).second)
    faults.add(path, "\"" + id + "\" is already defined", "an id of its own");
}

void check_reference(Faults& faults, std::string path, const std::string& id, std::string_view what, const Ids& known) {
  if (id.empty())
    faults.add(std::move(path), "is missing", joined(known));
  else if (!known.contains(id))
    faults.add_absent(std::move(path), "there is no such " + std::string(what), joined(known), std::string(what) + "s");
}

void check_not_empty(Faults& faults, const std::string& path, const std::string& text) {
  if (text.empty()) faults.add(path, "is missing", "a text");
}

void check_validity(Faults& faults, const std::string& path, std::int64_t from_ms, std::int64_t until_ms) {
  if (from_ms < 0) faults.add(path + ".valid_from", "lies before 1970", "a later date");
  if (until_ms != 0 && until_ms <= from_ms)
    faults.add(path + ".valid_until", "does not lie after valid_from", "a later date");
}

void check_categories(Faults& faults, const std::string& path, const google::protobuf::RepeatedField<int>& categories) {
  std::set<int> seen;
  for (int i = 0; i < categories.size(); ++i) {
    const int category = categories.Get(i);
    const std::string place = path + "[" + std::to_string(i) + "]";
    if (!v1::Category_IsValid(category) || category == v1::CATEGORY_UNSPECIFIED)
      faults.add(place, "is not a category", "a category of the protocol");
    else if (!seen.insert(category).second)
      faults.add(place, "is named twice", "each category once");
  }
}

void check_codes(Faults& faults, const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& codes,
                 bool (*fits)(std::string_view), std::string_view allowed) {
  Ids seen;
  for (int i = 0; i < codes.size(); ++i) {
    const std::string place = path + "[" + std::to_string(i) + "]";
    if (!fits(codes.Get(i)))
      faults.add(place, "is not valid", std::string(allowed));
    else if (!seen.insert(codes.Get(i)).second)
      faults.add(place, "\"" + codes.Get(i) + "\" is named twice", "each once");
  }
}

namespace {

void check_head(Faults& faults, const v1::NetworkDefinition& definition) {
  if (!is_institution_id(definition.network()))
    faults.add("network", definition.network().empty() ? "is missing" : "is not an id",
               std::string(kInstitutionSyntax));
  check_not_empty(faults, "name", definition.name());
  if (definition.version() == 0)
    faults.add("version", "is missing", "a whole number from 1, greater than the one in force");
}

void check_purposes(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  if (definition.purposes().empty()) faults.add_absent("purposes", "there is none", "at least one", "purposes");
  ElementNames names("purposes");
  for (const auto& purpose : definition.purposes()) {
    const std::string path = names.next(purpose.id());
    check_id(faults, path + ".id", purpose.id(), known.purposes);
    check_not_empty(faults, path + ".name_en", purpose.name_en());
    check_not_empty(faults, path + ".name_fr", purpose.name_fr());
  }
}

void check_missions(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  if (definition.missions().empty()) faults.add_absent("missions", "there is none", "at least one", "missions");
  ElementNames names("missions");
  for (const auto& mission : definition.missions()) {
    const std::string path = names.next(mission.id());
    check_id(faults, path + ".id", mission.id(), known.missions);
    check_not_empty(faults, path + ".name", mission.name());
    check_categories(faults, path + ".categories", mission.categories());
  }
}

}  // namespace

}  // namespace network

std::string ElementNames::next(std::string_view id) {
  const int number = count_++;
  if (network::is_id(id) && taken_.emplace(id).second) return list_ + "[\"" + std::string(id) + "\"]";
  return list_ + "[" + std::to_string(number) + "]";
}

std::vector<Violation> check_network(const v1::NetworkDefinition& definition) {
  network::Faults faults;
  network::Known known;
  network::KeyRegister keys(faults);
  network::check_head(faults, definition);
  network::check_broker(faults, definition, keys);
  network::check_purposes(faults, definition, known);
  network::check_missions(faults, definition, known);
  network::check_institutions(faults, definition, keys, known);
  network::check_calendars(faults, definition, known);
  network::check_profiles(faults, definition, known);
  network::check_teams(faults, definition, known);
  network::check_agreements(faults, definition, known);
  network::check_delegations(faults, definition, known);
  network::check_successors(faults, definition, known);
  network::check_locations(faults, definition, known);
  network::check_services(faults, definition, known);
  return faults.take();
}

}  // namespace relais::core
