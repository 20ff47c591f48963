#include "broker/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/base/log_line.h"

namespace relais::base {
namespace {

TEST(LogLine, quotes_a_value_only_when_needed) {
  EXPECT_EQ(log_line(LogFormat::key_value, "session opened",
                     {{"adapter", "files"}, {"count", 3}, {"note", "two words"}, {"empty", ""}, {"odd", "a=\"b\"\n"}}),
            R"(event="session opened" adapter=files count=3 note="two words" empty="" odd="a=\"b\"\n")");
}

TEST(LogLine, is_the_inside_of_a_json_object) {
  EXPECT_EQ(log_line(LogFormat::json, "started", {{"path", "a\\b"}, {"tab", "\t"}}),
            R"("event":"started","path":"a\\b","tab":"\u0009")");
}

TEST(Log, writes_one_line_with_time_level_and_program) {
  testing::internal::CaptureStderr();
  start_log("relaisd", LogLevel::info, LogFormat::key_value);
  log_debug("not shown");
  log_warning("disk is filling", {{"free_bytes", 12}});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::MatchesRegex("time=20[0-9-]{8}T[0-9:]{8}\\.[0-9]{3}Z level=warning program=relaisd "
                                          "event=\"disk is filling\" free_bytes=12\n"));
}

TEST(Log, writes_json_when_asked) {
  testing::internal::CaptureStderr();
  start_log("relaisd", LogLevel::debug, LogFormat::json);
  log_error("disk full", {{"free_bytes", 0}});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("{\"time\":\"20")) << text;
  EXPECT_TRUE(
      text.ends_with("\"level\":\"error\",\"program\":\"relaisd\",\"event\":\"disk full\",\"free_bytes\":\"0\"}\n"))
      << text;
}

}  // namespace
}  // namespace relais::base
