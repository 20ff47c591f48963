// What the transport tells the floor above, on the transport thread. Implementations only pass on: they never block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relais/v1/frames.pb.h"

namespace relais::transport {

/// Random, not guessable, never 0; valid for one connection of one adapter.
using SessionId = std::uint64_t;

struct SessionInfo {
  SessionId id = 0;
  std::string adapter;  // as it calls itself
  std::string adapter_version;
  std::string transport_key;              // 32 bytes, proven by CURVE
  std::vector<std::string> institutions;  // each lists that key in the network definition
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void session_opened(const SessionInfo& session) = 0;
  /// `why` is a short code for the log: bye, disconnected, silence, replaced, key_revoked, unreachable, slow_consumer,
  /// stopping.
  virtual void session_closed(SessionId session, std::string_view why) = 0;
  /// A frame of an open session; hello, ping and bye are already dealt with. Sizes and session are checked.
  virtual void frame_received(SessionId session, v1::AdapterFrame&& frame) = 0;
};

}  // namespace relais::transport
