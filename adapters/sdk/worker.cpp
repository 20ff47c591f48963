#include "adapters/sdk/worker.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "adapters/sdk/store_notes.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/thrown.h"
#include "broker/base/trace_id.h"

namespace relais::sdk {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kGroupMax = 256;
/// A slow handler's work is made durable while it goes on, not at the end of the group.
constexpr milliseconds kGroupTime{10};
constexpr milliseconds kIdle{1'000};
constexpr milliseconds kViewPatience{5'000};

v1::Settle acknowledged() {
  v1::Settle verdict;
  verdict.mutable_acknowledge();
  return verdict;
}

template <class Call>
void guarded(std::string_view what, const Call& call) {
  try {
    call();
  } catch (...) {
    base::log_error("exception in the connector", {{"call", what}, {"type", base::type_of(std::current_exception())}});
  }
}

}  // namespace

Worker::Worker(WorkerParts parts)
    : parts_(parts),
      inbox_(parts.store, parts.clock),
      opener_(parts.keyring),
      routes_(parts.store, parts.outbox, parts.preparation),
      news_(0),  // only push_regardless(): bounded by credit and keeps_up()
      after_promises_(parts.store) {}

Worker::~Worker() { stop(); }

void Worker::start(Session& session) {
  if (thread_.joinable()) return;
  session_ = &session;
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  news_.close();
  thread_.join();
}

void Worker::tell(News&& news) {
  ++waiting_;
  news_.push_regardless(std::move(news));
}

void Worker::run() {
  while (!stopping_) {
    const auto patience = more_routes_ ? milliseconds(0) : kIdle;
    auto all = news_.take(kGroupMax, std::chrono::steady_clock::now() + patience);
    group_began_ = std::chrono::steady_clock::now();
    for (auto& news : all) {
      if (stopping_) break;
      std::visit([&](auto& one) { take(one); }, news);
      if (std::chrono::steady_clock::now() - group_began_ > kGroupTime) finish_group();
    }
    finish_group();
    find_routes();
    const bool was_late = !keeps_up();
    waiting_ -= all.size();
    if (was_late && keeps_up()) session_->wake();
  }
}

void Worker::settle(const Delivered& delivered, v1::Settle verdict) {
  settlements_.push_back({delivered.session, delivered.deliver.delivery_id(), std::move(verdict)});
}

void Worker::retry(const Delivered& delivered, milliseconds after, std::string_view reason) {
  ++parts_.figures.retried;
  v1::Settle verdict;
  verdict.mutable_retry()->set_after_ms(after.count());
  verdict.mutable_retry()->set_reason(std::string(reason));
  settle(delivered, std::move(verdict));
}

void Worker::reject(const Delivered& delivered, std::string_view reason) {
  ++parts_.figures.rejected;
  v1::Settle verdict;
  verdict.mutable_reject()->set_reason(std::string(reason));
  settle(delivered, std::move(verdict));
}

void Worker::take(Delivered& delivered) {
  // Of a session that ended: the broker offers it again, perhaps to another adapter of the institution.
  if (delivered.session != session_->current()) return;
  ++parts_.figures.received;
  v1::Envelope envelope;
  if (envelope.ParseFromString(delivered.deliver.envelope()) &&
      inbox_.was_handled(delivered.deliver.recipient(), envelope.message_id())) {
    ++parts_.figures.repeated;
    unsynced_ = true;  // its mark may be in the memory of a group whose sync failed
    return settle(delivered, acknowledged());
  }
  const auto network = parts_.network.current();
  if (network == nullptr) {
    session_->refresh_network();
    return retry(delivered, milliseconds(0), base::info(base::RefusalCode::network_none).name);
  }
  auto opened = opener_.open(delivered.deliver, *network);
  if (auto* message = std::get_if<Incoming>(&opened)) return handle(delivered, *message);
  const auto& unreadable = std::get<Unreadable>(opened);
  base::log_warning("delivery not readable", {{"message", base::id_text(envelope.message_id())},
                                              {"trace", base::trace_id(envelope.trace_parent())},
                                              {"recipient", delivered.deliver.recipient()},
                                              {"why", unreadable.reason}});
  parts_.figures.error(unreadable.reason);
  if (unreadable.network_is_old) session_->refresh_network();
  if (unreadable.final)
    reject(delivered, unreadable.reason);
  else
    retry(delivered, milliseconds(0), unreadable.reason);
}

Verdict Worker::call(const Incoming& message) {
  try {
    return parts_.handler.on_message(message);
  } catch (...) {
    base::log_error("exception in the connector", {{"call", "on_message"},
                                                   {"message", base::id_text(message.envelope.message_id())},
                                                   {"trace", base::trace_id(message.envelope.trace_parent())},
                                                   {"type", base::type_of(std::current_exception())}});
    return Verdict::retry(milliseconds(0), "handler.exception");
  }
}

/// Empty: nobody could tell now.
std::optional<Side> Worker::side_of(const Incoming& message) {
  if (!parts_.automatic_receipts || !needs_side(message.envelope)) return Side::unknown;
  const auto side = [&](std::string_view sender) { return sender == message.recipient ? Side::sender : Side::other; };
  const ReferralMemory referrals(parts_.store);
  if (const auto known = referrals.find(message.envelope.referral_id())) return side(known->sender);
  // It went through another adapter of the institution.
  v1::Query query;
  query.set_referral_id(message.envelope.referral_id());
  const auto answer = session_->ask(std::move(query), kViewPatience);
  if (!answer) return std::nullopt;
  return answer->has_referral() ? side(answer->referral().sender()) : Side::unknown;
}

void Worker::handle(const Delivered& delivered, Incoming& message) {
  // It tells only that it came through: there is nothing in it for the software behind.
  if (message.envelope.has_connection_tested()) return settle(delivered, acknowledged());
  const auto& id = message.envelope.message_id();
  const auto side = side_of(message);
  if (!side) return retry(delivered, milliseconds(0), "referral.no_answer");
  message.maybe_repeated = inbox_.was_begun(message.recipient, id);
  if (auto said = inbox_.begin(message.recipient, id); !said)
    return retry(delivered, milliseconds(0), said.refusal().name());
  auto verdict = call(message);
  if (verdict.kind == Verdict::Kind::handled) {
    auto said = note_handled(message, verdict, *side);
    if (said) {
      ++parts_.figures.handled;
      base::log_debug("message handled", {{"message", base::id_text(id)},
                                          {"trace", base::trace_id(message.envelope.trace_parent())},
                                          {"sender", message.envelope.sender()},
                                          {"recipient", message.recipient}});
      return settle(delivered, acknowledged());
    }
    base::log_error("a handled message could not be noted", {{"message", base::id_text(id)},
                                                             {"trace", base::trace_id(message.envelope.trace_parent())},
                                                             {"code", said.refusal().name()},
                                                             {"field", said.refusal().field}});
    parts_.figures.error(said.refusal().name());
    return retry(delivered, milliseconds(0), said.refusal().name());
  }
  // The handler itself says that nothing is left of its call; after an exception nobody knows.
  if (verdict.reason != "handler.exception") {
    Change change;
    Inbox::not_handled(change, message.recipient, id);
    if (auto said = parts_.store.write(change); !said) parts_.figures.error(said.refusal().name());
  }
  if (verdict.kind == Verdict::Kind::retry)
    retry(delivered, verdict.after, verdict.reason);
  else
    reject(delivered, verdict.reason);
}

base::Status Worker::note_handled(const Incoming& message, Verdict& verdict, Side side) {
  Prepared prepared(parts_.store);
  inbox_.handled(prepared.change, message.recipient, message.envelope.message_id());
  add_notes(prepared.change, verdict.notes);
  prepared.referrals.learn(prepared.change, message.envelope, message.copy ? std::string() : message.recipient);
  if (parts_.automatic_receipts)
    if (const auto reply = automatic_reply(message, side))
      if (auto said = parts_.preparation.add(prepared, *reply, true); !said) return said;
  for (const auto& reply : verdict.replies)
    if (auto said = parts_.preparation.add(prepared, reply, false); !said) return said;
  parts_.figures.submitted += prepared.sealed.size();
  unsynced_ = true;
  return parts_.outbox.append(std::move(prepared.change), std::move(prepared.sealed));
}

void Worker::take(Promised& promised) {
  const auto& entry = promised.submission.entry;
  base::log_debug("message accepted", {{"message", base::id_text(entry.message_id())},
                                       {"trace", base::trace_id(entry.trace_parent())},
                                       {"sender", entry.sender()},
                                       {"position", promised.position}});
  if (!entry.automatic())
    guarded("on_receipt",
            [&] { parts_.handler.on_receipt(*base::MessageId::from_bytes(entry.message_id()), promised.position); });
  if (entry.kind() == static_cast<std::uint32_t>(v1::Envelope::kReferralCancelled) && parts_.automatic_receipts)
    acknowledge_own_cancellation(promised.submission, after_promises_);
  promised_.push_back(std::move(promised.submission));
  if (promised_.size() >= kGroupMax) finish_promises();
}

void Worker::acknowledge_own_cancellation(const Submissions::Out& submission, Prepared& prepared) {
  const auto stored = parts_.outbox.submit(submission.sequence);
  v1::Submit submit;
  v1::Envelope envelope;
  if (!stored || !submit.ParseFromString(*stored) || !envelope.ParseFromString(submit.envelope())) return;
  const auto reply = automatic_after_receipt(envelope);
  if (!reply) return;
  if (auto said = parts_.preparation.add(prepared, *reply, true); !said)
    base::log_error("outcome not acknowledged", {{"referral", base::id_text(envelope.referral_id())},
                                                 {"trace", base::trace_id(envelope.trace_parent())},
                                                 {"code", said.refusal().name()}});
}

/// Not synced: when it is lost, the broker repeats its receipts.
void Worker::finish_promises() {
  if (promised_.empty()) return;
  Prepared prepared = std::exchange(after_promises_, Prepared(parts_.store));
  for (const auto& submission : promised_) Outbox::settle(prepared.change, submission.sequence);
  if (!prepared.sealed.empty()) unsynced_ = true;
  parts_.figures.submitted += prepared.sealed.size();
  if (auto said = parts_.outbox.append(std::move(prepared.change), std::move(prepared.sealed)); !said)
    parts_.figures.error(said.refusal().name());
  for (const auto& submission : promised_) parts_.outbox.forget(submission.entry, false);
  promised_.clear();
}

/// An automatic message that comes too late: the referral went on without it, which is as good.
bool Worker::harmless(const RefusedForGood& refused) const {
  return refused.submission.entry.automatic() &&
         refused.refusal.code() == base::info(base::RefusalCode::lifecycle_invalid_transition).name;
}

void Worker::take(RefusedForGood& refused) {
  const auto& entry = refused.submission.entry;
  Change change;
  const bool keep = !harmless(refused);
  if (keep) {
    base::log_warning("submission refused", {{"message", base::id_text(entry.message_id())},
                                             {"trace", base::trace_id(entry.trace_parent())},
                                             {"code", refused.refusal.code()},
                                             {"field", refused.refusal.field()}});
    if (!entry.automatic())
      guarded("on_refused",
              [&] { parts_.handler.on_refused(*base::MessageId::from_bytes(entry.message_id()), refused.refusal); });
    parts_.outbox.refuse(change, refused.submission.sequence, entry, refused.refusal);
    // A request that was not accepted opened nothing.
    if (entry.kind() == static_cast<std::uint32_t>(v1::Envelope::kReferralRequested) &&
        refused.refusal.code() != base::info(base::RefusalCode::referral_already_exists).name)
      change.erase(Area::referrals, entry.referral_id());
  } else {
    Outbox::settle(change, refused.submission.sequence);
  }
  const bool unrouted = parts_.outbox.is_unrouted(refused.submission.sequence);
  if (unrouted) Outbox::settle_unrouted(change, refused.submission.sequence);
  if (auto said = parts_.store.write(change); !said) {
    parts_.figures.error(said.refusal().name());
    if (unrouted) return;  // it still waits, and is looked at again
  }
  if (unrouted) parts_.outbox.forget_unrouted();
  parts_.outbox.forget(entry, keep);
}

void Worker::find_routes() {
  more_routes_ = false;
  if (stopping_ || parts_.outbox.unrouted() == 0 || session_->current() == 0) return;
  auto found = routes_.find([this](v1::Query&& query) { return session_->ask(std::move(query), kViewPatience); });
  if (!found) return parts_.figures.error(found.refusal().name());
  more_routes_ = found->more;
  if (found->network_is_old) session_->refresh_network();
  auto changed = std::move(found->routed);
  for (auto& one : found->unroutable) {
    const auto entry = parts_.outbox.entry(one.sequence);
    if (!entry) continue;
    RefusedForGood refused{{one.sequence, *entry}, std::move(one.refusal)};
    ++parts_.figures.refusals;
    parts_.figures.error(refused.refusal.code());
    take(refused);
    changed.push_back(one.sequence);
  }
  session_->routed(changed);
}

void Worker::finish_group() {
  finish_promises();
  if (std::exchange(unsynced_, false)) {
    if (auto said = parts_.outbox.release(); !said) {
      parts_.figures.error(said.refusal().name());
      // What is not on the disk is not acknowledged; it comes again and is found handled, or not.
      for (auto& settlement : settlements_)
        if (settlement.verdict.has_acknowledge())
          settlement.verdict.mutable_retry()->set_reason(std::string(said.refusal().name()));
    }
    session_->wake();
  }
  session_->settle(std::exchange(settlements_, {}));
  group_began_ = std::chrono::steady_clock::now();
}

}  // namespace relais::sdk
