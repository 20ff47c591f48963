#include "tests/integration/postgres/database_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::postgres {

namespace {

std::unique_ptr<tests::ThrowawayPostgres>& holder() {
  static std::unique_ptr<tests::ThrowawayPostgres> server;
  return server;
}

/// Ends the server before the program's static objects go.
class Server : public ::testing::Environment {
 public:
  void TearDown() override { holder().reset(); }
};

[[maybe_unused]] const auto* const kServer = ::testing::AddGlobalTestEnvironment(new Server);

}  // namespace

tests::ThrowawayPostgres& server() {
  if (!holder()) holder() = std::make_unique<tests::ThrowawayPostgres>();
  return *holder();
}

void DatabaseTest::SetUp() {
  server().start();
  database_ = server().create_database();
}

ConnectionSettings DatabaseTest::settings() const {
  ConnectionSettings settings;
  settings.conninfo = server().conninfo(database_);
  settings.connect_timeout = std::chrono::seconds(5);
  settings.statement_timeout = std::chrono::seconds(10);
  return settings;
}

Connection DatabaseTest::connect() const {
  auto connection = Connection::open(settings());
  base::check(connection.ok(), "the test's database can be reached");
  return std::move(*connection);
}

void SchemaTest::SetUp() {
  DatabaseTest::SetUp();
  auto connection = connect();
  ASSERT_TRUE(install_schema(connection));
}

std::string id(char byte) { return std::string(16, byte); }

sdk::Incoming request(char message_id, char referral_id) {
  v1::Identity identity;
  identity.set_family_name("CANARY-Martin");
  sdk::Incoming message;
  auto& envelope = message.envelope;
  envelope.set_version(1);
  envelope.set_message_id(id(message_id));
  envelope.set_sender("ccas-25056");
  envelope.add_recipients("caf-25");
  envelope.set_case_id(id('c'));
  envelope.set_referral_id(id(referral_id));
  envelope.set_purpose("access_to_rights");
  envelope.set_priority(v1::PRIORITY_URGENT);
  envelope.set_sent_at_ms(1'714'550'400'123);
  envelope.mutable_referral_requested()->set_service_need("acces-aux-droits");
  message.recipient = "caf-25";
  message.contents.push_back({v1::CATEGORY_IDENTITY, identity.SerializeAsString(), identity});
  message.withheld = {v1::CATEGORY_HEALTH};
  message.position = 10;
  message.accepted_at = base::from_ms(1'714'550'400'500);
  return message;
}

sdk::Incoming follow_up(const v1::Envelope& body, char message_id, std::uint64_t position) {
  auto message = request(message_id);
  message.envelope.clear_referral_requested();
  message.envelope.MergeFrom(body);
  message.contents.clear();
  message.withheld.clear();
  message.position = position;
  return message;
}

}  // namespace relais::postgres
