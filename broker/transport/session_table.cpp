#include "broker/transport/session_table.h"

#include <utility>

#include "broker/base/check.h"

namespace relais::transport {

Peer* SessionTable::at(std::string_view routing_id) {
  const auto found = peers_.find(routing_id);
  return found == peers_.end() ? nullptr : found->second.get();
}

Peer* SessionTable::of(SessionId session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second;
}

Peer& SessionTable::add(Peer peer) {
  auto name = peer.routing_id;
  const auto [place, added] = peers_.emplace(std::move(name), std::make_unique<Peer>(std::move(peer)));
  base::check(added, "a routing id stands once in the table");
  return *place->second;
}

void SessionTable::remove(const Peer& peer) {
  base::check(peer.session.id == 0, "a connection leaves the table without a session");
  const auto name = peer.routing_id;  // the peer is gone before the search for its name ends
  peers_.erase(name);
}

void SessionTable::open(Peer& peer, SessionInfo info) {
  base::check(peer.session.id == 0 && info.id != 0, "one session at a time for each connection");
  peer.session = std::move(info);
  sessions_.emplace(peer.session.id, &peer);
}

void SessionTable::close(Peer& peer) {
  sessions_.erase(peer.session.id);
  peer.session = SessionInfo{};
}

std::vector<Peer*> SessionTable::peers() const {
  std::vector<Peer*> all;
  all.reserve(peers_.size());
  for (const auto& [name, peer] : peers_) all.push_back(peer.get());
  return all;
}

}  // namespace relais::transport
