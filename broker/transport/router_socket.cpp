#include "broker/transport/router_socket.h"

#include "broker/transport/zap.h"

namespace relais::transport {

namespace {

/// Whose CURVE key this is, and that ZAP decides about every other.
void set_security(zmq::Socket& router, const base::SecretKey& secret) {
  router.set(ZMQ_CURVE_SERVER, 1);
  router.set(ZMQ_CURVE_SECRETKEY, base::view(secret.bytes()));
  // With a domain, libzmq refuses connections when no handler answers, instead of letting them in.
  router.set(ZMQ_ZAP_DOMAIN, kZapDomain);
  // A connection that has not proven its key by then is somebody else's business, or an attack on file descriptors.
  router.set(ZMQ_HANDSHAKE_IVL, 5'000);
}

void set_limits(zmq::Socket& router, const RouterConfig& config) {
  // A frame that is a little too large is still read and answered with frame.too_large; beyond, libzmq cuts the
  // connection before it takes memory for it.
  constexpr std::int64_t kAnsweredExcessBytes = 64 << 10;
  const std::int64_t max = config.frame_bytes_max + kAnsweredExcessBytes;
  router.set(ZMQ_MAXMSGSIZE, std::string_view(reinterpret_cast<const char*>(&max), sizeof max));
  // For each connection, in messages. Received: TCP pushes back on an adapter that is faster than this thread. Sent:
  // beyond, the adapter has stopped reading and its session ends; credit bounds the bytes long before.
  router.set(ZMQ_RCVHWM, 1'000);
  router.set(ZMQ_SNDHWM, 4'000);
  // After an outage all adapters come back at once.
  router.set(ZMQ_BACKLOG, 1'024);
}

void set_connections(zmq::Socket& router, const RouterConfig& config) {
  // Sending to a connection that is gone or full is an answer (unreachable, full), not a silent loss.
  router.set(ZMQ_ROUTER_MANDATORY, 1);
  // Another client that names itself by a routing id in use gets nothing; it does not take over the connection.
  router.set(ZMQ_ROUTER_HANDOVER, 0);
  // A machine that vanished without closing its connection is noticed by TCP; one that is there and says nothing, by
  // the session's silence. ZMTP's own pings stay off: libzmq 4.3.4 aborts the process when one falls due on a
  // connection that ended while its queue was full (timer_event() calls out_event(), which asserts !_io_error).
  router.set(ZMQ_TCP_KEEPALIVE, 1);
  router.set(ZMQ_TCP_KEEPALIVE_IDLE, 10);  // seconds
  router.set(ZMQ_TCP_KEEPALIVE_INTVL, 5);
  router.set(ZMQ_TCP_KEEPALIVE_CNT, 3);
  // On stopping: time for the last notices to leave, never more.
  router.set(ZMQ_LINGER, 500);
  // tcp://[::1]:5570 asks for IPv6; on its own it would also open an IPv4 address to the world.
  router.set(ZMQ_IPV6, config.endpoint.find('[') != std::string::npos ? 1 : 0);
}

}  // namespace

zmq::Socket make_router_socket(zmq::Context& context, const RouterConfig& config, const base::SecretKey& secret) {
  zmq::Socket router(context, ZMQ_ROUTER);
  set_security(router, secret);
  set_limits(router, config);
  set_connections(router, config);
  return router;
}

base::Status bind_router_socket(zmq::Socket& router, const std::string& endpoint) {
  if (const int error = router.bind(endpoint); error != 0)
    return base::refuse(base::RefusalCode::io_failed, "endpoint", {{"path", endpoint}, {"why", zmq_strerror(error)}});
  return base::Done{};
}

}  // namespace relais::transport
