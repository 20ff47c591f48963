#include "broker/transport/zmq_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "broker/base/check.h"

namespace relais::transport::zmq {

using base::check;

Context::Context(int io_threads) : handle_(zmq_ctx_new()) {
  check(handle_ != nullptr, "a ZeroMQ context");
  check(zmq_ctx_set(handle_, ZMQ_IO_THREADS, io_threads) == 0, "ZMQ_IO_THREADS");
}

Context::~Context() {
  while (zmq_ctx_term(handle_) != 0 && zmq_errno() == EINTR) {
  }
}

Message::Message() { zmq_msg_init(&message_); }

Message::Message(std::size_t bytes) { check(zmq_msg_init_size(&message_, bytes) == 0, "memory for a message"); }

Message::Message(std::string_view bytes) : Message(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data(), bytes.data(), bytes.size());
}

Message::Message(Message&& other) noexcept : Message() { zmq_msg_move(&message_, &other.message_); }

Message& Message::operator=(Message&& other) noexcept {
  if (this != &other) zmq_msg_move(&message_, &other.message_);
  return *this;
}

Message::~Message() { zmq_msg_close(&message_); }

std::string_view Message::bytes() const {
  return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
}

std::string_view Message::property(const char* name) const {
  const char* value = zmq_msg_gets(&message_, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// Deprecated for getpeername(), which is not what it is used for here, and the only tie between a message and the
// connection that a monitor reports as closed.
int Message::connection() const { return zmq_msg_get(&message_, ZMQ_SRCFD); }

Socket::Socket(Context& context, int type) : handle_(zmq_socket(context.handle(), type)) {
  check(handle_ != nullptr, "a ZeroMQ socket");
}

Socket::Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Socket::~Socket() {
  if (handle_ != nullptr) zmq_close(handle_);
}

void Socket::set(int option, int value) {
  check(zmq_setsockopt(handle_, option, &value, sizeof value) == 0, "a ZeroMQ option");
}

void Socket::set(int option, std::string_view value) {
  check(zmq_setsockopt(handle_, option, value.data(), value.size()) == 0, "a ZeroMQ option");
}

int Socket::bind(const std::string& endpoint) { return zmq_bind(handle_, endpoint.c_str()) == 0 ? 0 : zmq_errno(); }

void Socket::connect(const std::string& endpoint) {
  check(zmq_connect(handle_, endpoint.c_str()) == 0, "a connection inside the process");
}

std::string Socket::last_endpoint() const {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  check(zmq_getsockopt(handle_, ZMQ_LAST_ENDPOINT, text.data(), &size) == 0, "the endpoint of a bound socket");
  return text.data();
}

bool Socket::receive(Message& message) {
  while (true) {
    if (zmq_msg_recv(message.handle(), handle_, ZMQ_DONTWAIT) >= 0) return true;
    if (zmq_errno() == EINTR) continue;
    check(zmq_errno() == EAGAIN, "receiving from a ZeroMQ socket");
    return false;
  }
}

Sent Socket::send(Message&& message, bool more) {
  while (true) {
    if (zmq_msg_send(message.handle(), handle_, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0) return Sent::done;
    if (zmq_errno() == EINTR) continue;
    if (zmq_errno() == EHOSTUNREACH) return Sent::unreachable;
    check(zmq_errno() == EAGAIN, "sending through a ZeroMQ socket");
    return Sent::full;
  }
}

}  // namespace relais::transport::zmq
