// The operators' API over a real engine with its store in memory, asked by HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <httplib.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "broker/admin/server.h"
#include "broker/base/ids.h"
#include "broker/core/envelope_check.h"
#include "broker/engine/engine.h"
#include "broker/journal/memory_store.h"
#include "tests/simulation/network.h"

namespace relais::admin {

using nlohmann::json;

inline base::SecretKey secret_of(unsigned char fill) {
  std::array<unsigned char, base::kKeyBytes> bytes{};
  bytes.fill(fill);
  return base::SecretKey(bytes);
}

/// Keeps what the engine lets out for the sessions.
class Letterbox final : public engine::Gateway {
 public:
  bool send(engine::SessionId, v1::BrokerFrame&& frame) override {
    const std::lock_guard lock(mutex_);
    frame_.MergeFrom(frame);
    return true;
  }
  void use_network(std::shared_ptr<const core::Directory>) override {}

  [[nodiscard]] v1::BrokerFrame frame() const {
    const std::lock_guard lock(mutex_);
    return frame_;
  }

 private:
  mutable std::mutex mutex_;
  v1::BrokerFrame frame_;
};

/// The system's, put forward by as much as a test lets pass.
class ShiftedClock final : public base::Clock {
 public:
  [[nodiscard]] base::Instant now() const override { return system_.now() + base::Milliseconds(ahead_ms_.load()); }
  void pass(base::Milliseconds time) { ahead_ms_ += time.count(); }

 private:
  base::SystemClock system_;
  std::atomic<std::int64_t> ahead_ms_{0};
};

class AdminTest : public testing::Test {
 public:
  ~AdminTest() override {
    server_->stop();
    engine_->stop();
  }

 protected:
  explicit AdminTest(ServerConfig settings = {}) : authority_(secret_of(1)), signer_(secret_of(2)) {
    settings.port = 0;
    settings.token = kToken;
    engine::EngineConfig config;
    config.machine.rules.authority = base::signing_public(secret_of(1));
    engine_ = std::make_unique<engine::Engine>(store_, letterbox_, clock_, signer_, "broker", config,
                                               [](const base::Refusal&) { FAIL() << "the journal failed"; });
    Sources sources{store_,
                    *engine_,
                    clock_,
                    [] { return ConnectionFigures{}; },
                    [this] { return adapters_; },
                    [] { return std::string("tcp://x:1"); },
                    [this] { return draining_.load(); },
                    clock_.now()};
    sources.set_draining = [this](bool draining) {
      draining_ = draining;
      engine_->set_draining(draining);
    };
    sources.authority = config.machine.rules.authority;
    server_ = std::make_unique<Server>(std::move(settings), std::move(sources));
    engine_->start();
    EXPECT_TRUE(server_->start());
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
    client_->set_read_timeout(std::chrono::seconds(60));  // a password's hash costs seconds where a machine is busy
  }

  void apply_network() {
    const auto done =
        engine_
            ->operate(core::ApplyNetwork{{"me", "test"}, simulation::signed_by(authority_, simulation::territory(1))})
            .get();
    ASSERT_TRUE(done) << done.refusal().english();
  }

  static httplib::Headers signed_in() { return {{"Authorization", "Bearer " + std::string(kToken)}}; }

  json get(const std::string& path, int status = 200) {
    const auto answer = client_->Get("/api/v1/" + path, signed_in());
    return read(answer, status);
  }

  json post(const std::string& path, const json& body, int status = 200) {
    const auto answer = client_->Post("/api/v1/" + path, signed_in(), body.dump(), "application/json");
    return read(answer, status);
  }

  static json read(const httplib::Result& answer, int status) {
    if (!answer) {
      ADD_FAILURE() << httplib::to_string(answer.error());
      return json::object();
    }
    EXPECT_EQ(answer->status, status) << answer->body;
    return json::parse(answer->body, nullptr, false);
  }

  /// A request of ccas-1 to caf-1, in the journal when this returns. Answers its message id.
  std::string request(char referral, char parcours = 'c', bool exercise = false) {
    v1::Envelope envelope;
    envelope.set_version(1);
    std::string id(16, '\1');
    id[0] = static_cast<char>(++last_message_);
    envelope.set_message_id(id);
    envelope.set_sender("ccas-1");
    envelope.add_recipients("caf-1");
    envelope.set_case_id(std::string(16, parcours));
    envelope.set_referral_id(std::string(16, referral));
    envelope.set_purpose("housing");
    envelope.set_exercise(exercise);
    envelope.set_sent_at_ms(base::to_ms(clock_.now()));
    envelope.set_signing_key("k");
    envelope.mutable_referral_requested();
    v1::Submit submit;
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(64, 's'));
    std::string seen;
    auto checked = core::check_submission(std::move(submit), clock_.now(), seen);
    EXPECT_TRUE(checked) << checked.refusal().english();
    engine_->tell(engine::SessionOpened{kSender, {"ccas-1"}});
    const auto before = store_.durable().position;
    engine::Submitted submitted{kSender, {}};
    submitted.submissions.push_back(std::move(*checked));
    EXPECT_TRUE(engine_->offer(engine::Input(std::move(submitted))));
    EXPECT_TRUE(comes([&] { return store_.durable().position > before; }));
    return base::id_text(id);
  }

  /// caf-1's adapter rejects everything that it is given, until so many dead letters are there.
  void reject_all(std::size_t dead) {
    engine_->tell(engine::SessionOpened{recipient_session_, {"caf-1"}});
    engine::Asked grant{recipient_session_, v1::Grant(), {}, {}};
    grant.grant->set_messages(1000);
    grant.grant->set_bytes(1 << 20);
    engine_->tell(std::move(grant));
    EXPECT_TRUE(comes([&] {
      const auto frame = letterbox_.frame();
      for (; settled_ < frame.deliveries_size(); ++settled_) {
        v1::Settle settle;
        settle.add_delivery_ids(frame.deliveries(settled_).delivery_id());
        settle.mutable_reject()->set_reason("not_our_person");
        engine_->tell(engine::Asked{recipient_session_, std::nullopt, {settle}, {}});
      }
      return get("dead-letters")["dead_letters"].size() == dead;
    }));
  }

  /// The adapter of caf-1 is gone: what is put back stays in the queue.
  void leave() {
    engine_->tell(engine::SessionClosed{recipient_session_});
    ++recipient_session_;
  }

  static bool comes(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  static constexpr const char* kToken = "secret";
  static constexpr engine::SessionId kSender = 1;
  engine::SessionId recipient_session_ = 2;
  std::atomic<bool> draining_{false};
  ShiftedClock clock_;
  base::Signer authority_;
  base::Signer signer_;
  journal::MemoryStore store_;
  Letterbox letterbox_;
  std::vector<AdapterSeen> adapters_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<httplib::Client> client_;
  int last_message_ = 0;
  int settled_ = 0;
};

}  // namespace relais::admin
