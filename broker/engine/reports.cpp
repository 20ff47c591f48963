#include "broker/engine/reports.h"

#include "broker/core/keys.h"
#include "broker/engine/durable_rows.h"
#include "broker/engine/durable_tables.h"

namespace relais::engine {

namespace {

using core::State;
using core::TableId;

std::optional<base::Instant> oldest_of(const journal::Store& store, const std::string& institution) {
  std::optional<core::MessageKey> oldest;
  for (std::uint8_t urgency = 0; urgency < core::keys::kUrgencies; ++urgency) {
    const auto from = core::keys::queue_class(institution, urgency);
    store.scan(TableId::queue, from, core::keys::end_of(from), [&](std::string_view key, std::string_view) {
      const auto message = core::keys::message_at_end(key);
      if (!oldest || message < *oldest) oldest = message;
      return false;
    });
  }
  if (!oldest) return std::nullopt;
  const auto record = record_at(store, oldest->position);
  if (!record) return std::nullopt;
  return base::from_ms(record->at_ms());
}

/// The step that an event is for this message, if it speaks of it.
std::optional<TraceStep> step_of(const v1::Event& event, std::string_view message_id) {
  const auto of = [&](const v1::DeliveryRef& delivery, std::string name,
                      std::string detail) -> std::optional<TraceStep> {
    if (delivery.message_id() != message_id) return std::nullopt;
    return TraceStep{0, {}, std::move(name), delivery.recipient(), std::move(detail)};
  };
  switch (event.kind_case()) {
    case v1::Event::kMessageAccepted: {
      const auto envelope = State::parse<v1::Envelope>(event.message_accepted().envelope());
      if (envelope.message_id() != message_id) return std::nullopt;
      return TraceStep{0, {}, "accepted", {}, event.message_accepted().agreement()};
    }
    case v1::Event::kDeliverySettled:
      for (const auto& delivery : event.delivery_settled().deliveries())
        if (auto step = of(delivery, "delivered", {})) return step;
      return std::nullopt;
    case v1::Event::kDeliveryParked: {
      const auto& parked = event.delivery_parked();
      return of(parked.delivery(), "parked", parked.reason() + ", attempt " + std::to_string(parked.attempts()));
    }
    case v1::Event::kDeliveryResumed:
      return of(event.delivery_resumed().delivery(), "resumed", {});
    case v1::Event::kDeliveryDead: {
      const auto& dead = event.delivery_dead();
      return of(dead.delivery(), "dead", dead.detail().empty() ? dead.reason() : dead.reason() + ", " + dead.detail());
    }
    case v1::Event::kDeadLetterRequeued:
      return of(event.dead_letter_requeued().delivery(), "requeued", {});
    case v1::Event::kDeadLetterDiscarded:
      return of(event.dead_letter_discarded().delivery(), "discarded", {});
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<v1::NetworkDefinition> Reports::network() const {
  DurableTables tables(store_);
  const State state(tables);
  if (state.directory() == nullptr) return std::nullopt;
  return state.directory()->definition();
}

base::Result<core::NetworkTrial> Reports::try_network(const v1::SignedNetwork& signed_network,
                                                      const base::PublicKeyBytes& authority) const {
  const auto in_force = network();
  return core::try_network(signed_network, authority,
                           in_force ? std::optional<std::uint64_t>(in_force->version()) : std::nullopt);
}

std::vector<QueueReport> Reports::queues() const {
  std::vector<QueueReport> reports;
  DurableTables tables(store_);
  const State state(tables);
  if (state.directory() == nullptr) return reports;
  for (const auto& institution : state.directory()->definition().institutions())
    reports.push_back({institution.id(), institution.name(), state.counts(institution.id()),
                       oldest_of(store_, institution.id()), state.pause(institution.id())});
  return reports;
}

TrafficByAgreement Reports::traffic() const {
  TrafficByAgreement traffic;
  DurableTables tables(store_);
  const State state(tables);
  if (state.directory() == nullptr) return traffic;
  for (const auto& agreement : state.directory()->definition().agreements())
    traffic.emplace(agreement.id(), state.traffic(agreement.id()));
  return traffic;
}

std::optional<TraceReport> Reports::trace(std::string_view message_id) const {
  auto row = find_row<v1::MessageRow>(store_, TableId::messages, message_id);
  if (!row) return std::nullopt;
  TraceReport report;
  report.message_id = message_id;
  report.kind = kind_name(row->kind());
  report.sender = row->sender();
  report.exercise = row->exercise();
  std::vector<core::Position> positions{row->position()};
  positions.insert(positions.end(), row->history().begin(), row->history().end());
  for (const auto position : positions) {
    const auto record = record_at(store_, position);
    if (!record) continue;
    std::string by;  // who acted and why, where an operator did
    for (const auto& event : record->events()) {
      if (event.has_operator_acted()) by = event.operator_acted().operator_() + ": " + event.operator_acted().reason();
      auto step = step_of(event, message_id);
      if (!step) continue;
      if (step->detail.empty()) step->detail = by;
      step->position = position;
      step->at = base::from_ms(record->at_ms());
      report.steps.push_back(std::move(*step));
      if (!event.has_message_accepted()) continue;
      const auto envelope = State::parse<v1::Envelope>(event.message_accepted().envelope());
      report.purpose = envelope.purpose();
      report.referral_id = envelope.referral_id();
      report.case_id = envelope.case_id();
      report.trace_parent = envelope.trace_parent();
    }
  }
  report.row = std::move(*row);
  return report;
}

Reports::Slots Reports::slots(std::string_view institution, std::size_t most) const {
  Slots report;
  const auto from = institution.empty() ? std::string() : core::keys::institution(institution);
  const auto to = institution.empty() ? std::string() : core::keys::end_of(from);
  store_.scan(TableId::slots, from, to, [&](std::string_view key, std::string_view value) {
    report.more = report.rows.size() == most;
    if (report.more) return false;
    report.rows.emplace_back(core::keys::institution_at_start(key), State::parse<v1::SlotRow>(value));
    return true;
  });
  std::stable_sort(report.rows.begin(), report.rows.end(), [](const auto& a, const auto& b) {
    return std::pair(std::string_view(a.first), a.second.slot().start_ms()) <
           std::pair(std::string_view(b.first), b.second.slot().start_ms());
  });
  return report;
}

std::optional<Reports::Referral> Reports::referral(std::string_view referral_id) const {
  auto row = find_row<v1::ReferralRow>(store_, TableId::referrals, referral_id);
  if (!row) return std::nullopt;
  Referral report;
  for (const auto& id : row->appointments())
    if (auto appointment = find_row<v1::AppointmentRow>(store_, TableId::appointments, id))
      report.appointments.emplace_back(id, std::move(*appointment));
  report.row = std::move(*row);
  return report;
}

}  // namespace relais::engine
