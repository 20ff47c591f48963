#include "adapters/postgres/inbox_writer.h"

#include <array>

#include <fmt/format.h>

#include "adapters/postgres/body_columns.h"
#include "adapters/postgres/contents_json.h"
#include "adapters/postgres/row.h"
#include "adapters/postgres/sql_fault.h"
#include "adapters/postgres/transaction.h"
#include "adapters/sdk/draft.h"
#include "broker/base/clock.h"
#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

std::vector<mapping::Content> contents_of(const sdk::Incoming& message) {
  std::vector<mapping::Content> contents;
  for (const auto& opened : message.contents) contents.push_back({opened.category, opened.bytes});
  return contents;
}

std::string withheld_text(const sdk::Incoming& message) {
  std::string text = "{";
  for (const auto category : message.withheld) {
    const auto name = short_name(*v1::Category_descriptor(), category);
    if (text.size() > 1) text += ',';
    text += name.empty() ? "unknown" : name;
  }
  return text + '}';
}

/// INSERT with a column for each value; NULLs keep the column's default.
struct Insert {
  std::string columns;
  std::string places;
  std::vector<Parameter> values;

  void add(std::string_view column, Parameter value) {
    if (!value) return;
    if (!columns.empty()) {
      columns += ", ";
      places += ", ";
    }
    columns += quoted_name(column);
    values.push_back(std::move(value));
    places += fmt::format("${}", values.size());
  }
};

std::string columns_json(const mapping::SqlRow& row) {
  // PostgreSQL builds the JSON: json_object() takes pairs of texts.
  std::string text = "{";
  const auto add = [&](const std::optional<std::string>& item) {
    if (text.size() > 1) text += ',';
    if (!item) {
      text += "NULL";
      return;
    }
    text += '"';
    for (const char c : *item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  };
  for (const auto& [column, value] : row.columns) {
    add(column);
    add(value);
  }
  return text + '}';
}

/// A message that makes this institution answerable for a person.
bool asks_for_work(const sdk::Incoming& message) {
  return message.envelope.has_referral_requested() ||
         (message.envelope.has_referral_forwarded() && message.envelope.referral_forwarded().to() == message.recipient);
}

base::Refusal not_writable(const mapping::FailedMessage& failed) {
  const auto& fault = failed.faults.front();
  return refuse(RefusalCode::input_invalid, fault.field, {{"why", fault.rule}});
}

}  // namespace

InboxWriter::InboxWriter(Options options, const OutboxTable& outbox, mapping::LossLog& losses)
    : options_(std::move(options)), outbox_(outbox), losses_(losses) {}

base::Result<Stored> InboxWriter::store(const sdk::Incoming& message, Connection& connection) const {
  return with_attempts<Stored>([&] { return store_once(message, connection); });
}

base::Result<Stored> InboxWriter::store_once(const sdk::Incoming& message, Connection& connection) const {
  Transaction transaction(connection);
  if (auto said = transaction.begin(); !said) return said.refusal();
  std::vector<mapping::LostField> lost;
  auto stored = write(message, connection, lost);
  if (!stored || *stored == Stored::before || *stored == Stored::not_carried) return stored;
  if (auto said = transaction.commit(); !said) return said.refusal();
  if (*stored == Stored::now && !lost.empty()) losses_.tell(options_.mapping->name(), mapping::LossLog::Way::out, lost);
  return stored;
}

base::Result<Stored> InboxWriter::write(const sdk::Incoming& message, Connection& connection,
                                        std::vector<mapping::LostField>& lost) const {
  mapping::LocalReferences local;
  if (options_.keeps_book) {
    const auto fresh = is_new(message, connection);
    if (!fresh) return fresh.refusal();
    if (!*fresh) return Stored::before;
    const Passage passage{message.recipient, true, message.position, options_.automatic_receipts};
    if (auto said = Book(connection).record(message.envelope, passage); !said) return said.refusal();
    auto known = names(message, connection);
    if (!known) return known.refusal();
    local = std::move(*known);
  }
  if (message.envelope.has_delivery_failed()) {
    const auto& failed = message.envelope.delivery_failed();
    if (auto said = outbox_.settle_dead(failed.message_id(), failed.reason(), connection); !said) return said.refusal();
  }
  auto mapped = map(message, local);
  if (!mapped) return mapped.refusal();
  if (options_.settings.own_table()) {
    lost = std::move((*mapped)->lost);
    return write_mapped(message, **mapped, connection);
  }
  // relais.inbox holds all contents beside the mapping's columns: nothing is lost there.
  std::optional<mapping::SqlRow> row;
  if (*mapped && !(*mapped)->rows.empty()) row = (*mapped)->rows.front().row;
  if (auto said = write_standard(message, row, local.reference, connection); !said) return said.refusal();
  return Stored::now;
}

base::Result<bool> InboxWriter::is_new(const sdk::Incoming& message, Connection& connection) const {
  const auto said =
      connection.run("INSERT INTO relais.seen_message (message_id, institution) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                     std::array{uuid(message.envelope.message_id()), Parameter(message.recipient)});
  if (!said) return said.refusal();
  return said->changed() == 1;
}

base::Result<mapping::LocalReferences> InboxWriter::names(const sdk::Incoming& message, Connection& connection) const {
  Book book(connection);
  mapping::LocalReferences local;
  const auto& envelope = message.envelope;
  if (envelope.referral_id().empty()) return local;
  local.referral = base::id_text(envelope.referral_id());
  const auto referral = book.referral(envelope.referral_id(), message.recipient);
  if (!referral) return referral.refusal();
  if (*referral) local.reference = (*referral)->local_reference;
  if (envelope.appointment_id().empty()) return local;
  auto appointment = book.appointment_reference(envelope.appointment_id(), message.recipient);
  if (!appointment) return appointment.refusal();
  local.appointment = std::move(*appointment);
  return local;
}

base::Result<std::optional<mapping::WriteResult>> InboxWriter::map(const sdk::Incoming& message,
                                                                   const mapping::LocalReferences& local) const {
  if (!options_.mapping) return std::optional<mapping::WriteResult>();
  auto written = options_.mapping->write(mapping::OutgoingMessage{message.envelope, contents_of(message), local});
  if (!written.failed.empty()) return not_writable(written.failed.front());
  return std::optional(std::move(written));
}

base::Status InboxWriter::write_standard(const sdk::Incoming& message, const std::optional<mapping::SqlRow>& mapped,
                                         const std::string& local_reference, Connection& connection) const {
  const auto& envelope = message.envelope;
  auto contents = contents_to_json(contents_of(message));
  if (!contents) return contents.refusal();
  const auto priority = short_name(*v1::Priority_descriptor(), envelope.priority());
  Insert insert;
  insert.add("message_id", uuid(envelope.message_id()));
  insert.add("institution", message.recipient);
  insert.add("kind", std::string(kind_name(envelope)));
  insert.add("referral_id", uuid(envelope.referral_id()));
  insert.add("case_id", uuid(envelope.case_id()));
  insert.add("appointment_id", uuid(envelope.appointment_id()));
  insert.add("sender", envelope.sender());
  insert.add("purpose", envelope.purpose());
  insert.add("priority", priority.empty() ? "routine" : priority);
  insert.add("exercise", envelope.exercise() ? "true" : "false");
  insert.add("sent_at", time_text(envelope.sent_at_ms()));
  insert.add("accepted_at", time_text(base::to_ms(message.accepted_at)));
  insert.add("position", std::to_string(message.position));
  insert.add("local_reference", or_null(local_reference));
  insert.add("contents", std::move(*contents));
  insert.add("withheld", withheld_text(message));
  for (auto& [column, value] : body_columns(envelope)) insert.add(column, std::move(value));
  std::string columns = insert.columns;
  std::string places = insert.places;
  if (mapped) {
    insert.values.emplace_back(columns_json(*mapped));
    columns += ", columns";
    places += fmt::format(", json_object(${}::text[])::jsonb", insert.values.size());
  }
  const auto said =
      connection.run(fmt::format("INSERT INTO relais.inbox ({}) VALUES ({})", columns, places), insert.values);
  if (!said) return said.refusal();
  return base::Done{};
}

base::Result<Stored> InboxWriter::write_mapped(const sdk::Incoming& message, const mapping::WriteResult& mapped,
                                               Connection& connection) const {
  if (mapped.rows.empty()) return asks_for_work(message) ? Stored::not_carried : Stored::not_mapped;
  bool any = false;
  for (const auto& written : mapped.rows) {
    const auto target = table_for(written.record);
    Insert insert;
    insert.add(target.key, key_of(message));
    for (const auto& [column, value] : written.row.columns)
      if (column != target.key) insert.add(column, value);
    const auto said =
        connection.run(fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING",
                                   quoted_name(target.table), insert.columns, insert.places, quoted_name(target.key)),
                       insert.values);
    if (!said) return said.refusal();
    any = any || said->changed() > 0;
  }
  return any ? Stored::now : Stored::before;
}

/// Two of our institutions may each get a copy of one message.
std::string InboxWriter::key_of(const sdk::Incoming& message) const {
  const auto& envelope = message.envelope;
  for (const auto& recipient : envelope.recipients()) {
    if (recipient == message.recipient) break;
    if (options_.institutions.contains(recipient))
      return base::id_text(sdk::named_id("relais-postgres inbox " + message.recipient, envelope.message_id()));
  }
  return base::id_text(envelope.message_id());
}

InboxTable InboxWriter::table_for(const std::string& record) const {
  const auto own = options_.settings.records.find(record);
  if (own != options_.settings.records.end()) return own->second;
  return {options_.settings.table, options_.settings.key};
}

base::Result<std::vector<std::string>> InboxWriter::faults(Connection& connection) const {
  std::vector<std::string> found;
  if (!options_.settings.own_table()) return found;
  for (const auto& record : options_.mapping->records()) {
    const auto target = table_for(record);
    const auto rows = connection.run(
        "SELECT EXISTS (SELECT FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisunique "
        "AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum "
        "WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.atttypid = 'uuid'::regtype)",
        std::array{Parameter(quoted_name(target.table)), Parameter(target.key)});
    if (!rows) return rows.refusal();
    if (rows->text(0, 0) != "t")
      found.push_back(
          fmt::format("{}: needs a column {} of type uuid with a unique index of its own", target.table, target.key));
  }
  return found;
}

}  // namespace relais::postgres
