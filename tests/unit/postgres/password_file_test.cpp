#include "adapters/postgres/password_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapters/postgres/connection.h"
#include "tests/support/temporary_folder.h"

namespace relais::postgres {
namespace {

std::filesystem::path file_with(const tests::TemporaryFolder& folder, std::string_view text, mode_t mode) {
  const auto path = folder.write("password", text);
  ::chmod(path.c_str(), mode);
  return path;
}

TEST(PasswordFile, gives_the_first_line) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(*read_password(file_with(folder, "se cret\nrest\n", 0600)), "se cret");
}

TEST(PasswordFile, is_refused_when_others_may_read_it) {
  const tests::TemporaryFolder folder;
  const auto said = read_password(file_with(folder, "secret", 0640));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, base::RefusalCode::key_file_mode);
}

TEST(PasswordFile, is_refused_when_empty_absent_or_no_file) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(read_password(file_with(folder, "\nx", 0600)).refusal().code, base::RefusalCode::key_invalid);
  EXPECT_EQ(read_password(folder.path() / "absent").refusal().code, base::RefusalCode::io_failed);
  EXPECT_EQ(read_password(folder.path()).refusal().code, base::RefusalCode::key_invalid);
}

TEST(Conninfo, may_not_hold_a_password_and_is_never_shown) {
  for (const auto* text :
       {"host=a password=CANARY", "postgresql://user:CANARY@host/db", "not a CANARY", "host='CANARY"}) {
    const auto said = check_conninfo(text);
    ASSERT_FALSE(said) << text;
    EXPECT_EQ(said.refusal().code, base::RefusalCode::config_invalid);
    EXPECT_EQ(said.refusal().english().find("CANARY"), std::string::npos);
  }
  EXPECT_TRUE(check_conninfo("service=relais"));
  EXPECT_TRUE(check_conninfo("postgresql://relais@db.example/caf?sslmode=verify-full"));
}

TEST(QuotedName, keeps_a_name_in_its_quotes) {
  EXPECT_EQ(quoted_name("relais.inbox"), "\"relais\".\"inbox\"");
  EXPECT_EQ(quoted_name("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace relais::postgres
