#include "adapters/postgres/connection.h"

#include <array>
#include <thread>

#include "adapters/postgres/session.h"
#include "adapters/postgres/sql_fault.h"
#include "adapters/postgres/transaction.h"
#include "adapters/postgres/waker.h"
#include "tests/integration/postgres/database_fixture.h"

namespace relais::postgres {
namespace {

using std::chrono::milliseconds;

TEST_F(DatabaseTest, runs_statements_with_parameters_and_nulls) {
  auto connection = connect();
  const auto rows = connection.run("SELECT $1::text, $2::integer + 1, $3::text IS NULL",
                                   std::array{Parameter("it's"), Parameter("41"), Parameter()});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->text(0, 0), "it's");
  EXPECT_EQ(rows->text(0, 1), "42");
  EXPECT_EQ(rows->text(0, 2), "t");
}

TEST_F(DatabaseTest, says_the_sqlstate_and_nothing_of_the_row) {
  auto connection = connect();
  run("CREATE TABLE t (a text PRIMARY KEY)");
  const std::array row{Parameter("CANARY")};
  ASSERT_TRUE(connection.run("INSERT INTO t VALUES ($1)", row));
  const auto said = connection.run("INSERT INTO t VALUES ($1)", row);
  ASSERT_FALSE(said);
  EXPECT_EQ(sqlstate_of(said.refusal()), "23505");
  EXPECT_EQ(said.refusal().english().find("CANARY"), std::string::npos);
  EXPECT_TRUE(connection.alive());
}

TEST_F(DatabaseTest, refuses_a_zero_byte_instead_of_cutting_the_value) {
  auto connection = connect();
  const auto said = connection.run("SELECT $1::text", std::array{Parameter(std::string("a\0b", 3))});
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::row);
}

TEST_F(DatabaseTest, commits_durably_where_the_database_would_not) {
  run("ALTER DATABASE " + database_ + " SET synchronous_commit = off");
  auto connection = connect();
  EXPECT_EQ(connection.run("SHOW synchronous_commit")->text(0, 0), "on");
}

TEST_F(DatabaseTest, a_transaction_that_is_left_is_rolled_back) {
  run("CREATE TABLE t (a integer)");
  auto connection = connect();
  {
    Transaction transaction(connection);
    ASSERT_TRUE(transaction.begin());
    ASSERT_TRUE(connection.run("INSERT INTO t VALUES (1)"));
    ASSERT_FALSE(connection.run("INSERT INTO t VALUES ('x')"));
  }
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(sql("SELECT count(*) FROM t"), "0");
}

TEST_F(DatabaseTest, a_deadlock_is_tried_again_and_ends_well) {
  run("CREATE TABLE t (a integer PRIMARY KEY, n integer); INSERT INTO t VALUES (1, 0), (2, 0)");
  const auto both = [&](int first, int second) {
    auto connection = connect();
    bool waits = true;  // once: two that always wait for each other would never end
    const auto said = with_attempts<base::Done>([&]() -> base::Status {
      Transaction transaction(connection);
      if (auto begun = transaction.begin(); !begun) return begun;
      for (const int row : {first, second}) {
        const auto updated =
            connection.run("UPDATE t SET n = n + 1 WHERE a = $1", std::array{Parameter(std::to_string(row))});
        if (!updated) return updated.refusal();
        if (waits) std::this_thread::sleep_for(milliseconds(200));
        waits = false;
      }
      return transaction.commit();
    });
    EXPECT_TRUE(said);
  };
  std::thread other([&] { both(2, 1); });
  both(1, 2);
  other.join();
  EXPECT_EQ(sql("SELECT sum(n) FROM t"), "4");
}

TEST_F(DatabaseTest, hears_a_notification_at_once_and_wakes_for_others) {
  auto connection = connect();
  ASSERT_TRUE(connection.run_script("LISTEN here"));
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(100));
    run("NOTIFY here");
  });
  const auto began = std::chrono::steady_clock::now();
  const auto heard = connection.wait_for_notification(-1, std::chrono::seconds(20));
  other.join();
  ASSERT_TRUE(heard);
  EXPECT_TRUE(*heard);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));

  const Waker waker;
  waker.wake();
  EXPECT_FALSE(*connection.wait_for_notification(waker.descriptor(), std::chrono::seconds(20)));
  waker.clear();
  EXPECT_FALSE(*connection.wait_for_notification(waker.descriptor(), milliseconds(10)));
}

TEST_F(DatabaseTest, a_killed_server_ends_the_connection_and_a_session_comes_back) {
  Session::Options options;
  options.connection = settings();
  options.needs_schema = false;
  options.pause_first = milliseconds(20);
  options.pause_most = milliseconds(100);
  Session session("test", options);
  ASSERT_NE(session.get(), nullptr);
  server().kill();
  EXPECT_EQ(fault_of(session.get()->run("SELECT 1").refusal()), SqlFault::away);
  EXPECT_EQ(session.get(), nullptr);
  EXPECT_EQ(session.get(), nullptr) << "it does not try again at once";
  server().start();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (session.get() == nullptr && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(milliseconds(20));
  ASSERT_NE(session.get(), nullptr);
  EXPECT_EQ(session.generation(), 2U);
  EXPECT_TRUE(session.get()->run("SELECT 1"));
}

TEST_F(DatabaseTest, a_server_that_does_not_answer_is_given_up) {
  auto patient = settings();
  patient.statement_timeout = std::chrono::seconds(1);
  auto connection = Connection::open(patient);
  ASSERT_TRUE(connection);
  server().suspend();
  const auto said = connection->run("SELECT 1");
  server().resume();
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::away);
  EXPECT_FALSE(connection->alive());
}

TEST_F(DatabaseTest, the_servers_own_timeout_counts_as_away_and_keeps_the_connection) {
  auto patient = settings();
  patient.statement_timeout = std::chrono::seconds(1);
  auto connection = Connection::open(patient);
  const auto said = connection->run("SELECT pg_sleep(30)");
  ASSERT_FALSE(said);
  EXPECT_EQ(sqlstate_of(said.refusal()), "57014");
  EXPECT_TRUE(connection->alive());
}

TEST_F(DatabaseTest, many_forms_of_statements_do_not_pile_up) {
  auto connection = connect();
  for (int i = 0; i < 1'200; ++i) ASSERT_TRUE(connection.run("SELECT " + std::to_string(i)));
  EXPECT_LE(std::stoi(std::string(connection.run("SELECT count(*) FROM pg_prepared_statements")->text(0, 0))), 502);
}

TEST_F(DatabaseTest, a_password_comes_from_its_file) {
  run("CREATE ROLE adapter LOGIN PASSWORD 'right'");
  const tests::TemporaryFolder folder;
  auto wanted = settings();
  wanted.conninfo = server().conninfo(database_, "adapter");
  wanted.password_file = folder.write("password", "right\n");
  std::filesystem::permissions(wanted.password_file, std::filesystem::perms::owner_read);
  EXPECT_TRUE(Connection::open(wanted));
  std::filesystem::permissions(wanted.password_file, std::filesystem::perms(0644));
  EXPECT_EQ(Connection::open(wanted).refusal().code, base::RefusalCode::key_file_mode);
}

}  // namespace
}  // namespace relais::postgres
