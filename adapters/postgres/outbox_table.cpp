#include "adapters/postgres/outbox_table.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "adapters/postgres/sql_fault.h"
#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

using base::Status;

// The first half of our advisory locks; the second is the owner. Any number will do that no other program uses.
constexpr std::int32_t kOwnerLock = 1380270158;

std::string quoted(std::string_view column) { return '"' + std::string(column) + '"'; }

/// {"a","b"} for a text that PostgreSQL reads as an array.
template <class Texts>
std::string array_text(const Texts& texts) {
  std::string text = "{";
  for (const auto& item : texts) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

std::vector<std::string> number_texts(std::span<const std::int32_t> numbers) {
  std::vector<std::string> texts;
  for (const auto number : numbers) texts.push_back(std::to_string(number));
  return texts;
}

Status done(const base::Result<Rows>& rows) {
  if (!rows) return rows.refusal();
  return base::Done{};
}

/// A row that is not as it was read counts as a race that was lost.
Status one_changed(const base::Result<std::size_t>& changed) {
  if (!changed) return changed.refusal();
  if (*changed == 0) return sql_refusal("40001");
  return base::Done{};
}

Status done(const base::Result<std::size_t>& changed) {
  if (!changed) return changed.refusal();
  return base::Done{};
}

std::vector<mapping::SqlRow> all_rows(const Rows& rows) {
  std::vector<mapping::SqlRow> all;
  for (int i = 0; i < rows.size(); ++i) all.push_back(row_of(rows, i));
  return all;
}

}  // namespace

OutboxTable::OutboxTable(OutboxSettings settings)
    : settings_(std::move(settings)), table_(quoted_name(settings_.table)) {}

// relais.outbox says what its partial indexes say; in other tables the software may leave the state empty.
std::string OutboxTable::is_open(std::string_view alias) const {
  const auto column = fmt::format("{}.{}", alias, quoted(settings_.columns.state));
  const auto open = fmt::format("{} IN ('pending', 'taken', 'submitted')", column);
  return settings_.own_table() ? fmt::format("({} IS NULL OR {})", column, open) : open;
}

/// No earlier row of the same referral is open, by any of the names that it has.
std::string OutboxTable::in_order() const {
  std::string condition;
  for (const auto& column : {settings_.columns.referral_id, settings_.columns.reference}) {
    if (column.empty()) continue;
    condition += fmt::format(" AND NOT EXISTS (SELECT FROM {0} e WHERE e.{1} = o.{1} AND e.{2} < o.{2} AND {3})",
                             table_, quoted(column), quoted(settings_.columns.key), is_open("e"));
  }
  return condition;
}

base::Result<bool> OutboxTable::become(std::int32_t owner, Connection& connection) const {
  if (!settings_.channel.empty())
    if (auto said = connection.run_script("LISTEN " + quoted(settings_.channel)); !said) return said.refusal();
  const auto got = connection.run("SELECT pg_try_advisory_lock($1::integer, $2::integer)",
                                  std::array{Parameter(std::to_string(kOwnerLock)), Parameter(std::to_string(owner))});
  if (!got) return got.refusal();
  return got->text(0, 0) == "t";
}

base::Result<std::vector<std::int32_t>> OutboxTable::silent_owners(Connection& connection) const {
  const auto rows = connection.run(fmt::format(
      "SELECT DISTINCT o.{0} FROM {1} o WHERE o.{2} IN ('taken', 'submitted') AND o.{0} IS NOT NULL AND NOT EXISTS ("
      "SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid = {3}::oid "
      "AND l.objid = o.{0}::oid AND l.granted "
      "AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))",
      quoted(settings_.columns.taken_by), table_, quoted(settings_.columns.state), kOwnerLock));
  if (!rows) return rows.refusal();
  std::vector<std::int32_t> owners;
  for (int i = 0; i < rows->size(); ++i) {
    const auto text = rows->text(i, 0);
    std::from_chars(text.data(), text.data() + text.size(), owners.emplace_back());
  }
  return owners;
}

base::Result<std::vector<mapping::SqlRow>> OutboxTable::candidates(std::span<const std::int32_t> silent,
                                                                   std::span<const std::string> skipped, int most,
                                                                   Connection& connection) const {
  const auto& columns = settings_.columns;
  const auto state = "o." + quoted(columns.state);
  std::string may_go = settings_.own_table() ? fmt::format("({0} IS NULL OR {0} = 'pending'", state)
                                             : fmt::format("({0} = 'pending'", state);
  may_go += fmt::format(" OR ({} IN ('taken', 'submitted') AND o.{} = ANY ($1::integer[])))", state,
                        quoted(columns.taken_by));
  const auto rows = connection.run(
      fmt::format("SELECT o.* FROM {0} o WHERE {1} AND {2} AND o.{3}::text <> ALL ($2::text[]){4} ORDER BY o.{3} "
                  "LIMIT $3 FOR UPDATE OF o SKIP LOCKED",
                  table_, may_go, is_open("o"), quoted(columns.key), in_order()),
      std::array{Parameter(array_text(number_texts(silent))), Parameter(array_text(skipped)),
                 Parameter(std::to_string(most))});
  if (!rows) return rows.refusal();
  return all_rows(*rows);
}

base::Result<std::vector<mapping::SqlRow>> OutboxTable::taken_by(std::int32_t owner, Connection& connection) const {
  const auto rows = connection.run(
      fmt::format("SELECT o.* FROM {} o WHERE o.{} IN ('taken', 'submitted') AND o.{} = $1 ORDER BY o.{}", table_,
                  quoted(settings_.columns.state), quoted(settings_.columns.taken_by), quoted(settings_.columns.key)),
      std::array{Parameter(std::to_string(owner))});
  if (!rows) return rows.refusal();
  return all_rows(*rows);
}

std::string_view OutboxTable::key_of(const mapping::SqlRow& row) const { return cell(row, settings_.columns.key); }

std::string OutboxTable::message_id_of(const mapping::SqlRow& row) const {
  return base::id_bytes(cell(row, settings_.columns.message_id)).value_or(std::string());
}

/// The row `o`, as long as nobody else took or settled it since it was read. The first $ are its values.
std::string OutboxTable::as_read(const mapping::SqlRow& row, std::vector<Parameter>& values) const {
  const auto& columns = settings_.columns;
  values = {std::string(key_of(row)), or_null(cell(row, columns.taken_by)), or_null(cell(row, columns.message_id))};
  return fmt::format(
      "o.{} = $1 AND o.{} IS NOT DISTINCT FROM $2::integer AND o.{} IS NOT DISTINCT FROM $3::uuid AND {}",
      quoted(columns.key), quoted(columns.taken_by), quoted(columns.message_id), is_open("o"));
}

Status OutboxTable::take(const mapping::SqlRow& row, std::int32_t owner, const RowIds& ids,
                         Connection& connection) const {
  const auto& columns = settings_.columns;
  std::vector<Parameter> values;
  const auto which = as_read(row, values);
  values.insert(values.end(), {std::to_string(owner), uuid(ids.message_id)});
  std::string set = fmt::format("{} = 'taken', {} = $4, {} = $5", quoted(columns.state), quoted(columns.taken_by),
                                quoted(columns.message_id));
  for (const auto& [column, id] :
       {std::pair(columns.referral_id, ids.referral_id), std::pair(columns.case_id, ids.case_id),
        std::pair(columns.appointment_id, ids.appointment_id)}) {
    if (column.empty() || id.empty()) continue;
    values.push_back(uuid(id));
    set += fmt::format(", {} = ${}", quoted(column), values.size());
  }
  const auto rows = connection.run(fmt::format("UPDATE {} o SET {} WHERE {}", table_, set, which), values);
  if (!rows) return rows.refusal();
  return one_changed(rows->changed());
}

/// Settles the rows `o` where `which` holds, in which the first $ are `values`; answers how many.
base::Result<std::size_t> OutboxTable::settle(const std::string& which, std::vector<Parameter> values,
                                              std::string_view state, std::uint64_t position,
                                              const v1::Refused& refusal, Connection& connection) const {
  const auto& columns = settings_.columns;
  std::string set = fmt::format("{} = '{}'", quoted(columns.state), state);
  if (!columns.settled_at.empty()) set += fmt::format(", {} = now()", quoted(columns.settled_at));
  const auto write = [&](const std::string& column, Parameter what) {
    if (column.empty()) return;
    values.push_back(std::move(what));
    set += fmt::format(", {} = ${}", quoted(column), values.size());
  };
  write(columns.position, position == 0 ? Parameter() : std::to_string(position));
  write(columns.code, or_null(refusal.code()));
  write(columns.sentence_fr, or_null(refusal.french()));
  write(columns.sentence_en, or_null(refusal.english()));
  const auto rows = connection.run(fmt::format("UPDATE {} o SET {} WHERE {}", table_, set, which), values);
  if (!rows) return rows.refusal();
  return rows->changed();
}

/// The row with this message id, while it is in one of `states`.
std::string OutboxTable::by_message(std::string_view states) const {
  return fmt::format("o.{} = $1 AND o.{} IN ({})", quoted(settings_.columns.message_id),
                     quoted(settings_.columns.state), states);
}

Status OutboxTable::refuse(const mapping::SqlRow& row, const v1::Refused& refusal, Connection& connection) const {
  std::vector<Parameter> values;
  const auto which = as_read(row, values);
  return one_changed(settle(which, std::move(values), "refused", 0, refusal, connection));
}

Status OutboxTable::skip(const mapping::SqlRow& row, Connection& connection) const {
  std::vector<Parameter> values;
  const auto which = as_read(row, values);
  return one_changed(settle(which, std::move(values), "accepted", 0, {}, connection));
}

Status OutboxTable::mark_submitted(std::span<const std::string> message_ids, Connection& connection) const {
  std::vector<std::string> texts;
  for (const auto& id : message_ids) texts.push_back(base::id_text(id));
  return done(connection.run(fmt::format("UPDATE {} SET {} = 'submitted' WHERE {} = ANY ($1::uuid[]) AND {} = 'taken'",
                                         table_, quoted(settings_.columns.state), quoted(settings_.columns.message_id),
                                         quoted(settings_.columns.state)),
                             std::array{Parameter(array_text(texts))}));
}

Status OutboxTable::settle_accepted(std::string_view message_id, std::uint64_t position, Connection& connection) const {
  return done(settle(by_message("'taken', 'submitted'"), {uuid(message_id)}, "accepted", position, {}, connection));
}

Status OutboxTable::settle_refused(std::string_view message_id, const v1::Refused& refusal,
                                   Connection& connection) const {
  return done(settle(by_message("'taken', 'submitted'"), {uuid(message_id)}, "refused", 0, refusal, connection));
}

// The news may overtake the receipt.
Status OutboxTable::settle_dead(std::string_view message_id, std::string_view code, Connection& connection) const {
  v1::Refused refusal;
  if (const auto known = base::refusal_code(code)) refusal = base::refuse(*known).to_wire({});
  refusal.set_code(std::string(code));
  return done(
      settle(by_message("'taken', 'submitted', 'accepted'"), {uuid(message_id)}, "dead", 0, refusal, connection));
}

base::Result<std::vector<std::string>> OutboxTable::faults(Connection& connection) const {
  const auto& columns = settings_.columns;
  const std::array<std::pair<std::string, std::string_view>, 13> wanted = {{
      {columns.key, ""},
      {columns.state, "text"},
      {columns.message_id, "uuid"},
      {columns.taken_by, "integer"},
      {columns.reference, ""},
      {columns.referral_id, "uuid"},
      {columns.case_id, "uuid"},
      {columns.appointment_id, "uuid"},
      {columns.position, "bigint"},
      {columns.code, "text"},
      {columns.sentence_fr, "text"},
      {columns.sentence_en, "text"},
      {columns.settled_at, "timestamp with time zone"},
  }};
  std::vector<std::string> found;
  for (const auto& [column, type] : wanted) {
    if (column.empty()) continue;
    const auto rows = connection.run(
        "SELECT format_type(a.atttypid, NULL) FROM pg_attribute a WHERE a.attrelid = to_regclass($1) "
        "AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
        std::array{Parameter(table_), Parameter(column)});
    if (!rows) return rows.refusal();
    if (rows->empty()) {
      found.push_back(fmt::format("{}: there is no column {}", settings_.table, column));
      continue;
    }
    const auto type_found = rows->text(0, 0);
    const bool fits = type.empty() || type_found == type || (type == "text" && type_found.starts_with("character"));
    if (!fits)
      found.push_back(fmt::format("{}: the column {} is {}, needed: {}", settings_.table, column, type_found, type));
  }
  return found;
}

}  // namespace relais::postgres
