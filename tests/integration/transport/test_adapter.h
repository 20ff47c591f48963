// An adapter as the wire sees it: one DEALER socket with CURVE, and a listener that remembers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/transport/listener.h"
#include "broker/transport/router.h"
#include "broker/transport/zmq_socket.h"

namespace relais::transport::testing {

inline constexpr std::chrono::milliseconds kPatience{20'000};

inline std::string text(const base::PublicKeyBytes& key) { return std::string(base::view(key)); }

/// Remembers what the router says; any thread may wait for it.
class Memory final : public Listener {
 public:
  struct Closed {
    SessionId session;
    std::string why;
  };

  void session_opened(const SessionInfo& session) override;
  void session_closed(SessionId session, std::string_view why) override;
  void frame_received(SessionId session, v1::AdapterFrame&& frame) override;

  /// Runs on the transport thread after a frame was remembered.
  std::function<void(SessionId, const v1::AdapterFrame&)> on_frame;

  bool wait_for_opened(std::size_t count);
  bool wait_for_closed(std::size_t count);
  bool wait_for_submits(std::size_t count);

  std::vector<SessionInfo> opened();
  std::vector<Closed> closed();
  std::vector<v1::AdapterFrame> frames();
  std::size_t submits();

 private:
  bool wait(const std::function<bool()>& until);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionInfo> opened_;
  std::vector<Closed> closed_;
  std::vector<v1::AdapterFrame> frames_;
  std::size_t submits_ = 0;
};

class TestAdapter {
 public:
  struct Options {
    bool curve = true;
    std::string routing_id{};  // empty: the router gives one
    int receive_high_water_mark = 1'000;
    int receive_buffer_bytes = -1;  // of the kernel; -1: its default
  };

  TestAdapter(zmq::Context& context, const std::string& endpoint, const base::PublicKeyBytes& broker,
              const base::KeyPair& key, const Options& options);
  TestAdapter(zmq::Context& context, const std::string& endpoint, const base::PublicKeyBytes& broker,
              const base::KeyPair& key)
      : TestAdapter(context, endpoint, broker, key, Options{}) {}

  /// Waits while the socket is full.
  void send(const std::vector<std::string>& parts);
  void send(v1::AdapterFrame frame);
  std::optional<v1::BrokerFrame> receive(std::chrono::milliseconds patience = kPatience);

  /// Says hello and reads the answer.
  std::optional<v1::BrokerFrame> say_hello(const std::vector<std::string>& institutions,
                                           const std::vector<std::uint32_t>& versions = {1});
  /// The next refusal, passing over other frames.
  std::optional<v1::Refused> refusal(std::chrono::milliseconds patience = kPatience);
  bool answers_ping();

  /// From the last Welcome; frames are sent in it unless they name another.
  SessionId session = 0;

 private:
  bool wait(short events, std::chrono::milliseconds patience);
  zmq::Socket socket_;
};

v1::AdapterFrame submit_frame(char id, std::size_t compartment_bytes = 10);

}  // namespace relais::transport::testing
