// ZeroMQ's authentication protocol (RFC 27): libzmq asks for each CURVE handshake whether that key may come in.
#pragma once

#include <cstdint>

#include "broker/base/clock.h"
#include "broker/transport/access_list.h"
#include "broker/transport/zmq_socket.h"

namespace relais::transport {

inline constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
inline constexpr const char* kZapDomain = "relais";

struct ZapFigures {
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
};

/// Answers every request that waits on the REP socket `zap`. A key that is admitted becomes the User-Id of its
/// connection, as 64 hexadecimal digits; the routing id, which the peer chooses, never counts.
ZapFigures answer_zap_requests(zmq::Socket& zap, const AccessList& access, base::Instant now);

}  // namespace relais::transport
