#include "broker/engine/dispatcher.h"

#include <algorithm>
#include <unordered_set>

namespace relais::engine {

struct Dispatcher::Session {
  std::vector<std::string> institutions;
  std::uint32_t messages = 0;  // credit left
  std::uint64_t bytes = 0;
  std::unordered_map<std::uint64_t, Lease> leases;
};

struct Dispatcher::Desk {
  explicit Desk(const std::string& institution)
      : ready{ReadyList(core::keys::queue_class(institution, 0)), ReadyList(core::keys::queue_class(institution, 1)),
              ReadyList(core::keys::queue_class(institution, 2)), ReadyList(core::keys::queue_class(institution, 3))} {}

  std::array<ReadyList, core::keys::kUrgencies> ready;
  std::unordered_set<core::MessageKey, core::MessageKeyHash> leased;
  std::vector<SessionId> sessions;
  std::size_t turn = 0;
};

namespace {
v1::Priority priority_of(std::uint8_t urgency) {
  constexpr std::array kPriorities = {v1::PRIORITY_STAT, v1::PRIORITY_ASAP, v1::PRIORITY_URGENT, v1::PRIORITY_ROUTINE};
  return kPriorities.at(urgency);
}
}  // namespace

Dispatcher::Dispatcher(const core::State& state) : state_(state) {}
Dispatcher::~Dispatcher() = default;

Dispatcher::Desk& Dispatcher::desk(std::string_view institution) {
  auto found = desks_.find(institution);
  if (found == desks_.end()) {
    const std::string id(institution);
    found = desks_.emplace(id, std::make_unique<Desk>(id)).first;
  }
  return *found->second;
}

void Dispatcher::open(SessionId session, const std::vector<std::string>& institutions) {
  auto opened = std::make_unique<Session>();
  opened->institutions = institutions;
  sessions_[session] = std::move(opened);
  for (const auto& institution : institutions) desk(institution).sessions.push_back(session);
}

std::vector<v1::DeliveryRef> Dispatcher::close(SessionId session) {
  std::vector<v1::DeliveryRef> lost_too_often;
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return lost_too_often;
  for (const auto& institution : found->second->institutions) std::erase(desk(institution).sessions, session);
  for (const auto& [id, lease] : found->second->leases) {
    const core::MessageKey key{lease.delivery.position(), lease.delivery.ordinal()};
    const auto name = std::pair(lease.delivery.recipient(), key);
    auto& at = desk(lease.delivery.recipient());
    leases_ -= at.leased.erase(key);
    // An adapter that is stopped for a maintenance loses nothing by it.
    if (!state_.paused(lease.delivery.recipient()) && ++losses_[name] >= kLossesMax) {
      losses_.erase(name);
      lost_too_often.push_back(lease.delivery);
    }
    at.ready.at(core::keys::urgency(lease.delivery.priority())).add(key);
    dirty_.insert(lease.delivery.recipient());
  }
  sessions_.erase(found);
  return lost_too_often;
}

void Dispatcher::grant(SessionId session, const v1::Grant& grant, std::uint32_t messages_max, std::uint64_t bytes_max) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  auto& s = *found->second;
  s.messages =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{s.messages} + grant.messages(), messages_max));
  s.bytes = grant.bytes() > bytes_max - std::min(s.bytes, bytes_max) ? bytes_max : s.bytes + grant.bytes();
  for (const auto& institution : s.institutions) dirty_.insert(institution);
}

std::optional<Lease> Dispatcher::take_lease(SessionId session, std::uint64_t delivery_id) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return std::nullopt;
  auto& leases = found->second->leases;
  const auto lease = leases.find(delivery_id);
  if (lease == leases.end()) return std::nullopt;
  auto taken = std::move(lease->second);
  leases.erase(lease);
  const core::MessageKey key{taken.delivery.position(), taken.delivery.ordinal()};
  leases_ -= desk(taken.delivery.recipient()).leased.erase(key);
  if (!losses_.empty()) losses_.erase(std::pair(taken.delivery.recipient(), key));
  return taken;
}

bool Dispatcher::speaks_for(SessionId session, std::string_view institution) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && std::find(found->second->institutions.begin(), found->second->institutions.end(),
                                               institution) != found->second->institutions.end();
}

std::size_t Dispatcher::sessions_of(std::string_view institution) const {
  const auto found = desks_.find(institution);
  return found == desks_.end() ? 0 : found->second->sessions.size();
}

/// Each in turn, so that adapters of one institution share its queue.
Dispatcher::Session* Dispatcher::session_with_credit(Desk& desk) {
  for (std::size_t i = 0; i < desk.sessions.size(); ++i) {
    const auto at = (desk.turn + i) % desk.sessions.size();
    auto& session = *sessions_.at(desk.sessions[at]);
    if (session.messages == 0 || session.bytes == 0) continue;
    desk.turn = at + 1;
    return &session;
  }
  return nullptr;
}

std::optional<Lease> Dispatcher::next(const std::string& institution, Desk& desk) {
  for (std::uint8_t urgency = 0; urgency < core::keys::kUrgencies; ++urgency) {
    auto& ready = desk.ready.at(urgency);
    while (const auto key = ready.take(state_.tables())) {
      if (desk.leased.contains(*key)) continue;
      const auto entry = state_.find<v1::QueueRow>(core::TableId::queue, core::keys::queue(institution, urgency, *key));
      if (!entry) continue;  // settled while it stood in the window
      Lease lease;
      lease.delivery.set_recipient(institution);
      lease.delivery.set_position(key->position);
      lease.delivery.set_ordinal(key->ordinal);
      lease.delivery.set_message_id(entry->message_id());
      lease.delivery.set_case_id(entry->case_id());
      lease.delivery.set_priority(priority_of(urgency));
      lease.attempt = entry->attempts() + 1;
      lease.bytes = entry->bytes();
      return lease;
    }
  }
  return std::nullopt;
}

void Dispatcher::dispatch(const std::function<void(const Lease&)>& deliver) {
  for (const auto& institution : dirty_) {
    if (state_.paused(institution)) continue;  // resumed() brings it back
    auto& at = desk(institution);
    while (auto* session = session_with_credit(at)) {
      auto lease = next(institution, at);
      if (!lease) break;
      const auto session_at = at.sessions[(at.turn + at.sessions.size() - 1) % at.sessions.size()];
      lease->session = session_at;
      lease->delivery_id = next_delivery_id_++;
      const core::MessageKey key{lease->delivery.position(), lease->delivery.ordinal()};
      if (!losses_.empty()) {
        const auto losses = losses_.find(std::pair(institution, key));
        if (losses != losses_.end()) lease->attempt += losses->second;
      }
      // The last message may overdraw the bytes, so that one larger than the credit still passes.
      session->messages -= 1;
      session->bytes -= std::min(session->bytes, lease->bytes);
      at.leased.insert(key);
      ++leases_;
      deliver(*lease);
      session->leases.emplace(lease->delivery_id, std::move(*lease));
    }
  }
  dirty_.clear();
}

void Dispatcher::ready(std::string_view recipient, std::uint8_t urgency, core::MessageKey key) {
  desk(recipient).ready.at(urgency).add(key);
  if (!dirty_.contains(recipient)) dirty_.emplace(recipient);
}

void Dispatcher::no_longer_ready(std::string_view recipient, std::uint8_t urgency, core::MessageKey key) {
  desk(recipient).ready.at(urgency).remove(key);
}

void Dispatcher::payload_erased(core::MessageKey key) { erased_payloads_.push_back(key); }
void Dispatcher::network_changed() { network_changed_ = true; }
void Dispatcher::resumed(std::string_view institution) { dirty_.emplace(institution); }

std::vector<core::MessageKey> Dispatcher::take_erased_payloads() { return std::exchange(erased_payloads_, {}); }
bool Dispatcher::take_network_changed() { return std::exchange(network_changed_, false); }

}  // namespace relais::engine
