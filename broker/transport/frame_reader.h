// What can be said of a frame before its session is known: its size, its shape, its grammar. No socket, no state.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/base/result.h"
#include "broker/transport/access_list.h"
#include "broker/transport/listener.h"

#include "relais/v1/frames.pb.h"

namespace relais::transport {

inline constexpr std::uint32_t kProtocolVersion = 1;

/// frame.too_large, frame.malformed (not protobuf, or a Hello that does not stand alone).
base::Result<v1::AdapterFrame> read_frame(std::string_view bytes, std::uint32_t frame_bytes_max);

/// Takes the submissions whose envelope and compartments together exceed `message_bytes_max` out of the frame and
/// answers message.too_large for each, with its message id where the envelope can be read. The others stay, in order.
std::vector<v1::Refused> take_oversized_submits(v1::AdapterFrame& frame, std::uint32_t message_bytes_max);

/// What a Hello asks for, without a session id yet. frame.version, frame.malformed (field names what),
/// identity.unknown (the key no longer counts), identity.not_served.
base::Result<SessionInfo> read_hello(const v1::Hello& hello, std::string_view transport_key, const AccessList& access,
                                     base::Instant now);

}  // namespace relais::transport
