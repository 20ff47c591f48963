#include "adapters/sftp/tcp_socket.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "adapters/sftp/remote.h"

namespace relais::sftp {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{100};
constexpr int kIdleBeforeProbe_s = 30;
constexpr int kBetweenProbes_s = 10;
constexpr int kProbes = 3;

std::string_view word_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "connection_refused";
    case ETIMEDOUT:
      return "timeout";
    default:
      return "unreachable";
  }
}

void set(int socket, int level, int option, int value) { ::setsockopt(socket, level, option, &value, sizeof value); }

/// A router between that forgets idle connections, and a server that vanished, are noticed.
void keep_alive(int socket) {
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, kIdleBeforeProbe_s);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, kBetweenProbes_s);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

/// 0 or the error.
int wait_for(int socket, steady_clock::time_point end, const std::function<bool()>& given_up) {
  while (!given_up()) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return ETIMEDOUT;
    pollfd one{socket, POLLOUT, 0};
    if (::poll(&one, 1, static_cast<int>(std::min(left, kSlice).count())) <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  return ECANCELED;
}

int connect_one(int socket, const addrinfo& address, steady_clock::time_point end,
                const std::function<bool()>& given_up) {
  if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return 0;
  return errno == EINPROGRESS ? wait_for(socket, end, given_up) : errno;
}

}  // namespace

base::Result<int> connect_to(const std::string& host, std::uint16_t port, milliseconds at_most,
                             const std::function<bool()>& given_up) {
  const auto end = steady_clock::now() + at_most;
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return failed("name_unknown");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  int error = EHOSTUNREACH;
  for (const addrinfo* one = found; one != nullptr && !given_up(); one = one->ai_next) {
    const int socket = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) {
      error = errno;
      continue;
    }
    error = connect_one(socket, *one, end, given_up);
    if (error == 0) {
      keep_alive(socket);
      ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
      return socket;
    }
    ::close(socket);
  }
  return failed(word_of(error));
}

}  // namespace relais::sftp
