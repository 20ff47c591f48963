// A loopback port on which nobody speaks: each connection is closed at once, and its instant remembered.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "broker/base/check.h"
#include "tests/support/throwaway_postgres.h"

namespace relais::tests {

/// Listens from the constructor to the destructor. Threads: visits() from any.
class DeadEndpoint {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit DeadEndpoint(int port = free_port())
      : port_(port), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    base::check(
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(socket_, 8) == 0,
        "a dead endpoint can listen");
    thread_ = std::thread([this] { refuse_all(); });
  }
  ~DeadEndpoint() {
    stopping_ = true;
    thread_.join();
    ::close(socket_);
  }
  DeadEndpoint(const DeadEndpoint&) = delete;
  DeadEndpoint& operator=(const DeadEndpoint&) = delete;

  [[nodiscard]] std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] std::vector<Instant> visits() const {
    const std::lock_guard lock(mutex_);
    return visits_;
  }

 private:
  void refuse_all() {
    while (!stopping_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) != 1) continue;
      const int visitor = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (visitor < 0) continue;
      {
        const std::lock_guard lock(mutex_);
        visits_.push_back(std::chrono::steady_clock::now());
      }
      ::close(visitor);
    }
  }

  int port_;
  int socket_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Instant> visits_;
  std::thread thread_;
};

}  // namespace relais::tests
