#include "adapters/files/config.h"

#include <optional>
#include <set>

namespace relais::files {

namespace {

using base::TableReader;

constexpr std::int64_t kMebi = 1 << 20;
constexpr std::int64_t kBatchMost = 1'000;

void texts(TableReader& table, std::string_view key, std::vector<std::string>& value) {
  if (auto read = table.texts(key); !read.empty()) value = std::move(read);
}

void duration(TableReader& table, std::string_view key, std::chrono::milliseconds& value) {
  if (const auto read = table.duration(key); read != 0) value = std::chrono::milliseconds(read);
}

Folders read_folders(TableReader& table, const Path& base) {
  const auto root = table.text("folder");
  const auto at = [&](std::string_view key) -> Path {
    const auto own = table.text(key);
    if (!own.empty()) return (base / own).lexically_normal();
    if (root.empty())
      table.fault("folder", "folder", "is missing", "a folder, or each of in, out, archive, rejects, work");
    return (base / root / key).lexically_normal();
  };
  return {at("in"), at("out"), at("archive"), at("rejects"), at("work")};
}

ArrivalPolicy read_arrival(TableReader& table) {
  ArrivalPolicy policy;
  const auto when = table.text("complete");
  if (when == "marker")
    policy.when = CompleteWhen::marker;
  else if (when == "rename")
    policy.when = CompleteWhen::rename;
  else if (!when.empty() && when != "stable")
    table.fault("complete", "complete", "is not a way to tell that a file is complete", "stable, marker, rename");
  duration(table, "stable_for", policy.stable_for);
  texts(table, "markers", policy.markers);
  texts(table, "ignored", policy.ignored);
  return policy;
}

std::optional<mapping::Mapping> read_mapping(TableReader& table, const Path& folder) {
  const auto file = table.text("mapping");
  if (file.empty()) {
    table.fault("mapping", "mapping", "is missing", "the path of a mapping file");
    return std::nullopt;
  }
  auto loaded = mapping::Mapping::load((folder / file).lexically_normal());
  for (const auto& fault : loaded.faults) table.fault("mapping", "mapping", mapping::text(fault), {});
  return loaded.mapping;
}

bool for_files(const std::optional<mapping::Format>& format) { return format && *format != mapping::Format::sql; }

void read_reader(TableReader& table, const Path& folder, ExchangeConfig& exchange) {
  DraftingPolicy drafting;
  auto names = table.texts("names");
  if (names.empty()) names = {"*"};
  const auto rows = table.text("rows");
  if (rows == "state")
    drafting.rows = RowMeaning::state;
  else if (!rows.empty() && rows != "event")
    table.fault("rows", "rows", "is not a meaning of rows", "event, state");
  drafting.recipients = table.texts("recipients");
  drafting.purpose = table.text("purpose");
  drafting.institution = exchange.institution;
  auto mapping = read_mapping(table, folder);
  if (!mapping) return;
  if (!for_files(mapping->in_format()))
    return table.fault("mapping", "mapping", "does not read files", "a mapping with [in] of csv, fixed, xml or json");
  drafting.reader = mapping->name();
  exchange.readers.push_back({std::move(names), std::move(*mapping), std::move(drafting)});
}

std::string extension_of(mapping::Format format) {
  return format == mapping::Format::fixed ? ".txt" : "." + std::string(mapping::name(format));
}

void read_writer(TableReader& table, const Path& folder, ExchangeConfig& exchange) {
  const auto name = table.text("name");
  auto extension = table.text("extension");
  const auto marker = table.text("marker");
  const auto batch = table.integer("batch_messages", 1);
  std::chrono::milliseconds age{0};
  duration(table, "batch_age", age);
  if (!name.empty() && (name.find("{number}") == std::string::npos || name.find('/') != std::string::npos))
    table.fault("name", "name", "makes no distinct names", "a text with {number}, without /");
  if ((extension + marker).find('/') != std::string::npos)
    table.fault("extension", "extension", "holds a /", "the end of a file name");
  if (batch > kBatchMost)
    table.fault("batch_messages", "batch_messages", "is too large", "at most " + std::to_string(kBatchMost));
  if (batch > 1 && age.count() == 0)
    table.fault("batch_age", "batch_age", "is missing", "how long the first message of a file may wait for the others");
  auto mapping = read_mapping(table, folder);
  if (!mapping) return;
  if (!for_files(mapping->out_format()))
    return table.fault("mapping", "mapping", "does not write files", "a mapping with [out] of csv, fixed, xml or json");
  if (extension.empty()) extension = extension_of(*mapping->out_format());
  Writer writer{std::move(*mapping), name, extension, marker, batch > 1 ? static_cast<std::size_t>(batch) : 1, age};
  if (name.empty()) writer.name = Writer::kName;
  exchange.writers.push_back(std::move(writer));
}

ExchangeConfig read_exchange(TableReader& table, const Path& folder) {
  ExchangeConfig exchange;
  exchange.institution = table.text("institution");
  if (exchange.institution.empty())
    table.fault("institution", "institution", "is missing", "the id of an institution that this adapter serves");
  exchange.folders = read_folders(table, folder);
  exchange.arrival = read_arrival(table);
  duration(table, "poll", exchange.poll);
  if (const auto most = table.integer("file_bytes_max", 1); most != 0)
    exchange.file_bytes_max = static_cast<std::uint64_t>(most);
  if (exchange.file_bytes_max > 1'024 * kMebi)
    table.fault("file_bytes_max", "file_bytes_max", "is too large", "at most 1 GiB");
  table.tables("read", "read", [&](TableReader& reader, int) { read_reader(reader, folder, exchange); });
  table.tables("write", "write", [&](TableReader& writer, int) { read_writer(writer, folder, exchange); });
  return exchange;
}

}  // namespace

std::vector<ExchangeConfig> read_exchanges(TableReader& whole, const Path& folder, const ReadMore& read_more) {
  std::vector<ExchangeConfig> exchanges;
  std::set<Path> works;
  std::set<std::string> institutions;
  whole.tables("exchange", "exchange", [&](TableReader& table, int) {
    exchanges.push_back(read_exchange(table, folder));
    if (read_more) read_more(table, exchanges.back());
    if (!works.insert(exchanges.back().folders.work).second)
      table.fault("folder", "folder", "is that of another exchange", "folders of its own for each institution");
    if (!institutions.insert(exchanges.back().institution).second)
      table.fault("institution", "institution", "has an exchange already", "one [[exchange]] for each institution");
  });
  if (exchanges.empty()) whole.fault("exchange", "exchange", "is missing", "at least one table [[exchange]]");
  return exchanges;
}

}  // namespace relais::files
