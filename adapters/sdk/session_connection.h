// One connection to one endpoint, from Hello to its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/sdk/credit.h"
#include "adapters/sdk/session.h"
#include "adapters/sdk/session_socket.h"

namespace relais::sdk {

/// What a connection uses of its session.
struct SessionParts {
  const AdapterConfig& config;
  Submissions& submissions;
  SessionListener& listener;
  Figures& figures;
  SessionMailbox& mailbox;
  std::vector<std::shared_ptr<Question>>& questions;
  std::atomic<std::uint64_t>& current;
};

/// Threads: the session's.
class SessionConnection {
 public:
  SessionConnection(SessionParts parts, SocketContext& context, const std::string& endpoint);

  struct End {
    bool stopped = false;                     // because it was asked to
    bool was_open = false;                    // the broker said Welcome
    std::string why;                          // code, for the log and the health page
    std::chrono::milliseconds not_before{0};  // the broker asked for a pause
  };
  End run();

 private:
  void say_hello();
  void take_orders();
  void receive();
  void on_frame(v1::BrokerFrame&& frame);
  void on_welcome(const v1::BrokerFrame& frame);
  void on_refused(const v1::BrokerFrame& frame, const v1::Refused& refusal);
  void on_session_refused(const v1::BrokerFrame& frame, const v1::Refused& refusal);
  void on_answer(v1::Answer&& answer);
  void on_notice(const v1::Notice& notice);
  void ask_for_network();

  [[nodiscard]] bool compose(v1::AdapterFrame& frame);
  void compose_settles(v1::AdapterFrame& frame);
  void compose_queries(v1::AdapterFrame& frame);
  /// False while the socket takes nothing more.
  bool send();
  void check_times();
  [[nodiscard]] std::chrono::milliseconds patience() const;
  void end(std::string_view why);

  SessionParts parts_;
  SessionSocket socket_;
  Credit credit_;
  End end_;
  bool ended_ = false;
  bool leaving_ = false;
  bool said_bye_ = false;
  std::uint64_t session_ = 0;  // 0: not welcomed yet
  std::chrono::milliseconds heartbeat_{5'000};
  std::chrono::milliseconds silence_{15'000};
  std::uint64_t frame_bytes_max_ = 1u << 20;
  SteadyTime now_;
  SteadyTime hello_until_;
  SteadyTime leave_until_;
  SteadyTime last_heard_;
  SteadyTime last_said_;
  SteadyTime last_ping_;
  std::string outgoing_;  // a frame that the socket did not take yet
  std::vector<Settlement> settlements_;
  std::unordered_map<std::uint64_t, std::uint64_t> in_hand_;  // delivery id -> bytes
  std::uint64_t next_query_ = 1;
  std::optional<std::uint64_t> network_query_;
  bool network_wanted_ = false;
  SteadyTime network_asked_at_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Question>> asked_;
};

}  // namespace relais::sdk
