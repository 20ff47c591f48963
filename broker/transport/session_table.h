// The connections that have spoken and the sessions on them: at most one session for each connection.
//
// Threads: the transport thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/transport/listener.h"
#include "broker/transport/rate_limit.h"

namespace relais::transport {

/// One connection. Its identity is the key that CURVE proved, never the routing id.
struct Peer {
  std::string routing_id;  // how the ROUTER addresses it
  std::string user_id;     // what ZAP gave it: its transport key as hexadecimal digits
  int connection = -1;     // file descriptor, to recognise its end
  SteadyTime last_heard;
  SteadyTime last_slowed;  // when it was last told that it sends too much
  RateLimit rate;
  SessionInfo session;  // id 0: none
};

class SessionTable {
 public:
  /// Null when that routing id has not spoken.
  [[nodiscard]] Peer* at(std::string_view routing_id);
  [[nodiscard]] Peer* of(SessionId session);

  /// The routing id must not be in the table.
  Peer& add(Peer peer);
  /// Its session must be closed.
  void remove(const Peer& peer);

  /// `info` has an id that is in use nowhere else.
  void open(Peer& peer, SessionInfo info);
  /// The peer stays, without a session.
  void close(Peer& peer);

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  /// A snapshot: the caller may remove while it walks.
  [[nodiscard]] std::vector<Peer*> peers() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::unique_ptr<Peer>, Hash, std::equal_to<>> peers_;
  std::unordered_map<SessionId, Peer*> sessions_;
};

}  // namespace relais::transport
