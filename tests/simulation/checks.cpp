// What must hold whatever happened.
#include <map>
#include <set>

#include "broker/base/ids.h"
#include "broker/core/apply.h"
#include "broker/core/slot_rules.h"
#include "broker/journal/overlay_tables.h"
#include "tests/simulation/field.h"
#include "tests/simulation/short_id.h"
#include "tests/simulation/simulator.h"

namespace relais::simulation {

namespace {

using core::State;
using core::TableId;

struct Nobody final : core::Observer {
  void ready(std::string_view, std::uint8_t, core::MessageKey) override {}
  void no_longer_ready(std::string_view, std::uint8_t, core::MessageKey) override {}
  void payload_erased(core::MessageKey) override {}
  void network_changed() override {}
  void resumed(std::string_view) override {}
};

std::size_t rows(const core::Tables& tables, TableId table) {
  std::size_t count = 0;
  tables.scan(table, {}, {}, [&](auto, auto) { return ++count != 0; });
  return count;
}

}  // namespace

/// Events are the truth: replayed from the first, they give the tables that are on the disk.
void Simulator::check_replay() {
  const journal::MemoryStore empty;
  journal::OverlayTables tables(empty, 0);
  State state(tables);
  Nobody nobody;
  const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    core::apply(state, State::parse<v1::Record>(stored.bytes), nobody);
    return true;
  });
  state.write_counts();
  if (!end) return fail("the chain does not verify: " + end.refusal().english());
  journal::OverlayTables durable(*store_, 0);
  if (core::state_digest(tables) != core::state_digest(durable)) fail("a replay gives another state");
}

/// Every message is in one place, every count is right.
void Simulator::check_state() {
  const auto& state = machine_->state();
  const auto& tables = state.tables();
  std::map<std::string, v1::Counts> counted;
  std::uint64_t queued = 0;
  std::uint64_t parked = 0;
  std::uint64_t dead = 0;
  tables.scan(TableId::messages, {}, {}, [&](std::string_view id, std::string_view value) {
    const auto row = State::parse<v1::MessageRow>(value);
    for (const auto& delivery : row.deliveries()) {
      auto& counts = counted[delivery.recipient()];
      switch (delivery.state()) {
        case v1::DELIVERY_STATE_QUEUED:
          counts.set_queued(counts.queued() + 1);
          ++queued;
          break;
        case v1::DELIVERY_STATE_PARKED:
          counts.set_parked(counts.parked() + 1);
          ++parked;
          break;
        case v1::DELIVERY_STATE_DEAD:
          counts.set_dead(counts.dead() + 1);
          ++dead;
          break;
        case v1::DELIVERY_STATE_DELIVERED:
          counts.set_delivered(counts.delivered() + 1);
          break;
        case v1::DELIVERY_STATE_DISCARDED:
          counts.set_discarded(counts.discarded() + 1);
          break;
        default:
          fail("message " + short_id(id) + " is nowhere");
      }
    }
    return true;
  });
  if (queued != rows(tables, TableId::queue) + rows(tables, TableId::waiting)) fail("queued messages do not add up");
  if (parked != rows(tables, TableId::parked)) fail("parked messages do not add up");
  if (dead != rows(tables, TableId::dead_letters)) fail("dead letters do not add up");
  for (const auto& [institution, counts] : counted) {
    const auto known = state.counts(institution).real();
    if (known.queued() != counts.queued() || known.parked() != counts.parked() || known.dead() != counts.dead() ||
        known.delivered() != counts.delivered() || known.discarded() != counts.discarded())
      fail("the counts of " + institution + " are wrong");
  }
  check_holders(true);
}

/// Every request of a person that somebody has still to answer has a timer; one that all have answered has none.
void Simulator::check_rights() {
  const auto& tables = machine_->state().tables();
  std::size_t waiting = 0;
  tables.scan(TableId::cases, {}, {}, [&](std::string_view id, std::string_view value) {
    const auto row = State::parse<v1::CaseRow>(value);
    for (const auto& request : row.rights()) {
      const bool all = std::ranges::none_of(request.replies(), [](const v1::RightsReplyRow& reply) {
        return reply.reply() == v1::RIGHTS_REPLY_UNSPECIFIED;
      });
      if (all != (request.due_ms() == 0)) fail("a request of a person is answered and waits, or neither");
      if (request.due_ms() == 0) continue;
      ++waiting;
      const auto timer = core::keys::timer(base::from_ms(request.due_ms()), core::keys::Timer::rights_due,
                                           std::string(id) + request.request_id());
      if (!tables.get(TableId::timers, timer)) fail("a request of a person has no timer");
    }
    return true;
  });
  std::size_t timers = 0;
  tables.scan(TableId::timers, {}, {}, [&](std::string_view key, std::string_view) {
    timers += core::keys::read_timer(key).kind == core::keys::Timer::rights_due;
    return true;
  });
  if (timers != waiting) fail("a timer for a request of a person that nobody waits for");
}

/// What every slot says of itself is what its appointments say: never over capacity, and found by a search when it has
/// a place. What was over is gone. Before each of the records that led here the same held: a place is taken in apply(),
/// which stops when there is none.
void Simulator::check_slots() {
  const auto& state = machine_->state();
  const auto& tables = state.tables();
  std::map<std::string, std::uint32_t> expected;  // by key of the slot
  tables.scan(TableId::appointments, {}, {}, [&](std::string_view, std::string_view value) {
    const auto appointment = State::parse<v1::AppointmentRow>(value);
    const auto& meeting = appointment.meeting();
    if (meeting.slot_id().empty() || !core::takes_place(appointment.status())) return true;
    const auto referral = state.referral(appointment.referral_id());
    const auto row = core::find_slot(state, referral->recipient(), meeting.slot_id());
    if (row && core::is_in(meeting, row->slot()))
      ++expected[core::keys::slot(referral->recipient(), meeting.slot_id())];
    return true;
  });
  [[maybe_unused]] const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    const auto record = State::parse<v1::Record>(stored.bytes);
    for (const auto& event : record.events())
      if (core::takes_place(event.appointment_moved().status()) &&
          !event.appointment_moved().meeting().slot_id().empty())
        ++places_;
    return true;
  });
  std::size_t with_place = 0;
  tables.scan(TableId::slots, {}, {}, [&](std::string_view key, std::string_view value) {
    const auto row = State::parse<v1::SlotRow>(value);
    const auto host = core::keys::institution_at_start(key);
    if (row.taken() != expected[std::string(key)]) fail("the places of a slot do not add up");
    if (!core::is_withdrawn(row) && row.taken() > row.slot().capacity()) fail("a slot is over capacity");
    const auto timer = core::keys::timer(base::from_ms(row.slot().end_ms()), core::keys::Timer::slot_ends, key);
    if (!tables.get(TableId::timers, timer)) fail("a slot has no timer for its end");
    const auto free = core::keys::free_slot(host, row.slot().service_id(), row.slot().start_ms(), row.slot().slot_id());
    if (tables.get(TableId::free_slots, free).has_value() != core::has_free_place(row))
      fail("a search does not find what there is");
    if (core::has_free_place(row)) ++with_place;
    if (row.slot().end_ms() <= base::to_ms(now_) - 24LL * 3'600'000) fail("a slot that is long over is still there");
    return true;
  });
  if (with_place != rows(tables, TableId::free_slots)) fail("a search finds what is not there");
}

/// Every pause has a timer for its end, and for its beginning while it is announced; no timer is left of one that
/// ended.
void Simulator::check_pauses() {
  const auto& state = machine_->state();
  std::size_t timers = 0;
  state.tables().scan(TableId::timers, {}, {}, [&](std::string_view key, std::string_view) {
    const auto timer = core::keys::read_timer(key);
    const bool begins = timer.kind == core::keys::Timer::pause_begins;
    if (!begins && timer.kind != core::keys::Timer::pause_ends) return true;
    ++timers;
    const auto pause = state.pause(timer.subject);
    if (!pause)
      fail("a timer of a pause that is over");
    else if (begins && (pause->in_force() || base::to_ms(timer.due) != pause->from_ms()))
      fail("a pause that begins twice");
    else if (!begins && base::to_ms(timer.due) != pause->until_ms())
      fail("a pause that ends at another time");
    return true;
  });
  std::size_t expected = 0;
  for (const auto& institution : kEverybody) {
    const auto pause = state.pause(institution);
    if (state.paused(institution) != (pause && pause->in_force())) fail("a pause is in force in one place only");
    if (pause) expected += pause->in_force() ? std::size_t{1} : std::size_t{2};
    if (pause && pause->until_ms() <= base::to_ms(now_) - 24LL * 3'600'000) fail("a pause does not end");
  }
  if (timers != expected) fail("a pause has no timer");
}

/// Nothing accepted is lost, nothing is delivered that was not accepted, each case in order, each message handled once.
void Simulator::check_promises() {
  std::set<std::string> submitted;
  for (const auto& adapter : adapters_) {
    submitted.insert(adapter->submitted().begin(), adapter->submitted().end());
    for (const auto& [id, position] : adapter->receipts()) {
      const auto row = machine_->state().message(id);
      if (!row) return fail("accepted message " + short_id(id) + " is lost");
      if (row->position() != position) return fail("a receipt names another position");
    }
  }
  // What an operator sends again, and a request that passes to another or to a team's member, arrives later than its
  // turn.
  std::set<std::pair<std::string, std::uint64_t>> later;
  const auto comes_later = [&](const v1::DeliveryRef& delivery) {
    later.emplace(delivery.recipient(), delivery.position());
  };
  [[maybe_unused]] const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    const auto record = State::parse<v1::Record>(stored.bytes);
    for (const auto& event : record.events())
      if (event.has_dead_letter_requeued())
        comes_later(event.dead_letter_requeued().delivery());
      else if (event.has_referral_handed_on())
        comes_later(event.referral_handed_on().delivery());
      else if (event.referral_moved().has_delivery())
        comes_later(event.referral_moved().delivery());
    return true;
  });
  for (const auto& adapter : adapters_) {
    std::map<std::string, std::uint64_t> here;
    for (const auto& handled : adapter->handled()) {
      const auto row = machine_->state().message(handled.message_id);
      if (!row) return fail("something was delivered that was never accepted");
      if (row->sender() != "relais" && !submitted.contains(handled.message_id))
        return fail("something was delivered that nobody sent");
      if (handled.case_id.empty()) continue;  // about no case: nothing waits for it
      if (later.contains({adapter->institution(), handled.position})) continue;
      auto& before = here[handled.case_id];
      if (handled.position < before) return fail("case " + short_id(handled.case_id) + " is out of order");
      before = handled.position;
    }
  }
}

}  // namespace relais::simulation
