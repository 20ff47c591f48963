// A machine over a store in memory, with one session for each institution that a test opens.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/core/envelope_check.h"
#include "broker/engine/machine.h"
#include "broker/journal/memory_store.h"
#include "tests/simulation/network.h"

namespace relais::engine {

inline base::SecretKey key_of(unsigned char fill) {
  std::array<unsigned char, base::kKeyBytes> bytes{};
  bytes.fill(fill);
  return base::SecretKey(bytes);
}

class MachineTest : public testing::Test {
 protected:
  MachineTest() : authority_(key_of(1)), signer_(key_of(2)) { boot(); }

  void boot() {
    MachineConfig config;
    config.rules.authority = base::signing_public(key_of(1));
    config.rules.attempts_max = 3;
    machine_ = std::make_unique<Machine>(store_, config, signer_, "broker");
    sessions_.clear();
  }

  void apply_network(std::uint64_t version = 1) { apply_network(simulation::territory(version)); }

  void apply_network(const v1::NetworkDefinition& definition) {
    const auto done =
        machine_->operated(core::ApplyNetwork{{"me", "test"}, simulation::signed_by(authority_, definition)}, now_);
    ASSERT_TRUE(done) << done.refusal().english();
    turn();
  }

  SessionId open(const std::string& institution, std::uint32_t credit = 100) {
    const SessionId session = ++last_session_;
    sessions_[institution] = session;
    machine_->session_opened(session, {institution});
    grant(session, credit);
    return session;
  }

  void grant(SessionId session, std::uint32_t messages) {
    v1::Grant grant;
    grant.set_messages(messages);
    grant.set_bytes(1 << 20);
    machine_->granted(session, grant);
  }

  v1::Envelope envelope(const std::string& from, const std::string& to, char referral = 'r', char parcours = 'c') {
    v1::Envelope envelope;
    envelope.set_version(1);
    std::string id(16, '\1');
    id[0] = static_cast<char>(++last_message_);
    id[1] = static_cast<char>(last_message_ >> 8);
    envelope.set_message_id(id);
    envelope.set_sender(from);
    envelope.add_recipients(to);
    envelope.set_case_id(std::string(16, parcours));
    envelope.set_referral_id(std::string(16, referral));
    envelope.set_purpose("housing");
    envelope.set_sent_at_ms(base::to_ms(now_));
    envelope.set_signing_key("k");
    return envelope;
  }

  v1::Envelope request(char referral = 'r', char parcours = 'c') {
    auto e = envelope("ccas-1", "caf-1", referral, parcours);
    e.mutable_referral_requested();
    return e;
  }

  /// Submits without taking a turn.
  void submit(const v1::Envelope& envelope, SessionId session = 0) {
    v1::Submit submit;
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(64, 's'));
    std::string id;
    auto checked = core::check_submission(std::move(submit), now_, id);
    ASSERT_TRUE(checked) << checked.refusal().english() << checked.refusal().field;
    machine_->submitted(session != 0 ? session : sessions_.at(envelope.sender()), std::move(*checked), now_);
  }

  /// One turn of the engine: what leaves it, by session, once it is durable.
  std::map<SessionId, v1::BrokerFrame> turn() {
    auto step = machine_->take_step();
    if (!step.batch.empty()) {
      const auto done = store_.append(step.batch);
      EXPECT_TRUE(done);
    }
    machine_->committed(step.generation);
    std::map<SessionId, v1::BrokerFrame> frames;
    for (auto& effect : step.effects) frames[effect.session].MergeFrom(effect.frame);
    return frames;
  }

  /// The code of the one refusal that this submission gets.
  std::string refusal_of(const v1::Envelope& envelope, SessionId session = 0) {
    submit(envelope, session);
    const auto frames = turn();
    const auto at = session != 0 ? session : sessions_.at(envelope.sender());
    if (!frames.contains(at) || frames.at(at).refusals_size() != 1) return "accepted";
    return frames.at(at).refusals(0).code();
  }

  /// Adds a compartment of `category` for `readers`; only its shape matters to the broker.
  static void seal(v1::Submit& submit, v1::Envelope& envelope, v1::Category category,
                   const std::vector<std::string>& readers) {
    v1::Compartment compartment;
    compartment.set_category(category);
    compartment.set_nonce(std::string(24, 'n'));
    compartment.set_ciphertext(std::string(40, 'x'));
    for (const auto& reader : readers) {
      auto& wrap = *compartment.add_wraps();
      wrap.set_recipient(reader);
      wrap.set_recipient_key("x");
      wrap.set_sender_key("y");
      wrap.set_nonce(std::string(24, 'n'));
      wrap.set_sealed_key(std::string(48, 'k'));
    }
    const auto bytes = compartment.SerializeAsString();
    auto& digest = *envelope.add_compartments();
    digest.set_category(category);
    digest.set_digest(std::string(base::view(base::hash(bytes))));
    for (const auto& reader : readers) digest.add_recipients(reader);
    submit.add_compartments(bytes);
  }

  /// The code of the refusal of a message with sealed contents.
  std::string refusal_of_sealed(v1::Envelope envelope,
                                const std::vector<std::pair<v1::Category, std::vector<std::string>>>& contents) {
    v1::Submit submit;
    for (const auto& [category, readers] : contents) seal(submit, envelope, category, readers);
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(64, 's'));
    std::string id;
    auto checked = core::check_submission(std::move(submit), now_, id);
    if (!checked) return std::string(checked.refusal().name());
    const auto session = sessions_.at(envelope.sender());
    machine_->submitted(session, std::move(*checked), now_);
    const auto frames = turn();
    if (!frames.contains(session) || frames.at(session).refusals_size() != 1) return "accepted";
    return frames.at(session).refusals(0).code();
  }

  void acknowledge(SessionId session, std::uint64_t delivery) {
    v1::Settle settle;
    settle.add_delivery_ids(delivery);
    settle.mutable_acknowledge();
    machine_->settled(session, settle, now_);
  }

  /// A new session of an institution refuses for good what it is given. Answers how much that was.
  int reject_all(const std::string& institution) {
    machine_->session_closed(sessions_.at(institution), now_);
    const auto session = open(institution);
    const auto frames = turn();
    v1::Settle settle;
    for (const auto& delivery : frames.at(session).deliveries()) settle.add_delivery_ids(delivery.delivery_id());
    settle.mutable_reject()->set_reason("software.refuses");
    machine_->settled(session, settle, now_);
    turn();
    return settle.delivery_ids_size();
  }

  /// Everything that waits for an institution, acknowledged one after the other by a new session of it.
  std::vector<v1::Envelope> drain(const std::string& institution) {
    if (const auto before = sessions_.find(institution); before != sessions_.end())
      machine_->session_closed(before->second, now_);
    const auto session = open(institution);
    std::vector<v1::Envelope> told;
    for (auto frames = turn(); !frames[session].deliveries().empty(); frames = turn())
      for (const auto& delivery : frames[session].deliveries()) {
        EXPECT_TRUE(told.emplace_back().ParseFromString(delivery.envelope()));
        acknowledge(session, delivery.delivery_id());
      }
    return told;
  }

  v1::ReferralRow referral(char id = 'r') { return machine_->state().referral(std::string(16, id)).value(); }

  base::Instant now_ = base::from_ms(1'800'000'000'000);
  base::Signer authority_;
  base::Signer signer_;
  journal::MemoryStore store_;
  std::unique_ptr<Machine> machine_;
  std::map<std::string, SessionId> sessions_;
  SessionId last_session_ = 0;
  int last_message_ = 0;
};

}  // namespace relais::engine
