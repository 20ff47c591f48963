#include "broker/transport/connection_monitor.h"

#include <cstring>

#include "broker/base/check.h"

namespace relais::transport {

namespace {
constexpr const char* kMonitorEndpoint = "inproc://relais.monitor";
constexpr int kHandshakeEvents = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
}  // namespace

ConnectionMonitor::ConnectionMonitor(zmq::Context& context, zmq::Socket& watched)
    : watched_(watched), events_(context, ZMQ_PAIR) {
  // Unbounded on purpose: at a high-water mark libzmq's I/O thread would wait for us, and we might be waiting for it.
  // An event is a few bytes, and there are two for each connection.
  events_.set(ZMQ_RCVHWM, 0);
  events_.set(ZMQ_LINGER, 0);
  base::check(zmq_socket_monitor(watched.handle(), kMonitorEndpoint, ZMQ_EVENT_DISCONNECTED | kHandshakeEvents) == 0,
              "a monitor of the socket");
  events_.connect(kMonitorEndpoint);
}

ConnectionMonitor::~ConnectionMonitor() { zmq_socket_monitor(watched_.handle(), nullptr, 0); }

ConnectionMonitor::News ConnectionMonitor::drain() {
  News news;
  zmq::Message part;
  while (events_.receive(part)) {
    // 16 bits of event and 32 of value, in the byte order of the machine; the endpoint follows as a second part.
    std::uint16_t event = 0;
    std::int32_t value = 0;
    const auto bytes = part.bytes();
    const bool whole = bytes.size() == sizeof event + sizeof value;
    if (whole) {
      std::memcpy(&event, bytes.data(), sizeof event);
      std::memcpy(&value, bytes.data() + sizeof event, sizeof value);
    }
    while (part.more() && events_.receive(part)) {
    }
    if (event == ZMQ_EVENT_DISCONNECTED) news.disconnected.push_back(value);
    if ((event & kHandshakeEvents) != 0) ++news.handshakes_failed;
  }
  return news;
}

}  // namespace relais::transport
