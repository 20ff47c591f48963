#include "broker/journal/record_codec.h"

#include <gtest/gtest.h>

#include "broker/journal/acknowledged_mark.h"

namespace relais::journal {

TEST(RecordCodec, keys_sort_as_positions_do) {
  EXPECT_LT(journal_key(1), journal_key(2));
  EXPECT_LT(journal_key(255), journal_key(256));
  EXPECT_LT(journal_key(0xffffffff), journal_key(0x100000000));
  EXPECT_LT(payload_key({1, 0xffffffff}), payload_key({2, 0}));
  EXPECT_LT(payload_key({1, 9}), payload_key({1, 10}));
  EXPECT_FALSE(parse_journal_key("1234567"));
  EXPECT_FALSE(parse_journal_key("123456789"));
}

TEST(RecordCodec, refuses_a_record_of_another_version_or_too_short) {
  std::string value;
  encode_record({}, "bytes", value);
  EXPECT_TRUE(decode_record(value));
  EXPECT_FALSE(decode_record(value.substr(0, 32)));
  value[0] = 2;
  EXPECT_FALSE(decode_record(value));
  EXPECT_FALSE(decode_record(""));
}

TEST(RecordCodec, refuses_a_payload_whose_lengths_do_not_add_up) {
  std::string value;
  encode_payload({"identity", "contact"}, value);
  EXPECT_TRUE(decode_payload(value));
  for (std::size_t length = 0; length < value.size(); ++length) EXPECT_FALSE(decode_payload(value.substr(0, length)));
  EXPECT_FALSE(decode_payload(value + "x"));
  value[4] = '\xff';
  EXPECT_FALSE(decode_payload(value));
}

TEST(AcknowledgedMark, counts_only_when_whole) {
  const std::string mark = encode_mark({{5, {}}, 6});
  ASSERT_TRUE(decode_mark(mark));
  EXPECT_EQ(decode_mark(mark)->end.position, 5u);
  EXPECT_FALSE(decode_mark(mark.substr(1)));
  for (std::size_t at = 0; at < mark.size(); ++at) {
    std::string flipped = mark;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    EXPECT_FALSE(decode_mark(flipped)) << at;
  }
}

}  // namespace relais::journal
