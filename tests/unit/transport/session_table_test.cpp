#include "broker/transport/session_table.h"

#include <gtest/gtest.h>

namespace relais::transport {
namespace {

Peer peer(std::string routing_id) {
  return Peer{.routing_id = std::move(routing_id),
              .user_id = "00",
              .connection = 4,
              .last_heard = {},
              .last_slowed = {},
              .rate = RateLimit(10, {}),
              .session = {}};
}

SessionInfo session(SessionId id) {
  SessionInfo info;
  info.id = id;
  return info;
}

TEST(SessionTable, finds_a_connection_by_routing_id_and_by_session) {
  SessionTable table;
  auto& first = table.add(peer("one"));
  auto& second = table.add(peer(std::string("\0\1", 2)));
  table.open(second, session(7));
  EXPECT_EQ(table.at("one"), &first);
  EXPECT_EQ(table.at(std::string_view("\0\1", 2)), &second);
  EXPECT_EQ(table.of(7), &second);
  EXPECT_EQ(table.of(8), nullptr);
  EXPECT_EQ(table.at("two"), nullptr);
  EXPECT_EQ(table.sessions(), 1u);
}

TEST(SessionTable, a_connection_stays_when_its_session_ends) {
  SessionTable table;
  auto& only = table.add(peer("one"));
  table.open(only, session(7));
  table.close(only);
  EXPECT_EQ(table.of(7), nullptr);
  EXPECT_EQ(table.at("one"), &only);
  EXPECT_EQ(only.session.id, 0u);
  table.remove(only);
  EXPECT_EQ(table.at("one"), nullptr);
  EXPECT_TRUE(table.peers().empty());
}

}  // namespace
}  // namespace relais::transport
