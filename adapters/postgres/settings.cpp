#include "adapters/postgres/settings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relais::postgres {

namespace {

using base::TableReader;
using std::chrono::milliseconds;

constexpr std::string_view kTableName = "TABLE or SCHEMA.TABLE, of letters, digits and _";
constexpr std::string_view kColumnName = "the name of a column, of letters, digits and _";
constexpr std::size_t kNameBytesMax = 63;  // PostgreSQL cuts longer ones

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, fits);
}

bool is_table(std::string_view text) {
  const auto dot = text.find('.');
  return dot == std::string_view::npos ? is_name(text) : is_name(text.substr(0, dot)) && is_name(text.substr(dot + 1));
}

std::string absolute(const std::filesystem::path& folder, const std::string& path) {
  return path.empty() ? path : (folder / path).string();
}

void read_table_name(TableReader& table, std::string_view key, std::string& name) {
  auto text = table.text(key);
  if (text.empty()) return;
  if (!is_table(text)) table.fault(key, key, "not the name of a table", std::string(kTableName));
  name = std::move(text);
}

void read_column(TableReader& table, std::string_view key, std::string& name) {
  auto text = table.text(key);
  if (text.empty()) return;
  if (!is_name(text)) table.fault(key, key, "not the name of a column", std::string(kColumnName));
  name = std::move(text);
}

/// Every fault of the mapping file becomes one of the key that names it.
std::optional<mapping::Mapping> read_mapping(TableReader& table, const std::filesystem::path& folder,
                                             std::string& path) {
  path = absolute(folder, table.text("mapping"));
  if (path.empty()) return std::nullopt;
  auto loaded = mapping::Mapping::load(path);
  for (const auto& fault : loaded.faults)
    table.fault("mapping", "mapping", mapping::text(fault), "a mapping without faults");
  return std::move(loaded.mapping);
}

void read_seconds(TableReader& table, std::string_view key, std::chrono::seconds& value) {
  const auto ms = table.duration(key);
  if (ms > 0)
    value = std::max(std::chrono::duration_cast<std::chrono::seconds>(milliseconds(ms)), std::chrono::seconds(1));
}

void read_duration(TableReader& table, std::string_view key, milliseconds& value) {
  if (const auto ms = table.duration(key); ms > 0) value = milliseconds(ms);
}

void read_database(TableReader& whole, const std::filesystem::path& folder, Settings& settings) {
  auto database = whole.table("database");
  if (!database) {
    whole.fault("database", "database", "missing", "a table [database] with the key connection");
    return;
  }
  settings.connection.conninfo = database->text("connection");
  if (settings.connection.conninfo.empty())
    database->fault("connection", "connection", "missing", "a libpq connection string or URI, without password");
  else if (const auto said = check_conninfo(settings.connection.conninfo); !said)
    database->fault("connection", "connection", said.refusal().english(),
                    "a libpq connection string or URI, without password");
  settings.connection.password_file = absolute(folder, database->text("password_file"));
  read_seconds(*database, "connect_timeout", settings.connection.connect_timeout);
  read_seconds(*database, "statement_timeout", settings.connection.statement_timeout);
  read_duration(*database, "poll_interval", settings.poll_interval);
  read_duration(*database, "take_over_after", settings.take_over_after);
  settings.keeps_book = !database->boolean("own_tables_only");
  database->finish();
}

void read_inbox(TableReader& whole, const std::filesystem::path& folder, Settings& settings) {
  auto inbox = whole.table("inbox");
  if (!inbox) return;
  auto& into = settings.inbox;
  read_table_name(*inbox, "table", into.table);
  read_column(*inbox, "key", into.key);
  settings.inbox_mapping = read_mapping(*inbox, folder, into.mapping);
  if (into.own_table() && into.mapping.empty())
    inbox->fault("mapping", "mapping", "missing", "a mapping that writes rows: the table is not relais.inbox");
  if (settings.inbox_mapping && settings.inbox_mapping->out_format() != mapping::Format::sql)
    inbox->fault("mapping", "mapping", "it writes no rows", "a mapping with [out] format = \"sql\"");
  const auto bad_rows = inbox->text("bad_rows");
  if (!bad_rows.empty() && bad_rows != "park" && bad_rows != "reject")
    inbox->fault("bad_rows", "bad_rows", "unknown", "\"park\" or \"reject\"");
  into.reject_bad_rows = bad_rows == "reject";
  inbox->tables("records", "records", [&](TableReader& record, int) {
    InboxTable target{into.table, into.key};
    const auto name = record.text("record");
    read_table_name(record, "table", target.table);
    read_column(record, "key", target.key);
    const auto known = settings.inbox_mapping ? settings.inbox_mapping->records() : std::vector<std::string>();
    if (std::ranges::find(known, name) == known.end())
      record.fault("record", "record", "the mapping has no such record", "the name of one of its [[out.records]]");
    into.records.emplace(name, std::move(target));
    record.finish();
  });
  inbox->finish();
}

/// In a table of the institution only the columns that it names are there.
void read_columns(TableReader& outbox, OutboxSettings& settings) {
  auto columns = outbox.table("columns");
  if (!settings.own_table()) {
    if (columns) outbox.fault("columns", "columns", "not for relais.outbox", "nothing: its columns are known");
    return;
  }
  auto& into = settings.columns;
  into = OutboxColumns{"", "", "", "", "", "", "", "", "", "", "", "", ""};
  if (columns) {
    for (const auto& [key, place] : {std::pair<std::string_view, std::string*>{"key", &into.key},
                                     {"state", &into.state},
                                     {"message_id", &into.message_id},
                                     {"taken_by", &into.taken_by},
                                     {"reference", &into.reference},
                                     {"referral_id", &into.referral_id},
                                     {"case_id", &into.case_id},
                                     {"appointment_id", &into.appointment_id},
                                     {"position", &into.position},
                                     {"code", &into.code},
                                     {"sentence_fr", &into.sentence_fr},
                                     {"sentence_en", &into.sentence_en},
                                     {"settled_at", &into.settled_at}})
      read_column(*columns, key, *place);
    columns->finish();
  }
  for (const auto& [key, value] : {std::pair<std::string_view, const std::string&>{"columns.key", into.key},
                                   {"columns.state", into.state},
                                   {"columns.message_id", into.message_id},
                                   {"columns.taken_by", into.taken_by}})
    if (value.empty()) outbox.fault("columns", key, "missing", std::string(kColumnName));
  if (into.reference.empty() && into.referral_id.empty())
    outbox.fault("columns", "columns.reference", "missing",
                 "reference or referral_id: they keep the rows of a referral in order");
}

void read_outbox(TableReader& whole, const std::filesystem::path& folder, Settings& settings) {
  auto outbox = whole.table("outbox");
  if (!outbox) return;
  auto& into = settings.outbox;
  read_table_name(*outbox, "table", into.table);
  if (into.own_table()) into.channel.clear();
  read_column(*outbox, "channel", into.channel);
  settings.outbox_mapping = read_mapping(*outbox, folder, into.mapping);
  if (into.own_table() && into.mapping.empty())
    outbox->fault("mapping", "mapping", "missing", "a mapping that reads rows: the table is not relais.outbox");
  if (settings.outbox_mapping && settings.outbox_mapping->in_format() != mapping::Format::sql)
    outbox->fault("mapping", "mapping", "it reads no rows", "a mapping with [in] format = \"sql\"");
  into.institution = outbox->text("institution");
  into.recipient = outbox->text("recipient");
  into.purpose = outbox->text("purpose");
  read_columns(*outbox, into);
  outbox->finish();
}

}  // namespace

void read_settings(TableReader& whole, const std::filesystem::path& folder, Settings& settings) {
  read_database(whole, folder, settings);
  read_inbox(whole, folder, settings);
  read_outbox(whole, folder, settings);
  if (!settings.keeps_book && (!settings.inbox.own_table() || !settings.outbox.own_table()))
    whole.fault("database", "database.own_tables_only", "the inbox or the outbox is of the schema relais",
                "tables of the institution in [inbox] and [outbox], or own_tables_only = false");
}

}  // namespace relais::postgres
