#include "broker/engine/machine.h"

#include <algorithm>

#include "broker/base/ids.h"
#include "broker/engine/views.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

namespace {

/// Frames are cut at this size, so that one slow session's frame stays small beside what the socket may hold.
constexpr std::size_t kFrameBytes = 1u << 20;
constexpr std::size_t kSmallItemBytes = 64;

core::Position last_position(const journal::Store& store) { return store.durable().position; }

base::Instant last_instant(const journal::Store& store) {
  const auto record = store.record(store.durable().position);
  if (!record) return base::Instant{};
  v1::Record parsed;
  base::check(parsed.ParseFromString(record->bytes), "a stored record parses");
  return base::from_ms(parsed.at_ms());
}

}  // namespace

Machine::Machine(const journal::Store& store, MachineConfig config, const base::Signer& broker_signer,
                 std::string broker_signing_key_id)
    : store_(store),
      config_(config),
      broker_signer_(broker_signer),
      broker_signing_key_id_(std::move(broker_signing_key_id)),
      tables_(store, config_.cache_rows_max),
      state_(tables_),
      dispatcher_(state_),
      cache_(store, config_.cache_message_bytes_max),
      position_(last_position(store)),
      last_(last_instant(store)) {
  look_at_disk();
}

void Machine::look_at_disk() { disk_low_ = store_.free_bytes() < config_.disk_reserve_bytes; }

v1::BrokerFrame& Machine::frame_for(SessionId session, std::size_t bytes) {
  const auto open = open_frames_.find(session);
  if (open != open_frames_.end() && frame_bytes_[session] + bytes <= kFrameBytes) {
    frame_bytes_[session] += bytes;
    return effects_[open->second].frame;
  }
  open_frames_[session] = effects_.size();
  frame_bytes_[session] = bytes;
  return effects_.emplace_back(Effect{session, {}}).frame;
}

void Machine::refuse(SessionId session, const base::Refusal& refusal, std::string_view message_id) {
  ++figures_.refusals[std::string(refusal.name())];
  *frame_for(session, 4 * kSmallItemBytes).add_refusals() = refusal.to_wire(message_id);
}

void Machine::session_opened(SessionId session, const std::vector<std::string>& institutions) {
  dispatcher_.open(session, institutions);
}

void Machine::session_closed(SessionId session, base::Instant now) {
  for (const auto& delivery : dispatcher_.close(session)) {
    // One that expired while it was out is no longer there to be put off.
    if (run(core::RetryDelivery{delivery, base::Milliseconds(0), "adapter.vanished"}, now)) ++figures_.retries;
  }
}

void Machine::granted(SessionId session, const v1::Grant& grant) {
  dispatcher_.grant(session, grant, config_.credit_messages_max, config_.credit_bytes_max);
}

/// Decides, applies and gathers. A refusal changes nothing.
base::Result<core::Decision> Machine::run(const core::Command& command, base::Instant now) {
  last_ = std::max(last_, now);
  auto decision = core::decide(state_, command, {last_, position_ + 1, config_.rules});
  if (decision && !decision->events.empty()) store_record(*decision, last_);
  return decision;
}

void Machine::store_record(core::Decision& decision, base::Instant now) {
  v1::Record record;
  record.set_position(++position_);
  record.set_at_ms(base::to_ms(now));
  for (auto& event : decision.events) {
    if (event.has_delivery_dead()) ++figures_.dead;
    record.mutable_events()->Add(std::move(event));
  }
  core::apply(state_, record, dispatcher_);
  for (const auto& event : record.events()) {
    count_missed(event);
    if (!event.has_message_accepted()) continue;
    if (!event.message_accepted().signature().empty()) {
      copied_ = !event.message_accepted().copies().empty();
      continue;
    }
    const auto& notice = event.message_accepted();
    cache_.put({position_, notice.ordinal()}, {notice.envelope(), {}, {}, record.at_ms(), false}, open_generation_);
  }
  if (batch_.records.empty()) batch_.first_position = position_;
  gathered_bytes_ += batch_.records.emplace_back(record.SerializeAsString()).size();
  ++figures_.records;
}

void Machine::count_missed(const v1::Event& event) {
  const auto& moved = event.referral_moved();
  const bool expired = moved.status() == v1::REFERRAL_STATUS_EXPIRED;
  if (!event.has_deadline_passed() && !event.has_referral_handed_on() && !expired) return;
  const auto& id = event.has_deadline_passed()      ? event.deadline_passed().referral_id()
                   : event.has_referral_handed_on() ? event.referral_handed_on().referral_id()
                                                    : moved.referral_id();
  const auto referral = state_.referral(id);
  if (!referral || referral->exercise()) return;
  // Who held it has it no more where nobody decided: it is its next recipient's, or its sender's again.
  const auto& who = event.has_deadline_passed()      ? referral->holder()
                    : event.has_referral_handed_on() ? event.referral_handed_on().from()
                                                     : referral->recipient();
  ++figures_.deadlines_missed[who];
}

void Machine::look_ahead(std::span<const core::Submission> submissions) {
  std::vector<std::string_view> messages;
  std::vector<std::string_view> referrals;
  std::vector<std::string_view> cases;
  for (const auto& submission : submissions) {
    const auto& envelope = submission.envelope;
    messages.push_back(envelope.message_id());
    if (!envelope.referral_id().empty()) referrals.push_back(envelope.referral_id());
    if (!envelope.case_id().empty()) cases.push_back(envelope.case_id());
  }
  tables_.look_ahead(core::TableId::messages, messages);
  tables_.look_ahead(core::TableId::referrals, referrals);
  tables_.look_ahead(core::TableId::cases, cases);
}

void Machine::submitted(SessionId session, core::Submission&& submission, base::Instant now) {
  if (!dispatcher_.is_open(session)) return;  // it will say hello and submit again
  const std::string message_id = submission.envelope.message_id();
  if (!dispatcher_.speaks_for(session, submission.envelope.sender()))
    return refuse(session,
                  base::refuse(base::RefusalCode::identity_forged_sender, "sender",
                               {{"institution", submission.envelope.sender()}}),
                  message_id);
  if (draining_) return refuse(session, base::refuse(base::RefusalCode::broker_draining), message_id);
  if (disk_low_) return refuse(session, base::refuse(base::RefusalCode::broker_disk_full), message_id);
  ++figures_.submissions;
  core::SubmitMessage submit{std::move(submission)};
  // The command is handed over and taken back: what it carries is stored below without a copy.
  core::Command command(std::move(submit));
  const auto decision = run(command, now);
  if (!decision) return refuse(session, decision.refusal(), message_id);
  auto& receipt = *frame_for(session, kSmallItemBytes).add_receipts();
  receipt.set_message_id(message_id);
  if (decision->repeat_of) {
    ++figures_.repeats;
    receipt.set_position(decision->repeat_of->position());
    receipt.set_durable_at_ms(decision->repeat_of->accepted_at_ms());
    receipt.set_repeated(true);
    return;
  }
  receipt.set_position(position_);
  receipt.set_durable_at_ms(base::to_ms(last_));
  auto& accepted = std::get<core::SubmitMessage>(command).submission;
  const core::MessageKey key{position_, 0};
  const bool one_recipient = accepted.envelope.recipients_size() == 1 && accepted.envelope.fallbacks().empty() &&
                             accepted.envelope.team_members().empty() && !copied_;
  gathered_bytes_ += accepted.payload_bytes;
  if (!accepted.compartments.empty()) batch_.payloads.push_back({key, accepted.compartments});
  cache_.put(key,
             {std::move(accepted.envelope_bytes), std::move(accepted.signature), std::move(accepted.compartments),
              base::to_ms(last_), one_recipient},
             open_generation_);
}

void Machine::settled(SessionId session, const v1::Settle& settle, base::Instant now) {
  std::vector<v1::DeliveryRef> acknowledged;
  for (const auto id : settle.delivery_ids()) {
    auto lease = dispatcher_.take_lease(session, id);
    if (!lease) {
      if (dispatcher_.is_open(session))
        refuse(session, base::refuse(base::RefusalCode::delivery_unknown, "settles.delivery_ids"), {});
      continue;
    }
    if (settle.has_acknowledge())
      acknowledged.push_back(std::move(lease->delivery));
    else
      settle_one(*lease, settle, now);
  }
  if (acknowledged.empty()) return;
  figures_.acknowledged += acknowledged.size();
  for (const auto& delivery : acknowledged) cache_.delivered({delivery.position(), delivery.ordinal()});
  // A delivery may have expired while it was out: the others stand.
  if (const auto done = run(core::AcknowledgeDeliveries{std::move(acknowledged)}, now); !done)
    refuse(session, done.refusal(), {});
}

void Machine::settle_one(const Lease& lease, const v1::Settle& settle, base::Instant now) {
  base::Result<core::Decision> done = core::Decision{};
  if (settle.has_reject()) {
    done = run(core::RejectDelivery{lease.delivery, settle.reject().reason()}, now);
  } else {
    ++figures_.retries;
    done = run(
        core::RetryDelivery{lease.delivery, base::Milliseconds(std::max<std::int64_t>(0, settle.retry().after_ms())),
                            settle.retry().reason()},
        now);
  }
  if (!done) refuse(lease.session, done.refusal(), lease.delivery.message_id());
}

void Machine::queried(SessionId session, const v1::Query& query, base::Instant now) {
  if (!dispatcher_.is_open(session)) return;
  const auto envelope_of = [&](core::MessageKey key) -> std::optional<v1::Envelope> {
    const auto envelope = cache_.envelope(key);
    if (!envelope) return std::nullopt;
    return core::State::parse<v1::Envelope>(*envelope);
  };
  auto answer = views::answer(
      query, state_, [&](std::string_view institution) { return dispatcher_.speaks_for(session, institution); },
      envelope_of, now);
  const auto bytes = answer.ByteSizeLong();
  *frame_for(session, bytes).add_answers() = std::move(answer);
}

base::Result<core::Position> Machine::operated(core::Command&& command, base::Instant now) {
  auto decision = run(command, now);
  if (!decision) return decision.refusal();
  return position_;
}

bool Machine::pass_time(base::Instant now, std::size_t timers_max) {
  for (std::size_t i = 0; i < timers_max; ++i) {
    const auto before = position_;
    const auto passed = run(core::PassTime{}, now);
    base::check(passed.ok(), "time passes without a refusal");
    if (position_ == before) return false;
  }
  return true;
}

base::Instant Machine::next_due() const {
  auto due = base::Instant::max();
  state_.tables().scan(core::TableId::timers, {}, {}, [&](std::string_view key, std::string_view) {
    due = core::keys::read_timer(key).due;
    return false;
  });
  return due;
}

void Machine::deliver(const Lease& lease) {
  const core::MessageKey key{lease.delivery.position(), lease.delivery.ordinal()};
  const auto message = cache_.get(key);
  base::check(message != nullptr, "a queued message is in the store");
  ++figures_.deliveries;
  auto& out = *frame_for(lease.session, lease.bytes + 2 * kSmallItemBytes).add_deliveries();
  out.set_delivery_id(lease.delivery_id);
  out.set_attempt(lease.attempt);
  out.set_recipient(lease.delivery.recipient());
  out.set_position(key.position);
  out.set_accepted_at_ms(message->accepted_at_ms);
  if (message->signature.empty()) return sign_notice(*message, out);
  out.set_envelope(message->envelope);
  out.set_signature(message->signature);
  for (const auto index : message->compartments_for(lease.delivery.recipient())) {
    base::check(index < message->compartments.size(), "contents are kept until the last delivery");
    out.add_compartments(message->compartments[index]);
  }
}

/// The core writes the broker's own messages without a secret; here they get their key and signature.
void Machine::sign_notice(const StoredMessage& message, v1::Deliver& out) const {
  v1::Envelope envelope;
  base::check(envelope.ParseFromString(message.envelope), "a stored envelope parses");
  envelope.set_signing_key(broker_signing_key_id_);
  envelope.SerializeToString(out.mutable_envelope());
  out.set_signature(std::string(base::view(broker_signer_.sign(base::kEnvelopeDomain, out.envelope()))));
}

void Machine::dispatch() {
  dispatcher_.dispatch([this](const Lease& lease) { deliver(lease); });
}

Step Machine::take_step() {
  dispatch();
  Step step;
  if (dispatcher_.take_network_changed()) step.network = state_.shared_directory();
  step.effects = std::move(effects_);
  effects_.clear();
  open_frames_.clear();
  frame_bytes_.clear();
  step.batch = std::move(batch_);
  batch_ = {};
  gathered_bytes_ = 0;
  for (const auto key : dispatcher_.take_erased_payloads()) {
    step.batch.erased_payloads.push_back(key);
    cache_.forget(key);
  }
  state_.write_counts();
  auto [generation, writes] = tables_.take_writes();
  step.generation = generation;
  step.batch.writes = std::move(writes);
  open_generation_ = generation + 1;
  return step;
}

void Machine::committed(std::uint64_t generation) {
  tables_.committed(generation);
  cache_.committed(generation);
}

}  // namespace relais::engine
