#include "broker/base/ids.h"

#include <unordered_set>

#include <gtest/gtest.h>

namespace relais::base {
namespace {

constexpr std::string_view kText = "00112233-4455-6677-8899-aabbccddeeff";

TEST(Ids, read_back_their_text_in_either_form) {
  const auto bytes = id_bytes(kText);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(id_text(*bytes), kText);
  EXPECT_EQ(id_bytes("00112233445566778899AABBCCDDEEFF"), bytes);
}

TEST(Ids, refuse_any_other_text) {
  for (const auto* const bad :
       {"", "0011", "00112233-4455-6677-8899-aabbccddeefg", "00112233445566778899aabbccddeeff00"})
    EXPECT_FALSE(id_bytes(bad)) << bad;
}

TEST(Ids, take_exactly_sixteen_bytes) {
  EXPECT_FALSE(MessageId::from_bytes(std::string(15, 'x')));
  EXPECT_FALSE(MessageId::from_bytes(std::string(17, 'x')));
  const auto id = MessageId::from_bytes(std::string(16, 'x'));
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes(), std::string(16, 'x'));
  EXPECT_FALSE(id->none());
  EXPECT_TRUE(MessageId().none());
  const std::unordered_set<MessageId> known{*id};
  EXPECT_TRUE(known.contains(*id));
}

TEST(Hex, reads_back_what_it_wrote) {
  EXPECT_EQ(hex(std::string("\x00\xff\x10", 3)), "00ff10");
  EXPECT_EQ(unhex("00fF10"), std::string("\x00\xff\x10", 3));
  EXPECT_FALSE(unhex("0"));
  EXPECT_FALSE(unhex("0x"));
}

}  // namespace
}  // namespace relais::base
