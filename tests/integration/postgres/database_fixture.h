// One throw-away server for all tests of the program, one new database for each test.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/schema.h"
#include "adapters/sdk/handler.h"
#include "tests/support/throwaway_postgres.h"

namespace relais::postgres {

tests::ThrowawayPostgres& server();

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override;

  [[nodiscard]] ConnectionSettings settings() const;
  [[nodiscard]] Connection connect() const;
  /// Superuser's SQL on the test's database: the first column of the first row.
  [[nodiscard]] std::string sql(const std::string& text) const { return server().sql(database_, text); }
  void run(const std::string& text) const { (void)server().sql(database_, text); }

  std::string database_;
};

/// With the schema relais installed.
class SchemaTest : public DatabaseTest {
 protected:
  void SetUp() override;
};

/// 16 bytes, all the same.
std::string id(char byte);

/// A request of a made-up person from ccas-25056 to caf-25, with an identity.
sdk::Incoming request(char message_id = 'm', char referral_id = 'r');

/// A message of that body about the same referral, back or forth.
sdk::Incoming follow_up(const v1::Envelope& body, char message_id, std::uint64_t position);

}  // namespace relais::postgres
