// The one socket that faces the network, with every option that matters.
#pragma once

#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/transport/router.h"
#include "broker/transport/zmq_socket.h"

namespace relais::transport {

/// Not bound yet: a monitor and the ZAP handler must stand before the first connection.
zmq::Socket make_router_socket(zmq::Context& context, const RouterConfig& config, const base::SecretKey& secret);

/// io.failed with the endpoint and the system's reason.
base::Status bind_router_socket(zmq::Socket& router, const std::string& endpoint);

}  // namespace relais::transport
