// The DEALER socket of one connection attempt, with CURVE and with the news of its own end.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "broker/base/crypto.h"

namespace relais::sdk {

/// Threads: any creates it; its sockets belong to the context. Destruction waits for them, at most their linger.
class SocketContext {
 public:
  SocketContext();
  ~SocketContext();
  SocketContext(const SocketContext&) = delete;
  SocketContext& operator=(const SocketContext&) = delete;
  [[nodiscard]] void* handle() { return handle_; }

 private:
  void* handle_;
};

/// Threads: one.
class SessionSocket {
 public:
  /// Begins to connect. An endpoint that ZeroMQ does not understand is a connection that is lost at once.
  SessionSocket(SocketContext& context, const std::string& endpoint, const base::PublicKeyBytes& broker,
                const base::KeyPair& mine);
  ~SessionSocket();
  SessionSocket(const SessionSocket&) = delete;
  SessionSocket& operator=(const SessionSocket&) = delete;

  /// Waits until there is something to receive, something to send can leave (when `to_send`), the connection is lost,
  /// `wake_fd` is readable, or the time is over.
  void wait(bool to_send, int wake_fd, std::chrono::milliseconds patience);

  /// False when it can not leave now.
  [[nodiscard]] bool send(std::string_view frame);

  /// False when there is nothing. Messages of several parts are no frames: they come out empty.
  [[nodiscard]] bool receive(std::string& frame);

  /// The connection failed or ended; it does not come back by itself.
  [[nodiscard]] bool lost();

 private:
  void set(int option, int value);
  void set(int option, std::string_view value);
  void* socket_;
  void* events_ = nullptr;
  bool lost_ = false;
};

}  // namespace relais::sdk
