#include "broker/engine/message_search.h"

#include <algorithm>

#include "broker/engine/durable_rows.h"
#include "broker/engine/views.h"

namespace relais::engine {

namespace {

using core::Position;
using core::State;
using core::TableId;

bool fits(const MessageFilter& filter, const v1::Envelope& envelope) {
  if (!filter.referral_id.empty() && envelope.referral_id() != filter.referral_id) return false;
  if (!filter.case_id.empty() && envelope.case_id() != filter.case_id) return false;
  if (!filter.kind.empty() && core::kind_of(envelope.body_case()).name != filter.kind) return false;
  return filter.institution.empty() || envelope.sender() == filter.institution ||
         std::ranges::find(envelope.recipients(), filter.institution) != envelope.recipients().end();
}

bool has_state(const v1::MessageRow& row, std::string_view state) {
  return std::ranges::any_of(row.deliveries(), [&](const v1::DeliveryRow& delivery) {
    return views::delivery_state_name(delivery.state()) == state;
  });
}

/// Adds the messages that `record` brought in and that fit, the last first when the walk goes back.
void collect(const journal::Store& store, const v1::Record& record, const MessageFilter& filter, bool back,
             std::vector<MessageHit>& hits) {
  const auto first = static_cast<std::ptrdiff_t>(hits.size());
  for (const auto& event : record.events()) {
    if (!event.has_message_accepted()) continue;
    const auto& agreement = event.message_accepted().agreement();
    if (!filter.agreement.empty() && agreement != filter.agreement) continue;
    const auto envelope = State::parse<v1::Envelope>(event.message_accepted().envelope());
    if (!fits(filter, envelope)) continue;
    auto row = find_row<v1::MessageRow>(store, TableId::messages, envelope.message_id());
    if (!row || (!filter.state.empty() && !has_state(*row, filter.state))) continue;
    hits.push_back({record.position(), base::from_ms(record.at_ms()), envelope.message_id(),
                    std::string(core::kind_of(envelope.body_case()).name), envelope.sender(), envelope.referral_id(),
                    envelope.case_id(), envelope.purpose(), agreement, envelope.exercise(), std::move(*row)});
  }
  if (back) std::reverse(hits.begin() + first, hits.end());
}

bool closes(const v1::Record& record, std::string_view referral_id) {
  return std::ranges::any_of(record.events(), [&](const v1::Event& event) {
    return event.has_referral_closed() && event.referral_closed().referral_id() == referral_id;
  });
}

}  // namespace

KnownId MessageSearch::known(std::string_view id) const {
  KnownId known;
  known.message = store_.get(TableId::messages, id).has_value();
  known.referral = store_.get(TableId::referrals, id).has_value();
  known.the_case = store_.get(TableId::cases, id).has_value();
  if (const auto appointment = find_row<v1::AppointmentRow>(store_, TableId::appointments, id))
    known.appointment_of = appointment->referral_id();
  return known;
}

MessagePage MessageSearch::page(const MessageFilter& filter, Position from, std::size_t most, WalkLimits limits) const {
  MessagePage page;
  page.last = store_.durable().position;
  const bool back = filter.referral_id.empty();
  if (!back) {
    const auto referral = find_row<v1::ReferralRow>(store_, TableId::referrals, filter.referral_id);
    if (!referral) return page;
    page.first = referral->opened_at_position();
  }
  WalkBudget budget(limits);
  for (Position at = from != 0 ? from
                     : back    ? page.last
                               : page.first;
       at >= page.first && at <= page.last; back ? --at : ++at) {
    if (page.hits.size() >= most || !budget.take()) {
      page.next = at;
      break;
    }
    const auto record = record_at(store_, at);
    if (!record) continue;
    page.reached = base::from_ms(record->at_ms());
    if (back && filter.from && *page.reached < *filter.from) break;
    if (!filter.until || *page.reached < *filter.until) collect(store_, *record, filter, back, page.hits);
    if (!back && closes(*record, filter.referral_id)) break;
  }
  page.examined = budget.rows();
  return page;
}

}  // namespace relais::engine
