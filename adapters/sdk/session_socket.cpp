#include "adapters/sdk/session_socket.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <zmq.h>

#include "broker/base/check.h"

namespace relais::sdk {

namespace {

using base::check;

constexpr int kLost = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                      ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

/// One address for each monitored socket of the process.
std::string monitor_address() {
  static std::atomic<std::uint64_t> next{0};
  return "inproc://relais.sdk.events." + std::to_string(next++);
}

}  // namespace

SocketContext::SocketContext() : handle_(zmq_ctx_new()) {
  check(handle_ != nullptr, "a ZeroMQ context");
  check(zmq_ctx_set(handle_, ZMQ_IO_THREADS, 1) == 0, "ZMQ_IO_THREADS");
}

SocketContext::~SocketContext() {
  while (zmq_ctx_term(handle_) != 0 && zmq_errno() == EINTR) {
  }
}

void SessionSocket::set(int option, int value) {
  check(zmq_setsockopt(socket_, option, &value, sizeof value) == 0, "a ZeroMQ option");
}

void SessionSocket::set(int option, std::string_view value) {
  check(zmq_setsockopt(socket_, option, value.data(), value.size()) == 0, "a ZeroMQ option");
}

SessionSocket::SessionSocket(SocketContext& context, const std::string& endpoint, const base::PublicKeyBytes& broker,
                             const base::KeyPair& mine)
    : socket_(zmq_socket(context.handle(), ZMQ_DEALER)) {
  check(socket_ != nullptr, "a ZeroMQ socket");
  set(ZMQ_CURVE_SERVERKEY, base::view(broker));
  set(ZMQ_CURVE_PUBLICKEY, base::view(mine.public_key));
  set(ZMQ_CURVE_SECRETKEY, base::view(mine.secret.bytes()));
  // A new connection is a new socket: what an old one still held can not reach a new session, and pauses and the choice
  // of the endpoint are ours.
  set(ZMQ_RECONNECT_IVL, -1);
  set(ZMQ_CONNECT_TIMEOUT, 5'000);
  set(ZMQ_HANDSHAKE_IVL, 5'000);
  // A broker whose machine vanished is noticed below the session too, by TCP. ZMTP's own pings stay off: libzmq 4.3.4
  // aborts the process when one falls due on a connection that ended while it was being closed here or its queue was
  // full (timer_event() calls out_event(), which asserts !_io_error).
  set(ZMQ_TCP_KEEPALIVE, 1);
  set(ZMQ_TCP_KEEPALIVE_IDLE, 10);  // seconds
  set(ZMQ_TCP_KEEPALIVE_INTVL, 5);
  set(ZMQ_TCP_KEEPALIVE_CNT, 3);
  // Frames until the connection stands are refused, not gathered: what counts is in the outbox.
  set(ZMQ_IMMEDIATE, 1);
  // Frames are large and few; what does not leave is kept on disk, not here.
  set(ZMQ_SNDHWM, 64);
  set(ZMQ_RCVHWM, 1'000);
  // Protects from a broker that is none; far above frame_bytes_max of any broker.
  const std::int64_t frame_bytes_most = 128 << 20;
  set(ZMQ_MAXMSGSIZE, std::string_view(reinterpret_cast<const char*>(&frame_bytes_most), sizeof frame_bytes_most));
  // On closing: time for the last settlements and Bye to leave.
  set(ZMQ_LINGER, 500);
  set(ZMQ_IPV6, endpoint.find('[') != std::string::npos ? 1 : 0);

  const auto address = monitor_address();
  check(zmq_socket_monitor(socket_, address.c_str(), kLost) == 0, "a ZeroMQ monitor");
  events_ = zmq_socket(context.handle(), ZMQ_PAIR);
  check(events_ != nullptr && zmq_connect(events_, address.c_str()) == 0, "a ZeroMQ monitor");
  lost_ = zmq_connect(socket_, endpoint.c_str()) != 0;
}

SessionSocket::~SessionSocket() {
  zmq_socket_monitor(socket_, nullptr, 0);
  const int nothing = 0;
  zmq_setsockopt(events_, ZMQ_LINGER, &nothing, sizeof nothing);
  zmq_close(events_);
  zmq_close(socket_);
}

void SessionSocket::wait(bool to_send, int wake_fd, std::chrono::milliseconds patience) {
  const auto wanted = static_cast<short>(to_send ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
  std::array<zmq_pollitem_t, 3> items{
      {{socket_, 0, wanted, 0}, {events_, 0, ZMQ_POLLIN, 0}, {nullptr, wake_fd, ZMQ_POLLIN, 0}}};
  zmq_poll(items.data(), static_cast<int>(items.size()), patience.count());
}

bool SessionSocket::send(std::string_view frame) {
  while (true) {
    if (zmq_send(socket_, frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0) return true;
    if (zmq_errno() == EINTR) continue;
    check(zmq_errno() == EAGAIN, "sending through a ZeroMQ socket");
    return false;
  }
}

bool SessionSocket::receive(std::string& frame) {
  bool first = true;
  while (true) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, socket_, ZMQ_DONTWAIT) < 0) {
      const int error = zmq_errno();
      zmq_msg_close(&part);
      if (error == EINTR) continue;
      check(error == EAGAIN, "receiving from a ZeroMQ socket");
      return !first;
    }
    const bool more = zmq_msg_more(&part) != 0;
    if (first && !more)
      frame.assign(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
    else
      frame.clear();
    first = false;
    zmq_msg_close(&part);
    if (!more) return true;
  }
}

bool SessionSocket::lost() {
  while (!lost_) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    const int got = zmq_msg_recv(&part, events_, ZMQ_DONTWAIT);
    zmq_msg_close(&part);
    if (got < 0) break;
    // Two parts, the event and its address. Only events that mean the end are asked for.
    lost_ = true;
  }
  return lost_;
}

}  // namespace relais::sdk
