#include "adapters/mapping/encoding.h"

#include <gtest/gtest.h>

#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

std::string decoded(std::string_view bytes, const std::string& encoding) {
  const auto said = decode(bytes, encoding);
  const auto* const good = std::get_if<Decoded>(&said);
  return good == nullptr ? "line " + std::to_string(std::get<NotDecoded>(said).line)
                         : good->encoding + " " + good->text;
}

TEST(Encoding, follows_the_byte_order_mark) {
  EXPECT_EQ("utf-8 Zoé", decoded("\xEF\xBB\xBFZo\xC3\xA9", "auto"));
  EXPECT_EQ("utf-16le Zoé", decoded(std::string_view("\xFF\xFEZ\0o\0\xE9\0", 8), "auto"));
  EXPECT_EQ("utf-16be Zoé", decoded(std::string_view("\xFE\xFF\0Z\0o\0\xE9", 8), "auto"));
}

TEST(Encoding, takes_valid_utf8_as_utf8_and_the_rest_as_windows_1252) {
  EXPECT_EQ("utf-8 Zoé", decoded("Zo\xC3\xA9", "auto"));
  EXPECT_EQ("windows-1252 Zoé €", decoded("Zo\xE9 \x80", "auto"));
}

TEST(Encoding, names_the_line_of_bytes_that_the_encoding_does_not_have) {
  EXPECT_EQ("line 2", decoded("a\r\nZo\xE9", "utf-8"));
  EXPECT_EQ("line 3", decoded("a\nb\n\x81", "windows-1252"));
}

TEST(Encoding, refuses_a_mark_of_another_encoding) {
  EXPECT_EQ("line 0", decoded("\xEF\xBB\xBFzzz", "windows-1252"));
  EXPECT_EQ("line 0", decoded(std::string_view("\xFF\xFEZ\0", 4), "utf-8"));
}

TEST(Encoding, bears_one_broken_line_in_twenty) {
  std::string text = "Zo\xE9\n";
  for (int i = 0; i < 19; ++i) text += "good\n";
  const auto said = decode_lines(text, "utf-8");
  ASSERT_TRUE(std::holds_alternative<Decoded>(said));
  EXPECT_TRUE(std::get<Decoded>(said).text.starts_with("Zo\xEF\xBF\xBD\n"));
  EXPECT_TRUE(std::holds_alternative<NotDecoded>(decode_lines("Zo\xE9\ngood\n", "utf-8")));
}

TEST(Encoding, replaces_what_the_target_lacks_and_counts_it) {
  std::size_t replaced = 0;
  EXPECT_EQ("Œuvre ? 5 €", representable("Œuvre 漢 5 €", "windows-1252", "?", replaced));
  EXPECT_EQ(1U, replaced);
  EXPECT_EQ("?uvre ? 5 ?", representable("Œuvre 漢 5 €", "iso-8859-1", "?", replaced));
  EXPECT_EQ(3U, replaced);
  EXPECT_EQ("漢", representable("漢", "utf-8", "?", replaced));
  EXPECT_EQ(0U, replaced);
}

TEST(Encoding, encodes_with_and_without_mark) {
  EXPECT_EQ("Zo\xE9 \x80", encode("Zoé €", "windows-1252", false));
  EXPECT_EQ("\xEF\xBB\xBFZo\xC3\xA9", encode("Zoé", "utf-8", true));
  EXPECT_EQ(std::string("\xFF\xFEZ\0", 4), encode("Z", "utf-16le", true));
}

TEST(Utf8, knows_well_formed_text) {
  EXPECT_EQ(std::nullopt, first_bad_utf8("Zoé 漢 😀"));
  for (const auto* const bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xFF"})
    EXPECT_EQ(0U, first_bad_utf8(bad));
}

TEST(Utf8, trims_the_blanks_that_spreadsheets_leave) {
  EXPECT_EQ("a b", trimmed("\xC2\xA0\t a b \xE2\x80\xAF\r\n"));
  EXPECT_EQ("", trimmed(" \xC2\xA0 "));
}

TEST(Utf8, cuts_by_characters) {
  EXPECT_EQ("éà", characters("Zéàx", 1, 2));
  EXPECT_EQ("", characters("Zé", 5, 2));
  EXPECT_EQ(3U, count_characters("Zé漢"));
}

TEST(Utf8, folds_french_capitals) { EXPECT_EQ("élève œuvre ÿ", folded("ÉLÈVE ŒUVRE Ÿ")); }

TEST(Utf8, finds_control_characters_and_broken_text) {
  EXPECT_FALSE(has_control_characters("tab\t and line\r\n é 漢"));
  for (const auto* const bad : {"\x01", "\x7F", "\xC2\x85", "\xEF\xBF\xBE", "\xEF\xBF\xBD"})
    EXPECT_TRUE(has_control_characters(bad));
}

}  // namespace

}  // namespace relais::mapping
