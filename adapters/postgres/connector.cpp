#include "adapters/postgres/connector.h"

#include "adapters/postgres/body_columns.h"
#include "adapters/postgres/schema.h"
#include "adapters/postgres/sql_fault.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::postgres {

namespace {

using std::chrono::milliseconds;

constexpr auto kBrokerChooses = milliseconds(0);
constexpr auto kBusyPause = milliseconds(500);

Session::Options session_options(const Settings& settings) {
  Session::Options options;
  options.connection = settings.connection;
  options.needs_schema = settings.keeps_book;
  return options;
}

InboxWriter::Options writer_options(const Settings& settings, const sdk::AdapterConfig& config) {
  InboxWriter::Options options;
  options.settings = settings.inbox;
  options.mapping = settings.inbox_mapping;
  options.keeps_book = settings.keeps_book;
  options.automatic_receipts = config.automatic_receipts;
  for (const auto& institution : config.institutions) options.institutions.insert(institution.id);
  return options;
}

OutboxSender::Options sender_options(const Settings& settings, const sdk::AdapterConfig& config) {
  OutboxSender::Options options;
  options.session = session_options(settings);
  options.poll_interval = settings.poll_interval;
  options.take_over_after = settings.take_over_after;
  options.keeps_book = settings.keeps_book;
  options.automatic_receipts = config.automatic_receipts;
  return options;
}

std::string served(const sdk::AdapterConfig& config) {
  std::string ids;
  for (const auto& institution : config.institutions) ids += (ids.empty() ? "" : ",") + institution.id;
  return ids;
}

/// An adapter of one institution sends in its name.
Settings with_sender(Settings settings, const sdk::AdapterConfig& config) {
  if (settings.outbox.institution.empty() && config.institutions.size() == 1)
    settings.outbox.institution = config.institutions.front().id;
  return settings;
}

}  // namespace

PostgresConnector::PostgresConnector(Settings settings, const sdk::AdapterConfig& config)
    : settings_(with_sender(std::move(settings), config)),
      losses_(served(config),
              [this](std::uint64_t values) {
                if (adapter_ != nullptr) adapter_->count_not_carried(values);
              }),
      table_(settings_.outbox),
      reader_(settings_.outbox, settings_.outbox_mapping, settings_.keeps_book, losses_),
      writer_(writer_options(settings_, config), table_, losses_),
      inbox_session_("inbox", session_options(settings_)),
      sender_(sender_options(settings_, config), table_, reader_) {}

// The database may be away for now, so a fault of the tables is told and does not end the program.
base::Status PostgresConnector::start(sdk::Adapter& adapter) {
  for (const auto& fault : faults()) base::log_error("database not as needed", {{"why", fault}});
  adapter_ = &adapter;
  sender_.start(adapter);
  return base::Done{};
}

void PostgresConnector::stop() { sender_.stop(); }

sdk::Verdict PostgresConnector::on_message(const sdk::Incoming& message) {
  Connection* const connection = inbox_session_.get();
  if (connection == nullptr) return sdk::Verdict::retry(kBrokerChooses, std::string(reason_code(SqlFault::away)));
  const auto stored = writer_.store(message, *connection);
  return stored ? answer(*stored, message) : answer(stored.refusal(), message);
}

sdk::Verdict PostgresConnector::answer(Stored stored, const sdk::Incoming& message) const {
  if (stored == Stored::not_carried) {
    base::log_error("request without a record in the mapping",
                    {{"message_id", base::id_text(message.envelope.message_id())},
                     {"trace", base::trace_id(message.envelope.trace_parent())},
                     {"kind", kind_name(message.envelope)}});
    return sdk::Verdict::reject("mapping.kind_not_carried");
  }
  if (stored == Stored::not_mapped)
    base::log_info("message without a record in the mapping",
                   {{"message_id", base::id_text(message.envelope.message_id())},
                    {"trace", base::trace_id(message.envelope.trace_parent())},
                    {"kind", kind_name(message.envelope)}});
  return sdk::Verdict::handled();
}

sdk::Verdict PostgresConnector::answer(const base::Refusal& refusal, const sdk::Incoming& message) const {
  const auto message_id = base::id_text(message.envelope.message_id());
  if (!is_sql(refusal)) {
    base::log_error("message does not fit the mapping", {{"message_id", message_id},
                                                         {"trace", base::trace_id(message.envelope.trace_parent())},
                                                         {"why", refusal.english()}});
    return settings_.inbox.reject_bad_rows ? sdk::Verdict::reject("mapping.failed")
                                           : sdk::Verdict::retry(kBrokerChooses, "mapping.failed");
  }
  const auto fault = fault_of(refusal);
  const std::string reason(reason_code(fault));
  base::log_warning("message not stored", {{"message_id", message_id},
                                           {"trace", base::trace_id(message.envelope.trace_parent())},
                                           {"reason", reason},
                                           {"sqlstate", sqlstate_of(refusal)}});
  if (fault == SqlFault::row && settings_.inbox.reject_bad_rows) return sdk::Verdict::reject(reason);
  return sdk::Verdict::retry(fault == SqlFault::again ? kBusyPause : kBrokerChooses, reason);
}

void PostgresConnector::on_receipt(const base::MessageId& message, std::uint64_t position) {
  sender_.on_receipt(message, position);
}

void PostgresConnector::on_refused(const base::MessageId& message, const v1::Refused& refusal) {
  sender_.on_refused(message, refusal);
}

std::vector<std::string> PostgresConnector::faults() const {
  auto connection = Connection::open(settings_.connection);
  if (!connection) return {connection.refusal().english()};
  std::vector<std::string> found;
  if (settings_.keeps_book)
    if (auto said = check_schema(*connection); !said) return {said.refusal().english()};
  for (const auto& faults_of_part : {table_.faults(*connection), writer_.faults(*connection)}) {
    if (!faults_of_part) return {faults_of_part.refusal().english()};
    found.insert(found.end(), faults_of_part->begin(), faults_of_part->end());
  }
  return found;
}

}  // namespace relais::postgres
