// The little that transport needs of ZeroMQ's C interface, with owners instead of handles.
//
// Threads: a context any; a socket and its messages belong to one thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <zmq.h>

namespace relais::transport::zmq {

/// Destruction waits until every socket is closed and has lingered.
class Context {
 public:
  explicit Context(int io_threads);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  [[nodiscard]] void* handle() { return handle_; }

 private:
  void* handle_;
};

/// One part of a message.
class Message {
 public:
  Message();
  explicit Message(std::size_t bytes);
  explicit Message(std::string_view bytes);
  Message(Message&& other) noexcept;
  Message& operator=(Message&& other) noexcept;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message();

  [[nodiscard]] zmq_msg_t* handle() { return &message_; }
  [[nodiscard]] unsigned char* data() { return static_cast<unsigned char*>(zmq_msg_data(&message_)); }
  /// Valid until the message is received into, sent or destroyed.
  [[nodiscard]] std::string_view bytes() const;
  [[nodiscard]] bool more() const { return zmq_msg_more(&message_) != 0; }
  /// What the connection says of itself, e.g. "User-Id"; empty when it does not.
  [[nodiscard]] std::string_view property(const char* name) const;
  /// The file descriptor of the connection that it came through; -1 when unknown.
  [[nodiscard]] int connection() const;

 private:
  mutable zmq_msg_t message_;  // ZeroMQ's readers are not const
};

enum class Sent { done, full, unreachable };

class Socket {
 public:
  Socket(Context& context, int type);
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  /// A wrong option or value is a bug and stops the process.
  void set(int option, int value);
  void set(int option, std::string_view value);

  /// Zero, or the error number.
  [[nodiscard]] int bind(const std::string& endpoint);
  void connect(const std::string& endpoint);
  [[nodiscard]] std::string last_endpoint() const;

  /// Neither waits. receive() answers false when there is nothing.
  [[nodiscard]] bool receive(Message& message);
  [[nodiscard]] Sent send(Message&& message, bool more = false);

  [[nodiscard]] void* handle() { return handle_; }

 private:
  void* handle_;
};

}  // namespace relais::transport::zmq
