// A broker that does what a test tells it: a bare ROUTER with CURVE, on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "broker/transport/zmq_socket.h"
#include "tests/support/small_network.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::tests {

inline constexpr std::chrono::milliseconds kPatience{20'000};

/// What stays when it restarts, as on the disk of a real one.
struct Accepted {
  v1::Envelope envelope;
  std::string bytes;  // of the envelope
  std::uint64_t position = 0;
  int times = 0;  // that it was submitted
};
struct Settled {
  std::string verdict;  // "acknowledge", "retry", "reject"
  std::string reason;
  std::int64_t after_ms = 0;
};

class FakeBroker {
 public:
  explicit FakeBroker(const SmallNetwork& network);
  ~FakeBroker();
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  /// On the same port after stop(); sessions are forgotten, what was accepted is not.
  void start();
  void stop();
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

  /// What to do with a submission; empty: accept it. Refusing it: answer the refusal. On the broker's thread.
  using Judge = std::function<std::optional<v1::Refused>(const v1::Envelope& envelope)>;
  void judge(Judge judge);

  /// Changes a frame before it is sent; answers false to swallow it. On the broker's thread.
  using Tamper = std::function<bool(v1::BrokerFrame& frame)>;
  void tamper(Tamper tamper);

  /// Speaks of the network definition from now on (Notice to open sessions when `announce`).
  void use_network(const v1::SignedNetwork& network, std::uint64_t version, bool announce);

  /// Queues a delivery; sent when there is credit, again after each new session until it is settled for good. One of a
  /// case at a time. `bytes` of the compartments belong to the deliver.
  void deliver(v1::Deliver deliver);

  /// Sends a frame to every open session.
  void say(v1::BrokerFrame frame);
  /// Closes the connections without a word and forgets the sessions.
  void cut();
  /// Forgets the sessions but keeps the connections: the next frame is answered with session.unknown.
  void forget_sessions();

  bool wait(const std::function<bool()>& until);

  // Read these in wait(), or when nothing is running.
  std::map<std::string, Accepted> accepted;             // by message id
  std::vector<std::string> order;                       // message ids as they were accepted
  std::map<std::string, std::vector<Settled>> settled;  // by message id
  std::vector<std::string> delivered;                   // message ids, each time
  std::vector<v1::AdapterFrame> frames;                 // without submits
  std::uint64_t hellos = 0;
  std::uint64_t submits = 0;
  std::uint64_t byes = 0;
  std::uint64_t in_hand_most = 0;
  v1::Welcome welcome;                      // change before start()
  std::vector<v1::ReferralView> referrals;  // answers to queries

 private:
  struct Peer {
    std::string identity;
    std::uint64_t session = 0;
    std::uint64_t credit_messages = 0;
    std::int64_t credit_bytes = 0;
    std::map<std::uint64_t, std::string> out;  // delivery id -> message id
  };
  void run();
  void on_frame(const std::string& identity, const v1::AdapterFrame& frame);
  void on_hello(const std::string& identity);
  void on_submit(const v1::Submit& submit, v1::BrokerFrame& answer);
  void on_settle(Peer& peer, const v1::Settle& settle);
  void on_query(const v1::Query& query, v1::BrokerFrame& answer);
  void dispatch(Peer& peer);
  void send(const std::string& identity, v1::BrokerFrame frame);
  void open_socket();
  void post(std::function<void()> task);

  const SmallNetwork& network_;
  v1::SignedNetwork signed_;
  std::string endpoint_ = "tcp://127.0.0.1:*";
  std::unique_ptr<transport::zmq::Context> context_;
  std::unique_ptr<transport::zmq::Socket> socket_;
  std::map<std::string, Peer> peers_;
  std::vector<v1::Deliver> queue_;  // not settled for good
  std::uint64_t next_session_ = 1;
  std::uint64_t next_delivery_ = 1;
  Judge judge_;
  Tamper tamper_;
  std::recursive_mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::function<void()>> orders_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace relais::tests
