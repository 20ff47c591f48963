#include "broker/engine/operator_acts.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "broker/core/state.h"
#include "broker/journal/chain.h"

namespace relais::engine {

namespace {

using core::Position;
using core::State;

// Records are read in the order in which they were written, a portion at a time, the last portion first.
constexpr Position kPortion = 2'048;

void say_about_what(const v1::Event& event, OperatorAct& act) {
  const auto about = [&](const v1::DeliveryRef& delivery) {
    act.message_id = delivery.message_id();
    act.recipient = delivery.recipient();
  };
  if (event.has_dead_letter_requeued()) about(event.dead_letter_requeued().delivery());
  if (event.has_dead_letter_discarded()) about(event.dead_letter_discarded().delivery());
  if (event.has_institution_paused()) act.recipient = event.institution_paused().institution();
  if (event.has_institution_resumed()) act.recipient = event.institution_resumed().institution();
  if (event.has_message_accepted())
    act.message_id = State::parse<v1::Envelope>(event.message_accepted().envelope()).message_id();
  if (event.has_network_applied())
    act.network_version = State::parse<v1::NetworkDefinition>(event.network_applied().network().definition()).version();
}

std::optional<OperatorAct> act_in(const v1::Record& record, const OperatorActFilter& filter) {
  if (record.events().empty() || !record.events(0).has_operator_acted()) return std::nullopt;
  const auto& acted = record.events(0).operator_acted();
  if (!filter.name.empty() && acted.operator_() != filter.name) return std::nullopt;
  if (!filter.action.empty() && acted.action() != filter.action) return std::nullopt;
  OperatorAct act;
  act.position = record.position();
  act.at = base::from_ms(record.at_ms());
  act.name = acted.operator_();
  act.action = acted.action();
  act.reason = acted.reason();
  act.account = acted.account();
  for (const auto& event : record.events()) say_about_what(event, act);
  return act;
}

}  // namespace

base::Result<OperatorActPage> OperatorActs::page(const OperatorActFilter& filter, Position from, std::size_t most,
                                                 WalkLimits limits) const {
  OperatorActPage page;
  page.last = store_.durable().position;
  const auto time_is_up = std::chrono::steady_clock::now() + limits.time_max;
  Position until = from == 0 ? page.last : std::min(from, page.last);
  while (until != 0) {
    const Position first = until > kPortion ? until - kPortion + 1 : 1;
    std::vector<OperatorAct> acts;
    bool too_early = false;  // the portion begins before what the filter asks for: so does everything before it
    const auto read = store_.replay(first, [&](const journal::StoredRecord& stored) {
      const auto record = State::parse<v1::Record>(stored.bytes);
      const auto at = base::from_ms(record.at_ms());
      if (stored.position == first) page.reached = at;
      const bool early = filter.from && at < *filter.from;
      too_early = too_early || early;
      if (!early && (!filter.until || at < *filter.until))
        if (auto act = act_in(record, filter)) acts.push_back(std::move(*act));
      return stored.position < until;
    });
    if (!read) return read.refusal();
    page.examined += until - first + 1;
    const auto room = std::min(most - page.acts.size(), acts.size());
    std::move(acts.rbegin(), acts.rbegin() + static_cast<std::ptrdiff_t>(room), std::back_inserter(page.acts));
    if (room < acts.size()) {
      page.next = acts[acts.size() - room - 1].position;
      return page;
    }
    until = too_early ? 0 : first - 1;
    if (page.acts.size() == most || page.examined >= limits.rows_max ||
        std::chrono::steady_clock::now() >= time_is_up) {
      page.next = until;
      return page;
    }
  }
  return page;
}

ChainStretch OperatorActs::verify(Position from, WalkLimits limits) const {
  ChainStretch stretch{{from - 1, {}}, store_.durable(), std::nullopt};
  if (from > stretch.end.position) {
    stretch.reached = stretch.end;
    return stretch;
  }
  WalkBudget budget(limits);
  const auto read = store_.replay(from, [&](const journal::StoredRecord& record) {
    stretch.reached = {record.position, record.hash};
    return record.position < stretch.end.position && budget.take();
  });
  if (!read)
    stretch.damaged = read.refusal();
  else if (stretch.reached.position == stretch.end.position && stretch.reached.hash != stretch.end.hash)
    stretch.damaged = journal::damaged(stretch.end.position, "the chain ends in another hash");
  return stretch;
}

}  // namespace relais::engine
