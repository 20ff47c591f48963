#include "broker/cli/network_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <tuple>

#include "broker/base/time_text.h"
#include "broker/cli/network_places.h"
#include "broker/core/network_check.h"
#include "broker/core/secrecy.h"

namespace relais::cli {

using base::FileViolation;
using base::Findings;
using base::read_toml;
using base::TableReader;

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kFolders = {"institutions", "agreements", "locations", "services"};

std::string category_names() {
  std::string names;
  for (int number = 1; number < v1::Category_ARRAYSIZE; ++number)
    if (v1::Category_IsValid(number))
      names += (names.empty() ? "" : ", ") + std::string(core::category_name(static_cast<v1::Category>(number)));
  return names;
}

v1::Category category(std::string_view name) {
  for (int number = 1; number < v1::Category_ARRAYSIZE; ++number)
    if (v1::Category_IsValid(number) && core::category_name(static_cast<v1::Category>(number)) == name)
      return static_cast<v1::Category>(number);
  return v1::CATEGORY_UNSPECIFIED;
}

template <class Owner>
void read_categories(TableReader& table, Owner& owner) {
  const auto names = table.texts("categories");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = category(names[i]);
    owner.add_categories(found);
    if (found == v1::CATEGORY_UNSPECIFIED)
      table.fault("categories", "categories[" + std::to_string(i) + "]", "is not a category", category_names());
  }
}

v1::Priority read_priority(TableReader& table) {
  const std::string name = table.text("priority");
  if (name == "routine") return v1::PRIORITY_ROUTINE;
  if (name == "urgent") return v1::PRIORITY_URGENT;
  if (name == "asap") return v1::PRIORITY_ASAP;
  if (name == "stat") return v1::PRIORITY_STAT;
  if (!name.empty()) table.fault("priority", "priority", "is not a priority", "routine, urgent, asap, stat");
  return v1::PRIORITY_UNSPECIFIED;
}

void read_key(TableReader& table, v1::PublicKey& key) {
  key.set_id(table.text("id"));
  key.set_key(table.key_bytes("key"));
  key.set_valid_from_ms(table.date("valid_from", false));
  key.set_valid_until_ms(table.date("valid_until", true));
}

template <class List>
void read_list(TableReader& table, std::string_view key, List& list) {
  for (auto& value : table.texts(key)) list.Add(std::move(value));
}

void read_institution(TableReader& table, v1::Institution& institution) {
  institution.set_id(table.text("id"));
  institution.set_name(table.text("name"));
  institution.set_kind(table.text("kind"));
  institution.set_mission(table.text("mission"));
  read_area(table, institution);
  read_list(table, "members", *institution.mutable_members());
  table.tables("transport_key", "transport_keys",
               [&](TableReader& key, int) { read_key(key, *institution.add_transport_keys()); });
  table.tables("signing_key", "signing_keys",
               [&](TableReader& key, int) { read_key(key, *institution.add_signing_keys()); });
  table.tables("sealing_key", "sealing_keys",
               [&](TableReader& key, int) { read_key(key, *institution.add_sealing_keys()); });
}

/// "72h" or "10d" by the clock; "10 working days", "4 working hours" in the agreement's calendar.
std::optional<v1::Term> read_term(TableReader& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  v1::Term term;
  std::uint32_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (error == std::errc() && (unit == " working days" || unit == " working day"))
    term.set_working_days(count);
  else if (error == std::errc() && (unit == " working hours" || unit == " working hour"))
    term.set_working_hours(count);
  else if (const auto length = base::parse_duration(text))
    term.set_ms(length->count());
  else
    table.fault(key, key, "is not a length of time", "e.g. \"72h\", \"10d\", \"10 working days\", \"4 working hours\"");
  return term;
}

/// "09:00" as minutes of the day.
std::uint32_t read_minute(TableReader& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) {
    table.fault(key, key, "is missing", "a time such as \"09:00\"");
    return 0;
  }
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4)) {
    const auto hour = static_cast<std::uint32_t>((text[0] - '0') * 10 + text[1] - '0');
    const auto minute = static_cast<std::uint32_t>((text[3] - '0') * 10 + text[4] - '0');
    if (minute < 60 && hour * 60 + minute <= 24 * 60) return hour * 60 + minute;
  }
  table.fault(key, key, "is not a time of the day", "00:00 to 24:00");
  return 0;
}

void read_calendar(TableReader& table, v1::Calendar& calendar) {
  constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                     "friday", "saturday", "sunday"};
  calendar.set_id(table.text("id"));
  calendar.set_zone(table.text("zone"));
  for (const auto& name : table.texts("weekdays"))
    calendar.add_weekdays(static_cast<std::uint32_t>(std::ranges::find(kDays, name) - kDays.begin() + 1));
  calendar.set_opens_minute(read_minute(table, "opens"));
  calendar.set_closes_minute(read_minute(table, "closes"));
  for (const auto day : table.days("closed")) calendar.add_closed_days(day);
}

v1::Basis read_basis(TableReader& table) {
  const std::string text = table.text("basis");
  if (text.empty() || text == "law") return v1::BASIS_LAW;
  if (text == "consent") return v1::BASIS_CONSENT;
  table.fault("basis", "basis", "is not a ground for sharing", "law, consent");
  return v1::BASIS_UNSPECIFIED;
}

void read_agreement(TableReader& table, v1::Agreement& agreement) {
  agreement.set_id(table.text("id"));
  agreement.set_name(table.text("name"));
  agreement.set_legal_basis(table.text("legal_basis"));
  agreement.set_valid_from_ms(table.date("valid_from", false));
  agreement.set_valid_until_ms(table.date("valid_until", true));
  agreement.set_forwarding(table.boolean("forwarding"));
  agreement.set_retention_ms(table.duration("retention"));
  agreement.set_calendar(table.text("calendar"));
  agreement.set_basis(read_basis(table));
  agreement.set_profile(table.text("profile"));
  agreement.set_nir(table.boolean("nir"));
  agreement.set_fallback(table.text("fallback"));
  agreement.set_unit_price_cents(table.integer("unit_price_cents", 0));
  table.tables("direction", "directions", [&](TableReader& inner, int) {
    auto& direction = *agreement.add_directions();
    direction.set_from(inner.text("from"));
    direction.set_to(inner.text("to"));
  });
  table.tables("purpose", "purposes", [&](TableReader& inner, int) {
    auto& rule = *agreement.add_purposes();
    rule.set_purpose(inner.text("purpose"));
    read_categories(inner, rule);
  });
  table.tables("deadline", "deadlines", [&](TableReader& inner, int) {
    auto& rule = *agreement.add_deadlines();
    rule.set_priority(read_priority(inner));
    if (auto term = read_term(inner, "receive_within")) *rule.mutable_receive_within() = *term;
    if (auto term = read_term(inner, "decide_within")) *rule.mutable_decide_within() = *term;
    if (auto term = read_term(inner, "first_appointment_within")) *rule.mutable_first_appointment_within() = *term;
    if (auto term = read_term(inner, "complete_within")) *rule.mutable_complete_within() = *term;
    if (auto term = read_term(inner, "acknowledge_within")) *rule.mutable_acknowledge_within() = *term;
  });
}

v1::Act act(std::string_view name) {
  if (name == "refer") return v1::ACT_REFER;
  if (name == "book") return v1::ACT_BOOK;
  return v1::ACT_UNSPECIFIED;
}

void read_delegation(TableReader& table, v1::Delegation& delegation) {
  delegation.set_id(table.text("id"));
  delegation.set_from(table.text("from"));
  delegation.set_to(table.text("to"));
  delegation.set_agreement(table.text("agreement"));
  const auto acts = table.texts("acts");
  for (std::size_t i = 0; i < acts.size(); ++i) {
    delegation.add_acts(act(acts[i]));
    if (delegation.acts(static_cast<int>(i)) == v1::ACT_UNSPECIFIED)
      table.fault("acts", "acts[" + std::to_string(i) + "]", "is not an act", "refer, book");
  }
  read_list(table, "purposes", *delegation.mutable_purposes());
  read_area(table, delegation);
  delegation.set_valid_from_ms(table.date("valid_from", false));
  delegation.set_valid_until_ms(table.date("valid_until", true));
}

void read_profile(TableReader& table, v1::Profile& profile) {
  profile.set_id(table.text("id"));
  profile.set_name_en(table.text("name_en"));
  profile.set_name_fr(table.text("name_fr"));
  profile.set_reference(table.text("reference"));
  read_categories(table, profile);
  read_list(table, "missions", *profile.mutable_missions());
}

/// Reads one directory into one definition.
class NetworkReader {
 public:
  explicit NetworkReader(const fs::path& directory) : directory_(directory) {}

  LoadedNetwork load() {
    findings_.locate("", {"network.toml", 0});
    for (const auto folder : kFolders) findings_.locate(std::string(folder), {std::string(folder), 0});
    read_network();
    for (const auto folder : kFolders) read_folder(folder);
    refuse_stray_files();
    check_whole();
    LoadedNetwork loaded{std::move(definition_), findings_.take()};
    std::ranges::stable_sort(loaded.violations, [](const FileViolation& a, const FileViolation& b) {
      return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
    });
    return loaded;
  }

 private:
  void read_network() {
    const auto file = read_toml(directory_ / "network.toml", "network.toml", findings_);
    if (!file) {
      unread_ = {"network", "purposes", "missions", "calendars", "profiles"};
      return;
    }
    TableReader table(*file, "network.toml", {}, findings_);
    definition_.set_network(table.text("id", "network"));
    definition_.set_name(table.text("name"));
    definition_.set_version(static_cast<std::uint64_t>(table.integer("version", 1)));
    if (auto broker = table.table("broker")) read_broker(*broker);
    core::ElementNames purposes("purposes");
    table.named_tables(
        "purpose", [&](std::string_view id) { return purposes.next(id); },
        [&](TableReader& inner) {
          auto& purpose = *definition_.add_purposes();
          purpose.set_id(inner.text("id"));
          purpose.set_name_en(inner.text("name_en"));
          purpose.set_name_fr(inner.text("name_fr"));
          purpose.set_default_recipient(inner.text("default_recipient"));
        });
    core::ElementNames profiles("profiles");
    table.named_tables(
        "profile", [&](std::string_view id) { return profiles.next(id); },
        [&](TableReader& inner) { read_profile(inner, *definition_.add_profiles()); });
    core::ElementNames calendars("calendars");
    table.named_tables(
        "calendar", [&](std::string_view id) { return calendars.next(id); },
        [&](TableReader& inner) { read_calendar(inner, *definition_.add_calendars()); });
    core::ElementNames missions("missions");
    table.named_tables(
        "mission", [&](std::string_view id) { return missions.next(id); },
        [&](TableReader& inner) {
          auto& mission = *definition_.add_missions();
          mission.set_id(inner.text("id"));
          mission.set_name(inner.text("name"));
          read_categories(inner, mission);
        });
    table.finish();
  }

  void read_broker(TableReader& table) {
    auto& broker = *definition_.mutable_broker();
    broker.set_transport_key(table.key_bytes("transport_key"));
    if (auto key = table.table("signing_key")) {
      read_key(*key, *broker.mutable_signing_key());
      key->finish();
    }
    table.finish();
  }

  void read_folder(std::string_view folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_ / folder, error))
      if (entry.path().extension() == ".toml") names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    for (const auto& name : names) {
      const std::string file = std::string(folder) + "/" + name;
      const auto content = read_toml(directory_ / folder / name, file, findings_);
      if (content)
        read_elements(*content, file, folder);
      else
        unread_.emplace(folder);
    }
  }

  void read_elements(const toml::table& content, const std::string& file, std::string_view folder) {
    TableReader table(content, file, {}, findings_);
    if (folder == "institutions")
      table.named_tables(
          "institution", [&](std::string_view id) { return institutions_.next(id); },
          [&](TableReader& inner) { read_institution(inner, *definition_.add_institutions()); });
    else if (folder == "agreements") {
      table.named_tables(
          "agreement", [&](std::string_view id) { return agreements_.next(id); },
          [&](TableReader& inner) { read_agreement(inner, *definition_.add_agreements()); });
      table.named_tables(
          "delegation", [&](std::string_view id) { return delegations_.next(id); },
          [&](TableReader& inner) { read_delegation(inner, *definition_.add_delegations()); });
    } else if (folder == "locations")
      table.named_tables(
          "location", [&](std::string_view id) { return locations_.next(id); },
          [&](TableReader& inner) { read_location(inner, *definition_.add_locations()); });
    else
      table.named_tables(
          "service", [&](std::string_view id) { return services_.next(id); },
          [&](TableReader& inner) { read_service(inner, *definition_.add_services()); });
    table.finish();
  }

  /// A file in the wrong folder would be left out without a word.
  void refuse_stray_files() {
    std::error_code error;
    for (fs::recursive_directory_iterator at(directory_, error), end; at != end; at.increment(error)) {
      if (error) break;
      const fs::path name = at->path().lexically_relative(directory_);
      const std::string folder = name.parent_path().string();
      const bool expected = name == "network.toml" || std::ranges::find(kFolders, folder) != kFolders.end();
      if (name.extension() == ".toml" && !expected)
        findings_.add({name.string(), 0}, {}, "is not a file of a network definition",
                      "network.toml, institutions/*.toml, agreements/*.toml, locations/*.toml, services/*.toml");
    }
  }

  /// Says nothing twice, and nothing that only follows from a file that could not be read.
  void check_whole() {
    auto faults = core::check_network(definition_);
    for (auto& fault : core::check_places(definition_, core::Territory::france())) faults.push_back(std::move(fault));
    for (auto& fault : faults) {
      base::Place place = findings_.place_of(fault.path);
      const bool follows =
          unread_.contains(fault.absent_from) || (unread_.contains("network") && place.file == "network.toml");
      if (!follows && !findings_.spoke_of(fault.path))
        findings_.add(std::move(place), fault.path, std::move(fault.problem), std::move(fault.allowed));
    }
  }

  const fs::path& directory_;
  Findings findings_;
  v1::NetworkDefinition definition_;
  core::ElementNames institutions_{"institutions"};
  core::ElementNames agreements_{"agreements"};
  core::ElementNames delegations_{"delegations"};
  core::ElementNames locations_{"locations"};
  core::ElementNames services_{"services"};
  std::set<std::string, std::less<>> unread_;  // lists that lack what a file would have brought, had it been readable
};

}  // namespace

LoadedNetwork load_network(const fs::path& directory) { return NetworkReader(directory).load(); }

}  // namespace relais::cli
