// Tells which connections of a socket ended, so that what was given to a dead adapter is not held until it is silent
// for too long.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/transport/zmq_socket.h"

namespace relais::transport {

/// Threads: the thread of the socket. libzmq reports the end of a connection before it closes the file descriptor, so
/// whoever drains the monitor before believing a new connection never mistakes it for the old one with its number.
class ConnectionMonitor {
 public:
  ConnectionMonitor(zmq::Context& context, zmq::Socket& watched);
  ~ConnectionMonitor();
  ConnectionMonitor(const ConnectionMonitor&) = delete;
  ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;

  struct News {
    std::vector<int> disconnected;        // file descriptors
    std::uint64_t handshakes_failed = 0;  // not ZMTP, not CURVE, too slow; refused keys are ZAP's to count
  };
  News drain();

  [[nodiscard]] zmq::Socket& socket() { return events_; }

 private:
  zmq::Socket& watched_;
  zmq::Socket events_;
};

}  // namespace relais::transport
