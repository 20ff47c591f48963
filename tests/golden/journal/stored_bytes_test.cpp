// What is on the disk of a running broker must stay readable: these bytes were recorded once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "broker/base/ids.h"
#include "broker/journal/acknowledged_mark.h"
#include "broker/journal/chain.h"
#include "broker/journal/record_codec.h"
#include "relais_paths.h"
#include "tests/golden/journal/recorded_line.h"
#include "tests/support/golden.h"

namespace relais::journal {

namespace {

const std::string kFirst = "\x08\x01\x10\x02";
const std::string kSecond = "second record";

}  // namespace

TEST(StoredBytes, are_those_recorded) {
  const base::Hash first = next_hash({}, kFirst);
  const base::Hash second = next_hash(first, kSecond);
  std::string text;
  std::string value;
  text += tests::recorded_line("journal key 1", journal_key(1));
  text += tests::recorded_line("journal key 0x0102030405060708", journal_key(0x0102030405060708u));
  encode_record(first, kFirst, value);
  text += tests::recorded_line("record 1", value);
  encode_record(second, kSecond, value);
  text += tests::recorded_line("record 2", value);
  text += tests::recorded_line("payload key 258, 3", payload_key({258, 3}));
  encode_payload({"identity", "", std::string("\0\xff", 2)}, value);
  text += tests::recorded_line("payload", value);
  encode_payload({}, value);
  text += tests::recorded_line("payload without compartments", value);
  text += tests::recorded_line("mark", encode_mark({{2, second}, 77}));
  tests::expect_golden("journal/stored_bytes.txt", text);
}

TEST(StoredBytes, are_read_back_from_the_recording) {
  const auto recorded = [](std::string_view name) {
    std::ifstream file(RELAIS_SOURCE "/tests/golden/journal/stored_bytes.txt");
    std::string found;
    for (std::string row; std::getline(file, row);)
      if (row.starts_with(std::string(name) + ": ")) found = *base::unhex(row.substr(name.size() + 2));
    return found;
  };
  const std::string first = recorded("record 1");
  const std::string second = recorded("record 2");
  ASSERT_TRUE(decode_record(first) && decode_record(second));
  EXPECT_EQ(decode_record(first)->bytes, kFirst);
  EXPECT_EQ(decode_record(second)->bytes, kSecond);
  EXPECT_EQ(decode_record(second)->hash, next_hash(decode_record(first)->hash, kSecond));
  EXPECT_EQ(decode_payload(recorded("payload")), (std::vector<std::string>{"identity", "", std::string("\0\xff", 2)}));
  EXPECT_EQ(decode_payload(recorded("payload without compartments")), std::vector<std::string>{});
  EXPECT_EQ(parse_journal_key(recorded("journal key 1")), 1u);
  const auto mark = decode_mark(recorded("mark"));
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->end.position, 2u);
  EXPECT_EQ(mark->sequence, 77u);
}

}  // namespace relais::journal
