#include <gtest/gtest.h>

#include "adapters/postgres/connection.h"

namespace relais::postgres {
namespace {

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
