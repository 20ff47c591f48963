// The files of an import: the table of institutions, and what it wrote into the network's directory.
#include <algorithm>
#include <fstream>

#include "broker/cli/directory_import.h"
#include "broker/cli/network_places.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::TableReader;

constexpr std::string_view kHead =
    "# Written by relaisctl directory import: the next import writes it anew. Only `capacity` may be changed by "
    "hand.\n";

/// 14 digits; the last makes the sum of their Luhn values a multiple of ten. La Poste alone is exempt.
bool is_siret(std::string_view text) {
  if (text.size() != 14 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
  if (text.starts_with("356000000")) return true;
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = (text[i] - '0') * (i % 2 == 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

base::Refusal io_failed(const fs::path& path, std::string why) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::move(why)}});
}

fs::path beside(const fs::path& path) { return path.string() + ".part"; }

base::Status write_beside(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream stream(beside(path), std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) return io_failed(path, "can not be written");
  return base::Done{};
}

/// Every element of one kind, one after the other; empty when there is none.
template <class Elements, class Text>
std::string file_text(const Elements& elements, const Text& text) {
  if (elements.empty()) return {};
  std::string all(kHead);
  for (const auto& [id, element] : elements) all += "\n" + text(element);
  return all;
}

template <class Element, class Read>
void read_elements(const fs::path& network, const fs::path& name, std::string_view kind, const Read& read,
                   std::map<std::string, Element>& into, base::Findings& findings) {
  if (!fs::exists(network / name)) return;
  const auto content = base::read_toml(network / name, name.string(), findings);
  if (!content) return;
  TableReader table(*content, name.string(), {}, findings);
  table.tables(kind, kind, [&](TableReader& inner, int) {
    Element element;
    read(inner, element);
    auto id = element.id();
    into.emplace(std::move(id), std::move(element));
  });
  table.finish();
}

}  // namespace

KnownStructures read_known_structures(const fs::path& file, const v1::NetworkDefinition& network,
                                      std::vector<base::FileViolation>& faults) {
  KnownStructures known;
  base::Findings findings;
  const auto content = base::read_toml(file, file.string(), findings);
  if (content) {
    TableReader whole(*content, file.string(), {}, findings);
    whole.tables("institution", "institutions", [&](TableReader& table, int) {
      const auto id = table.text("id");
      const bool exists = std::ranges::any_of(network.institutions(), [&](const auto& one) { return one.id() == id; });
      if (!exists) table.fault("id", "id", "the network has no such institution", "an institution of the network");
      if (std::ranges::find(known.institutions, id) != known.institutions.end())
        table.fault("id", "id", "is named twice", "each institution once");
      known.institutions.push_back(id);
      for (auto& siret : table.texts("sirets")) {
        if (!is_siret(siret))
          table.fault("sirets", "sirets", siret + " is no SIRET", "14 digits, the last of them a check");
        if (!known.by_siret.emplace(siret, id).second)
          table.fault("sirets", "sirets", siret + " is that of two institutions", "each SIRET once");
      }
      for (auto& structure : table.texts("structures"))
        if (!known.by_id.emplace(structure, id).second)
          table.fault("structures", "structures", structure + " is that of two institutions", "each structure once");
    });
    whole.finish();
    if (known.institutions.empty())
      findings.add({file.string(), 0}, "institution", "there is none", "[[institution]] with id, sirets, structures");
  }
  faults = findings.take();
  return known;
}

fs::path offering_file(std::string_view folder, std::string_view format, const std::string& institution) {
  return fs::path(folder) / (std::string(format) + "-" + institution + ".toml");
}

Offerings read_offerings(const fs::path& network, std::string_view format, const std::vector<std::string>& institutions,
                         std::vector<base::FileViolation>& faults) {
  Offerings offerings;
  base::Findings findings;
  for (const auto& institution : institutions) {
    auto& offering = offerings[institution];
    read_elements(network, offering_file("services", format, institution), "service", read_service, offering.services,
                  findings);
    read_elements(network, offering_file("locations", format, institution), "location", read_location,
                  offering.locations, findings);
  }
  faults = findings.take();
  return offerings;
}

base::Status write_offerings(const fs::path& network, std::string_view format,
                             const std::vector<std::string>& institutions, const Offerings& offerings) {
  std::map<fs::path, std::string> files;
  for (const auto& institution : institutions) {
    const auto& offering = offerings.at(institution);
    files[network / offering_file("services", format, institution)] = file_text(offering.services, service_text);
    files[network / offering_file("locations", format, institution)] = file_text(offering.locations, location_text);
  }
  const auto undo = [&] {
    std::error_code ignored;
    for (const auto& [path, text] : files) fs::remove(beside(path), ignored);
  };
  for (const auto& [path, text] : files)
    if (!text.empty())
      if (auto said = write_beside(path, text); !said) {
        undo();
        return said;
      }
  for (const auto& [path, text] : files) {
    std::error_code error;
    if (text.empty())
      fs::remove(path, error);
    else
      fs::rename(beside(path), path, error);
    if (error) {
      undo();
      return io_failed(path, error.message());
    }
  }
  return base::Done{};
}

}  // namespace relais::cli
