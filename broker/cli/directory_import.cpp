#include "broker/cli/directory_import.h"

#include <algorithm>
#include <set>

#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/time_text.h"
#include "broker/cli/network_places.h"
#include "broker/core/envelope_check.h"

namespace relais::cli {

namespace {

constexpr std::size_t kNameBytesMax = 300;

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string short_hash(std::string_view text) { return base::hex(base::view(base::hash(text))).substr(0, 16); }

/// The published id where it is one of ours; else what is left of it, and a digest that keeps it apart from others.
std::string service_id(const std::string& published) {
  constexpr std::size_t kWhole = 64;
  constexpr std::size_t kCut = 40;
  std::string id;
  for (const char c : published) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits =
        (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '_' || low == '.' || low == '-';
    id += fits ? low : '-';
  }
  if (id == published && id.size() <= kWhole && core::is_code(id)) return id;
  return "s-" + id.substr(0, kCut) + "-" + short_hash(published);
}

/// One line of printable text, cut between characters.
std::string plain(const std::string& text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  if (line.size() <= kNameBytesMax) return line;
  std::size_t end = kNameBytesMax;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end);
}

/// "2026-02-10", also with a time after it, which does not matter here.
std::optional<base::Instant> day_of(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || (text.size() > 10 && text[10] != 'T' && text[10] != ' '))
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
    return value;
  };
  if (!digits(text.substr(0, 4)) || !digits(text.substr(5, 2)) || !digits(text.substr(8, 2))) return std::nullopt;
  return base::paris_time(number(0, 4), static_cast<unsigned>(number(5, 2)), static_cast<unsigned>(number(8, 2)),
                          std::chrono::seconds(0));
}

/// A catchment by code. Communes that were merged become those of today.
class Area {
 public:
  explicit Area(const core::Territory& territory) : territory_(territory) {}

  /// What is wrong with the code; empty when it was taken.
  std::string add(const std::string& code) {
    if (code == "france" || code == "99100") {
      departements_.insert(territory_.departements().begin(), territory_.departements().end());
    } else if (code.size() == 9 && digits(code)) {
      if (!territory_.has_epci(code)) return code + " is no EPCI";
      epcis_.insert(code);
    } else if (territory_.has_departement(code)) {
      departements_.insert(code);
    } else if (const auto today = territory_.commune_today(code)) {
      communes_.insert(territory_.is_arrondissement(code) ? code : std::string(*today));
    } else {
      return code + " is no commune, EPCI or département";
    }
    return {};
  }

  void put(v1::Service& service) const {
    for (const auto& code : communes_) service.add_communes(code);
    for (const auto& code : epcis_) service.add_epcis(code);
    for (const auto& code : departements_) service.add_departements(code);
  }

 private:
  const core::Territory& territory_;
  std::set<std::string> communes_, epcis_, departements_;
};

/// Takes one service after the other.
class Taker {
 public:
  Taker(const KnownStructures& known, const Published& published, const core::Territory& territory,
        const ImportRules& rules, Import& import)
      : known_(known), published_(published), territory_(territory), rules_(rules), import_(import) {}

  void take(const PublishedService& published) {
    if (published.place.id.empty()) return fault(published, "id", "is missing");
    const auto institution = institution_of(published);
    if (institution.empty() || published.ended) return;
    v1::Service service;
    service.set_id(service_id(published.place.id));
    service.set_institution(institution);
    service.set_name(plain(published.name));
    if (published.name.empty()) return fault(published, published.fields.name, "is missing");
    if (published.full) service.set_capacity(v1::CAPACITY_FULL);
    v1::Location location;
    if (!take_thematics(published, service) || !take_area(published, service) || !take_date(published, service) ||
        !take_location(published, service, location))
      return;
    auto& offering = import_.offerings[institution];
    const auto [taken, is_new] = first_.emplace(service.id(), &published.place);
    if (!is_new)
      return fault(published, "id",
                   "stands already in " + taken->second->file + ", record " + std::to_string(taken->second->number));
    if (!location.id().empty()) offering.locations.emplace(location.id(), std::move(location));
    offering.services.emplace(service.id(), std::move(service));
  }

  void finish() {
    for (auto& [id, unmapped] : unmapped_) import_.unmapped.push_back(std::move(unmapped));
  }

 private:
  void fault(const PublishedService& service, std::string_view field, std::string why) {
    import_.rejected.push_back({service.place, std::string(field), std::move(why)});
  }

  std::string institution_of(const PublishedService& service) {
    if (service.structure.empty()) {
      fault(service, "structure", "is missing");
      return {};
    }
    if (const auto found = known_.by_id.find(service.structure); found != known_.by_id.end()) return found->second;
    const auto structure = published_.structures.find(service.structure);
    if (structure != published_.structures.end())
      if (const auto found = known_.by_siret.find(structure->second.siret); found != known_.by_siret.end())
        return found->second;
    auto& unmapped = unmapped_[service.structure];
    unmapped.structure =
        structure == published_.structures.end() ? PublishedStructure{service.structure, {}, {}} : structure->second;
    ++unmapped.services;
    return {};
  }

  bool take_thematics(const PublishedService& published, v1::Service& service) {
    const std::set<std::string> codes(published.thematics.begin(), published.thematics.end());
    for (const auto& code : codes) {
      if (!core::is_thematic(code)) {
        fault(published, published.fields.thematics, "\"" + plain(code) + "\" is no thematic");
        return false;
      }
      service.add_thematics(code);
    }
    if (codes.empty()) fault(published, published.fields.thematics, "names no thematic: no need would lead to it");
    return !codes.empty();
  }

  bool take_area(const PublishedService& published, v1::Service& service) {
    Area area(territory_);
    for (const auto& code : published.area)
      if (auto why = area.add(code); !why.empty()) {
        fault(published, published.area_field, plain(why));
        return false;
      }
    area.put(service);
    return true;
  }

  bool take_date(const PublishedService& published, v1::Service& service) {
    if (published.date.empty()) return true;
    const auto day = day_of(published.date);
    if (!day || *day > rules_.now || base::to_ms(*day) < 0) {
      fault(published, published.fields.date, day ? "lies in the future, or before 1970" : "is no date");
      return false;
    }
    service.set_checked_at_ms(base::to_ms(*day));
    return true;
  }

  bool take_location(const PublishedService& published, v1::Service& service, v1::Location& location) {
    if (published.address.empty() || published.commune.empty()) return true;
    const auto today = territory_.commune_today(published.commune);
    if (!today) {
      fault(published, published.fields.commune, plain(published.commune) + " is no commune");
      return false;
    }
    location.set_commune(territory_.is_arrondissement(published.commune) ? published.commune : std::string(*today));
    location.set_institution(service.institution());
    location.set_address(plain(published.address));
    location.set_name(published.location_name.empty() ? location.address() : plain(published.location_name));
    location.set_id("loc-" + short_hash(service.institution() + '\n' + location.commune() + '\n' + location.name() +
                                        '\n' + location.address()));
    service.add_locations(location.id());
    return true;
  }

  const KnownStructures& known_;
  const Published& published_;
  const core::Territory& territory_;
  const ImportRules& rules_;
  Import& import_;
  std::map<std::string, const RecordPlace*> first_;
  std::map<std::string, Unmapped> unmapped_;
};

Change change_of(const v1::Service& service, std::string detail = {}) {
  return {service.id(), service.institution(), service.name(), std::move(detail)};
}

/// A capacity that an operator set stays until the published directory says otherwise.
void keep_capacity(v1::Service& now, const v1::Service& before) {
  if (now.capacity() == v1::CAPACITY_UNSPECIFIED) now.set_capacity(before.capacity());
}

void compare(const std::string& institution, Offering& now, const Offering& before, const ImportRules& rules,
             Import& import) {
  for (auto& [id, service] : now.services) {
    const auto old = before.services.find(id);
    if (old != before.services.end()) keep_capacity(service, old->second);
    if (old == before.services.end())
      import.added.push_back(change_of(service));
    else if (service_text(old->second) != service_text(service))
      import.changed.push_back(change_of(service));
    else
      ++import.unchanged;
  }
  for (const auto& [id, service] : before.services) {
    if (now.services.contains(id)) continue;
    import.gone.push_back({id, institution, service.name(), rules.keep_gone ? "kept" : "removed"});
    if (!rules.keep_gone) continue;
    now.services.emplace(id, service);
    for (const auto& location : service.locations())
      if (const auto found = before.locations.find(location); found != before.locations.end())
        now.locations.emplace(*found);
  }
}

void find_stale(const Offering& offering, const ImportRules& rules, Import& import) {
  const auto today = std::chrono::floor<std::chrono::days>(rules.now);
  const std::chrono::year_month_day limit = std::chrono::year_month_day(today) - rules.stale_after;
  const auto last =
      base::date_text(std::chrono::sys_days(limit.ok() ? limit : limit.year() / limit.month() / std::chrono::last));
  for (const auto& [id, service] : offering.services) {
    const auto checked =
        service.checked_at_ms() == 0 ? std::string() : base::date_text(base::from_ms(service.checked_at_ms()));
    if (checked < last) import.stale.push_back(change_of(service, checked.empty() ? "never" : checked));
  }
}

}  // namespace

Import import_directory(const Published& published, const KnownStructures& known, const Offerings& before,
                        const core::Territory& territory, const ImportRules& rules) {
  Import import;
  import.rejected = published.faults;
  for (const auto& institution : known.institutions) import.offerings[institution];
  Taker taker(known, published, territory, rules, import);
  for (const auto& service : published.services) taker.take(service);
  taker.finish();
  static const Offering kNone;
  for (auto& [institution, offering] : import.offerings) {
    const auto found = before.find(institution);
    compare(institution, offering, found == before.end() ? kNone : found->second, rules, import);
    find_stale(offering, rules, import);
  }
  return import;
}

}  // namespace relais::cli
