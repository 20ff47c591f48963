#include "adapters/postgres/schema.h"

#include <thread>
#include <vector>

#include "adapters/postgres/sql_fault.h"
#include "tests/integration/postgres/database_fixture.h"

namespace relais::postgres {
namespace {

TEST_F(DatabaseTest, the_schema_is_installed_once) {
  auto connection = connect();
  EXPECT_FALSE(check_schema(connection));
  EXPECT_EQ(*install_schema(connection), 0);
  EXPECT_TRUE(check_schema(connection));
  run("INSERT INTO relais.outbox (kind) VALUES ('referral_accepted')");
  EXPECT_EQ(*install_schema(connection), schema_version());
  EXPECT_EQ(sql("SELECT count(*) FROM relais.outbox"), "1");
}

TEST_F(DatabaseTest, the_printed_schema_is_the_installed_one) {
  run(schema_script());
  auto connection = connect();
  EXPECT_TRUE(check_schema(connection));
}

TEST_F(DatabaseTest, installers_at_the_same_time_wait_for_each_other) {
  std::vector<std::thread> installers;
  for (int i = 0; i < 4; ++i)
    installers.emplace_back([this] {
      auto connection = connect();
      EXPECT_TRUE(install_schema(connection));
    });
  for (auto& installer : installers) installer.join();
  auto connection = connect();
  EXPECT_TRUE(check_schema(connection));
}

TEST_F(DatabaseTest, a_newer_schema_is_refused_and_left_alone) {
  auto connection = connect();
  ASSERT_TRUE(install_schema(connection));
  run("UPDATE relais.meta SET version = 99");
  EXPECT_EQ(install_schema(connection).refusal().code, base::RefusalCode::config_invalid);
  EXPECT_EQ(check_schema(connection).refusal().code, base::RefusalCode::config_invalid);
  EXPECT_EQ(sql("SELECT version FROM relais.meta"), "99");
}

TEST_F(DatabaseTest, an_installation_without_rights_changes_nothing) {
  run("CREATE ROLE nobody_special LOGIN");
  auto limited = settings();
  limited.conninfo = server().conninfo(database_, "nobody_special");
  auto connection = Connection::open(limited);
  ASSERT_TRUE(connection);
  const auto said = install_schema(*connection);
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::setup);
  EXPECT_FALSE(connection->in_transaction());
  run("DROP ROLE nobody_special");
}

TEST_F(SchemaTest, the_software_may_correct_a_refused_row_and_no_row_in_hand) {
  run("INSERT INTO relais.outbox (kind, state, message_id) VALUES "
      "('referral_accepted', 'refused', gen_random_uuid()), ('referral_accepted', 'taken', gen_random_uuid())");
  run("UPDATE relais.outbox SET state = 'pending' WHERE id = 1");
  EXPECT_EQ(sql("SELECT message_id IS NULL FROM relais.outbox WHERE id = 1"), "t");
  auto connection = connect();
  const auto said = connection.run("UPDATE relais.outbox SET state = 'pending' WHERE id = 2");
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::row);
}

}  // namespace
}  // namespace relais::postgres
