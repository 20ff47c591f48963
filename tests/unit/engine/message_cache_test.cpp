#include "broker/engine/message_cache.h"

#include <gtest/gtest.h>

#include "broker/journal/memory_store.h"

namespace relais::engine {
namespace {

StoredMessage message_to(std::size_t recipients) {
  StoredMessage message;
  message.envelope = std::string(400, 'e');
  message.one_recipient = recipients == 1;
  return message;
}

/// The store is empty, so that what the cache answers comes from memory.
TEST(MessageCache, keeps_what_is_not_durable_however_little_room_there_is) {
  const journal::MemoryStore store;
  MessageCache cache(store, 0);
  cache.put({1, 0}, message_to(1), 1);
  EXPECT_NE(cache.get({1, 0}), nullptr);
  cache.committed(1);
  EXPECT_EQ(cache.get({1, 0}), nullptr);
}

TEST(MessageCache, gives_the_place_of_a_delivered_message_to_the_next) {
  const journal::MemoryStore store;
  MessageCache cache(store, message_to(1).bytes());
  for (core::Position position = 1; position <= 3; ++position) {
    cache.put({position, 0}, message_to(1), position);
    cache.committed(position);
    EXPECT_NE(cache.get({position, 0}), nullptr) << position;
    cache.delivered({position, 0});
    EXPECT_EQ(cache.get({position, 0}), nullptr) << position;
  }
}

TEST(MessageCache, keeps_what_goes_to_several_when_one_of_them_has_it) {
  const journal::MemoryStore store;
  MessageCache cache(store, 1u << 20);
  cache.put({1, 0}, message_to(2), 1);
  cache.committed(1);
  cache.delivered({1, 0});
  EXPECT_NE(cache.get({1, 0}), nullptr);
}

}  // namespace
}  // namespace relais::engine
