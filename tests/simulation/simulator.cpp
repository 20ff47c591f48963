#include "tests/simulation/simulator.h"

#include <algorithm>
#include <array>

#include "broker/base/ids.h"
#include "broker/core/envelope_check.h"
#include "tests/simulation/field.h"
#include "tests/simulation/network.h"

namespace relais::simulation {

namespace {

base::SecretKey seed_key(unsigned char fill) {
  std::array<unsigned char, base::kKeyBytes> bytes{};
  bytes.fill(fill);
  return base::SecretKey(bytes);
}

constexpr base::Milliseconds kMinute{60'000};

}  // namespace

Simulator::Simulator(std::uint64_t seed)
    : random_(seed),
      now_(base::from_ms(1'800'000'000'000)),
      authority_(seed_key(1)),
      broker_(seed_key(2)),
      store_(std::make_unique<journal::MemoryStore>()) {
  rules_.authority = base::signing_public(seed_key(1));
  rules_.attempts_max = 6;
  for (const auto& institution : kEverybody) {
    adapters_.push_back(std::make_unique<Adapter>(institution, random_));
    if (random_.chance(30)) adapters_.push_back(std::make_unique<Adapter>(institution, random_));
  }
  boot();
}

void Simulator::fail(const std::string& what) {
  if (fault_.empty()) fault_ = what;
}

void Simulator::boot() {
  engine::MachineConfig config;
  config.rules = rules_;
  config.cache_rows_max = 16;  // small, so that rows and messages come back from the store
  config.cache_message_bytes_max = 4096;
  machine_ = std::make_unique<engine::Machine>(*store_, config, broker_, "broker");
  if (network_version_ == 0) {
    const auto applied = machine_->operated(
        core::ApplyNetwork{{"authority", "first"}, signed_by(authority_, field(++network_version_))}, now_);
    if (!applied) fail("the network is refused: " + applied.refusal().english());
    take_turn();
  }
}

void Simulator::crash_broker() {
  ++crashes_;
  for (auto& [session, link] : links_)
    if (link.adapter != nullptr) link.adapter->disconnected();
  links_.clear();
  machine_.reset();
  store_ = store_->after_crash();
  latest_ = {};  // what it saw last is gone with it, and the clock may go back before it looks again
  boot();
  check_replay();
}

void Simulator::connect(Adapter& adapter) {
  if (adapter.session() != 0) return;
  const auto session = next_session_++;
  links_[session] = {&adapter, session, {}, {}};
  adapter.connected(session);
  machine_->session_opened(session, {adapter.institution()});
}

void Simulator::cut(std::uint64_t session, bool broker_knows) {
  auto& link = links_.at(session);
  link.adapter->disconnected();
  // The broker may learn of it late: until then it goes on giving to a session that nobody hears.
  if (!broker_knows) {
    link.to_adapter.clear();
    link.adapter = nullptr;
    return;
  }
  machine_->session_closed(session, now_);
  links_.erase(session);
}

void Simulator::advance_clock() {
  if (random_.chance(2))
    now_ += kMinute * 60 * static_cast<int>(random_.upto(30));
  else if (random_.chance(1))
    now_ -= kMinute * static_cast<int>(random_.upto(120));
  else
    now_ += kMinute * static_cast<int>(random_.upto(10));
}

void Simulator::serve_one_frame() {
  if (links_.empty()) return;
  auto at = links_.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random_.upto(links_.size() - 1)));
  auto& link = at->second;
  if (!link.to_broker.empty()) {
    auto frame = std::move(link.to_broker.front());
    link.to_broker.pop_front();
    if (frame.has_grant()) machine_->granted(link.session, frame.grant());
    for (const auto& settle : frame.settles()) machine_->settled(link.session, settle, now_);
    std::vector<core::Submission> submissions;
    for (auto& submit : *frame.mutable_submits()) {
      std::string message_id;
      auto checked = core::check_submission(std::move(submit), now_, message_id);
      // A slot may be over before the word of it arrives; everything else is well formed however late it is.
      if (!checked && checked.refusal().code == base::RefusalCode::slot_in_the_past)
        *link.to_adapter.emplace_back().add_refusals() = checked.refusal().to_wire(message_id);
      else if (!checked)
        fail("a good submission is malformed: " + checked.refusal().english() + " " + checked.refusal().field);
      else
        submissions.push_back(std::move(*checked));
    }
    machine_->look_ahead(submissions);
    for (auto& submission : submissions) machine_->submitted(link.session, std::move(submission), now_);
  }
  if (link.adapter != nullptr && !link.to_adapter.empty()) {
    link.adapter->listen(std::move(link.to_adapter.front()));
    link.to_adapter.pop_front();
  }
}

void Simulator::take_turn() {
  latest_ = std::max(latest_, now_);
  const bool more = machine_->pass_time(now_, 8);
  auto step = machine_->take_step();
  if (step.empty()) return;
  const bool changed = !step.batch.empty();
  if (changed) {
    auto done = store_->append(step.batch);
    while (!done && done.refusal().code == base::RefusalCode::broker_disk_full) done = store_->append(step.batch);
    // Memory is ahead of the disk: the process ends here, as relaisd does.
    if (!done) return crash_broker();
  }
  machine_->committed(step.generation);
  if (changed) check_holders(!more);
  for (auto& effect : step.effects) {
    for (const auto& delivery : effect.frame.deliveries())
      if (machine_->state().paused(delivery.recipient())) fail("something is offered during a pause");
    const auto link = links_.find(effect.session);
    if (link != links_.end() && link->second.adapter != nullptr)
      link->second.to_adapter.push_back(std::move(effect.frame));
  }
}

void Simulator::pause_or_resume() {
  const auto& institution = random_.pick(adapters_)->institution();
  const auto present = machine_->state().pause(institution);
  if (present && random_.chance(50)) {
    if (!machine_->operated(core::ResumeInstitution{{"operator", "earlier"}, institution}, now_))
      fail("a pause that is there can not be ended");
    return;
  }
  core::PauseInstitution pause{{"operator", "maintenance"}, institution, std::nullopt, now_};
  // The broker's time may be ahead of this clock: the refusals of what is past are part of it.
  if (!(present && present->in_force()) && random_.chance(50))
    pause.from = now_ + kMinute * static_cast<int>(random_.upto(2'000));
  pause.until = pause.from.value_or(now_) + kMinute * static_cast<int>(random_.upto(7ULL * 24 * 60));
  if (machine_->operated(std::move(pause), now_)) ++pauses_;
}

void Simulator::operate() {
  if (random_.chance(40)) return pause_or_resume();
  if (random_.chance(50)) {
    const auto applied = machine_->operated(
        core::ApplyNetwork{{"authority", "again"}, signed_by(authority_, field(++network_version_))}, now_);
    if (!applied) fail("the network is refused: " + applied.refusal().english());
    return;
  }
  std::string found;
  machine_->state().tables().scan(core::TableId::dead_letters, {}, {}, [&](std::string_view key, std::string_view) {
    found = key;
    return random_.chance(50);
  });
  if (found.empty()) return;
  v1::DeliveryRef dead;
  dead.set_recipient(std::string(core::keys::institution_at_start(found)));
  dead.set_position(core::keys::message_at_end(found).position);
  dead.set_ordinal(core::keys::message_at_end(found).ordinal);
  const auto done = random_.chance(70)
                        ? machine_->operated(core::RequeueDeadLetter{{"operator", "mended"}, dead}, now_)
                        : machine_->operated(core::DiscardDeadLetter{{"operator", "useless"}, dead}, now_);
  if (!done && !done.refusal().name().starts_with("consent."))
    fail("a dead letter that is there can not be dealt with: " + done.refusal().english());
}

void Simulator::chaos() {
  advance_clock();
  auto& adapter = *random_.pick(adapters_);
  if (adapter.session() == 0) {
    if (random_.chance(40)) connect(adapter);
  } else if (random_.chance(2)) {
    cut(adapter.session(), random_.chance(60));
  } else if (random_.chance(1)) {
    const auto session = adapter.session();
    adapter.crash();
    cut(session, random_.chance(60));
  } else if (random_.chance(40)) {
    links_.at(adapter.session()).to_broker.push_back(adapter.speak());
  } else {
    adapter.work(base::to_ms(now_), false);
  }
  if (random_.chance(3))
    for (auto& [session, link] : links_)
      if (link.adapter == nullptr) {
        cut_dead(session);
        break;
      }
  if (random_.chance(70)) serve_one_frame();
  if (random_.chance(40)) take_turn();
  if (random_.chance(1)) operate();
  if (random_.chance(1) && random_.chance(30))
    store_->fail_next_append(random_.chance(50)   ? journal::AppendFault::disk_full
                             : random_.chance(50) ? journal::AppendFault::io_failed
                                                  : journal::AppendFault::io_failed_kept);
  if (random_.chance(1) && random_.chance(40)) crash_broker();
  for (const auto& one : adapters_)
    if (!one->fault().empty()) fail(one->institution() + ": " + one->fault());
}

void Simulator::cut_dead(std::uint64_t session) {
  machine_->session_closed(session, now_);
  links_.erase(session);
}

void Simulator::calm_down() {
  // No more faults, nothing new is asked: everything that is on its way must arrive, every deadline must be dealt with.
  std::vector<std::uint64_t> dead;
  for (const auto& [session, link] : links_)
    if (link.adapter == nullptr) dead.push_back(session);
  for (const auto session : dead) cut_dead(session);
  for (int round = 0; round < 4'000 && fault_.empty(); ++round) {
    now_ += kMinute * 5;
    for (auto& adapter : adapters_) {
      connect(*adapter);
      auto& link = links_.at(adapter->session());
      link.to_broker.push_back(adapter->speak());
      for (int i = 0; i < 8; ++i) adapter->work(base::to_ms(now_), true);
    }
    for (std::size_t i = 0; i < 6 * adapters_.size(); ++i) serve_one_frame();
    take_turn();
    if (round % 16 != 15) continue;
    bool idle = true;
    for (const auto& adapter : adapters_) idle = idle && adapter->idle();
    for (const auto table : {core::TableId::queue, core::TableId::waiting, core::TableId::parked})
      machine_->state().tables().scan(table, {}, {}, [&](auto, auto) { return idle = false; });
    if (idle) return;
  }
  fail("once the faults stop, not everything ends");
}

Outcome Simulator::run(std::size_t steps) {
  for (std::size_t i = 0; i < steps && fault_.empty(); ++i) chaos();
  if (fault_.empty()) calm_down();
  if (fault_.empty()) take_turn();
  if (fault_.empty()) check_replay();
  if (fault_.empty()) check_state();
  if (fault_.empty()) check_rights();
  if (fault_.empty()) check_slots();
  if (fault_.empty()) check_pauses();
  if (fault_.empty()) check_promises();
  if (fault_.empty()) check_consent();
  if (fault_.empty()) check_overtaken();
  if (fault_.empty()) check_reminders();
  Outcome outcome = seen_;
  outcome.fault = fault_;
  outcome.crashes = crashes_;
  for (const auto& adapter : adapters_) {
    outcome.accepted += adapter->receipts().size();
    outcome.delivered += adapter->handled().size();
    for (const auto& [code, count] : adapter->refusals()) outcome.refused += count;
  }
  machine_->state().tables().scan(core::TableId::dead_letters, {}, {}, [&](auto, auto) { return ++outcome.dead; });
  machine_->state().tables().scan(core::TableId::referrals, {}, {}, [&](auto, auto) { return ++outcome.referrals; });
  outcome.places = places_;
  outcome.pauses = pauses_;
  outcome.digest = base::hex(base::view(core::state_digest(machine_->state().tables())));
  return outcome;
}

}  // namespace relais::simulation
