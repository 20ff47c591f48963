// Two institutions that speak nothing but SQL, a real broker and real adapters between them.
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "relais_paths.h"
#include "tests/integration/postgres/database_fixture.h"
#include "tests/integration/postgres/postgres_network.h"

namespace relais::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kPatience = seconds(90);

/// One institution's database.
class Software {
 public:
  explicit Software(tests::ThrowawayPostgres& server) : server_(&server), database_(server.create_database()) {
    auto connection = Connection::open({server.conninfo(database_), {}});
    base::check(connection.ok() && install_schema(*connection).ok(), "the schema can be installed");
  }

  [[nodiscard]] std::string sql(const std::string& text) const { return server_->sql(database_, text); }
  [[nodiscard]] std::string conninfo(std::string_view user = "postgres") const {
    return server_->conninfo(database_, user);
  }

  /// Waits until the query answers this.
  [[nodiscard]] ::testing::AssertionResult comes_to(const std::string& query, const std::string& wanted) const {
    const auto end = steady_clock::now() + kPatience;
    std::string got;
    while (steady_clock::now() < end) {
      if (got = sql(query); got == wanted) return ::testing::AssertionSuccess();
      std::this_thread::sleep_for(milliseconds(50));
    }
    return ::testing::AssertionFailure() << query << " stays at " << got << ", wanted " << wanted;
  }

  void request(const std::string& reference, const std::string& recipient = "caf-25") const {
    (void)sql(
        fmt::format("INSERT INTO relais.outbox (kind, own_reference, recipient, purpose, contents) VALUES "
                    "('referral_requested', '{}', '{}', 'access_to_rights', "
                    "'{{\"identity\": {{\"family_name\": \"CANARY-{}\"}}}}')",
                    reference, recipient, reference));
  }

  void say(const std::string& columns, const std::string& values) const {
    (void)sql(fmt::format("INSERT INTO relais.outbox ({}) VALUES ({})", columns, values));
  }

 private:
  tests::ThrowawayPostgres* server_;
  std::string database_;
};

class EndToEnd : public ::testing::Test {
 protected:
  void SetUp() override {
    server().start();
    ccas_ = std::make_unique<Software>(server());
    caf_ = std::make_unique<Software>(server());
  }

  /// No word of a content in what the programs wrote, whatever happened.
  void TearDown() override {
    if (!network_) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(network_->folder())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      EXPECT_EQ(text.find("CANARY"), std::string::npos) << entry.path();
      if (HasFailure() && entry.path().extension() == ".log")
        std::cerr << "---- " << entry.path() << "\n" << text.substr(text.size() > 6'000 ? text.size() - 6'000 : 0);
    }
  }

  void start(int transport_keys = 1, const tests::RealNetwork::Files& more = {}) {
    network_ = std::make_unique<tests::PostgresNetwork>(transport_keys, more);
    ccas_adapter_ = network_->adapter("ccas-25056", ccas_->conninfo());
    caf_adapter_ = network_->adapter("caf-25", caf_->conninfo());
    ccas_adapter_->start();
    caf_adapter_->start();
  }

  std::unique_ptr<Software> ccas_;
  std::unique_ptr<Software> caf_;
  std::unique_ptr<tests::PostgresNetwork> network_;
  std::unique_ptr<tests::ChildProgram> ccas_adapter_;
  std::unique_ptr<tests::ChildProgram> caf_adapter_;
};

TEST_F(EndToEnd, a_referral_and_its_appointment_go_all_the_way) {
  start();
  ccas_->request("A-1");
  ASSERT_TRUE(caf_->comes_to("SELECT contents->'identity'->>'family_name' FROM relais.inbox", "CANARY-A-1"));
  ASSERT_TRUE(ccas_->comes_to("SELECT status FROM relais.referral", "received"));
  (void)caf_->sql("UPDATE relais.inbox SET read_at = now(), local_reference = 'CAF-1'");
  caf_->say("kind, own_reference", "'referral_accepted', 'CAF-1'");
  caf_->say("kind, own_reference, own_appointment, meeting_start, meeting_end",
            "'appointment_booked', 'CAF-1', 'RDV-1', '2030-01-02 09:00+01', '2030-01-02 09:30+01'");
  ASSERT_TRUE(
      ccas_->comes_to("SELECT status || ' ' || appointment_status || ' ' || meeting_start || ' ' || local_reference "
                      "FROM relais.referral",
                      "accepted booked 2030-01-02 08:00:00+00 A-1"));
  caf_->say("kind, own_reference", "'appointment_arrived', 'CAF-1'");
  caf_->say("kind, own_reference", "'appointment_fulfilled', 'CAF-1'");
  caf_->say("kind, own_reference, outcome", "'referral_completed', 'CAF-1', 'connected'");
  ASSERT_TRUE(ccas_->comes_to("SELECT status || ' ' || outcome || ' ' || appointment_status FROM relais.referral",
                              "completed connected fulfilled"));
  ASSERT_TRUE(caf_->comes_to("SELECT status || ' ' || closed || ' ' || appointment_status FROM relais.referral",
                             "completed true fulfilled"));
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.outbox WHERE state <> 'accepted'", "0"));
  EXPECT_EQ(ccas_->sql("SELECT string_agg(kind, ' ' ORDER BY number) FROM relais.inbox"),
            "referral_received referral_accepted appointment_booked appointment_arrived appointment_fulfilled "
            "referral_completed");
  EXPECT_EQ(ccas_adapter_->stop(), 0);
  EXPECT_EQ(caf_adapter_->stop(), 0);
}

TEST_F(EndToEnd, refusals_come_back_with_code_and_sentences_and_a_corrected_row_goes) {
  start();
  ccas_->say("kind, own_reference, recipient, purpose", "'referral_requested', 'A-1', 'caf-25', 'housing'");
  ccas_->say("kind, own_reference, recipient, purpose", "'referral_requested', 'A-2', 'nobody', 'access_to_rights'");
  ASSERT_TRUE(ccas_->comes_to("SELECT string_agg(state || ' ' || code, ', ' ORDER BY id) FROM relais.outbox",
                              "refused agreement.none, refused route.none"));
  EXPECT_EQ(ccas_->sql("SELECT count(*) FROM relais.outbox WHERE sentence_fr <> '' AND sentence_en <> ''"), "2");
  (void)ccas_->sql("UPDATE relais.outbox SET purpose = 'access_to_rights', recipient = 'caf-25', state = 'pending'");
  ASSERT_TRUE(ccas_->comes_to("SELECT string_agg(state, ' ') FROM relais.outbox", "accepted accepted"));
  ASSERT_TRUE(ccas_->comes_to("SELECT string_agg(status, ' ') FROM relais.referral", "received received"));
  ccas_->say("kind, own_reference, reason", "'referral_cancelled', 'A-1', 'person_withdrew'");
  ASSERT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.referral WHERE status = 'cancelled' AND closed", "1"));
  ccas_->say("kind, referral_id, reason",
             "'referral_cancelled', (SELECT referral_id FROM relais.referral WHERE local_reference = 'A-1'), 'other'");
  ASSERT_TRUE(
      ccas_->comes_to("SELECT code FROM relais.outbox ORDER BY id DESC LIMIT 1", "lifecycle.invalid_transition"));
}

TEST_F(EndToEnd, a_row_with_a_need_and_a_commune_reaches_who_takes_it_or_says_why_not) {
  start(1, {{"services/caf.toml",
             "[[service]]\nid = \"caf-logement\"\ninstitution = \"caf-25\"\nname = \"Logement\"\n"
             "thematics = [\"logement-hebergement\"]\ndepartements = [\"25\"]\n"}});
  ccas_->say("kind, own_reference, purpose, service_need, commune",
             "'referral_requested', 'A-1', 'access_to_rights', 'logement-hebergement--acheter', '25056'");
  ccas_->say("kind, own_reference, purpose, service_need, commune",
             "'referral_requested', 'A-2', 'access_to_rights', 'mobilite', '25056'");
  ASSERT_TRUE(
      ccas_->comes_to("SELECT string_agg(state || ' ' || coalesce(code, '-'), ', ' ORDER BY id) "
                      "FROM relais.outbox",
                      "accepted -, refused route.none"));
  EXPECT_TRUE(caf_->comes_to("SELECT service_id FROM relais.inbox", "caf-logement"));
  EXPECT_TRUE(ccas_->comes_to("SELECT counterpart FROM relais.referral WHERE local_reference = 'A-1'", "caf-25"));
  ccas_->say("kind, own_reference, reason", "'referral_cancelled', 'A-1', 'person_withdrew'");
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.referral WHERE status = 'cancelled'", "1"));
  (void)ccas_->sql("UPDATE relais.outbox SET recipient = 'caf-25', state = 'pending' WHERE own_reference = 'A-2'");
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox WHERE kind = 'referral_requested'", "2"));
}

TEST_F(EndToEnd, rows_without_a_notification_are_found_by_polling) {
  (void)ccas_->sql("DROP TRIGGER announce_outbox_insert ON relais.outbox");
  start();
  for (int i = 0; i < 5; ++i) ccas_->request(fmt::format("A-{}", i));
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "5"));
}

TEST_F(EndToEnd, two_adapters_share_one_outbox_and_one_takes_over_when_the_other_is_gone) {
  start(2);
  auto second = network_->adapter("ccas-25056", ccas_->conninfo(), {}, 2);
  second->start();
  constexpr int kRows = 150;
  for (int i = 0; i < kRows; ++i) {
    ccas_->request(fmt::format("A-{}", i));
    if (i == kRows / 2) second->kill();  // for good
  }
  EXPECT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.outbox WHERE state = 'accepted'", std::to_string(kRows)));
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", std::to_string(kRows)));
  EXPECT_EQ(caf_->sql("SELECT count(DISTINCT contents->'identity'->>'family_name') FROM relais.inbox"),
            std::to_string(kRows));
  EXPECT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.referral WHERE status = 'received'", std::to_string(kRows)));
}

TEST_F(EndToEnd, a_row_that_was_taken_over_while_its_adapter_came_back_is_not_sent_again) {
  start();
  ccas_->request("A-1");
  ASSERT_TRUE(ccas_->comes_to("SELECT state FROM relais.outbox", "accepted"));
  ccas_adapter_->kill();
  // As after a crash between taking the row and handing it to the SDK.
  (void)ccas_->sql(
      "INSERT INTO relais.outbox (kind, own_reference, recipient, purpose, state, taken_by, message_id) "
      "SELECT 'referral_requested', 'A-2', 'caf-25', 'access_to_rights', 'taken', taken_by, gen_random_uuid() "
      "FROM relais.outbox");
  auto other = Connection::open({ccas_->conninfo(), {}});
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->run_script("BEGIN"));
  ASSERT_TRUE(other->run("SELECT FROM relais.outbox WHERE own_reference = 'A-2' FOR UPDATE"));
  ccas_adapter_->start();
  ASSERT_TRUE(
      ccas_->comes_to("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                      "application_name = 'relais-postgres' AND wait_event_type = 'Lock'",
                      "1"));
  ASSERT_TRUE(
      other->run_script("UPDATE relais.outbox SET state = 'accepted', taken_by = 1, position = 99 "
                        "WHERE own_reference = 'A-2'; COMMIT"));
  ccas_->request("A-3");
  ASSERT_TRUE(ccas_->comes_to("SELECT state FROM relais.outbox WHERE own_reference = 'A-3'", "accepted"));
  EXPECT_EQ(ccas_->sql("SELECT state || ' ' || taken_by || ' ' || position FROM relais.outbox "
                       "WHERE own_reference = 'A-2'"),
            "accepted 1 99");
  ASSERT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox WHERE kind = 'referral_requested'", "2"));
}

TEST_F(EndToEnd, a_database_that_is_away_loses_nothing_and_stops_nobody_else) {
  tests::ThrowawayPostgres other;
  caf_ = std::make_unique<Software>(other);
  start();
  ccas_->request("A-0");
  ASSERT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "1"));
  other.stop();
  for (int i = 1; i <= 10; ++i) ccas_->request(fmt::format("A-{}", i));
  EXPECT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.outbox WHERE state = 'accepted'", "11"));
  other.start();
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "11"));
  other.suspend();
  ccas_->request("A-11");
  EXPECT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.outbox WHERE state = 'accepted'", "12"));
  std::this_thread::sleep_for(seconds(7));
  other.resume();
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "12"));
  EXPECT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.referral WHERE status = 'received'", "12"));
}

TEST_F(EndToEnd, a_bad_row_a_missing_right_and_a_full_disk_hold_only_what_they_concern) {
  (void)caf_->sql(
      "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.contents->'identity'->>'family_name' = 'CANARY-bad' THEN RAISE EXCEPTION 'not %', NEW.contents; END IF; "
      "IF NEW.contents->'identity'->>'family_name' = 'CANARY-full' THEN "
      "RAISE EXCEPTION 'no room for %', NEW.contents USING ERRCODE = '53100'; END IF; "
      "IF NEW.contents->'identity'->>'family_name' = 'CANARY-right' THEN "
      "RAISE EXCEPTION 'not allowed %', NEW.contents USING ERRCODE = '42501'; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER no BEFORE INSERT ON relais.inbox FOR EACH ROW EXECUTE FUNCTION no()");
  start();
  for (const auto* name : {"bad", "full", "right", "good"}) ccas_->request(name);
  ASSERT_TRUE(
      caf_->comes_to("SELECT string_agg(contents->'identity'->>'family_name', ' ') FROM relais.inbox", "CANARY-good"));
  (void)caf_->sql("DROP TRIGGER no ON relais.inbox");
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "4"));
}

TEST_F(EndToEnd, the_documented_rights_are_enough) {
  (void)caf_->sql(
      "DROP ROLE IF EXISTS relais_adapter; CREATE ROLE relais_adapter LOGIN;"
      "DROP ROLE IF EXISTS software; CREATE ROLE software LOGIN;");
  std::ifstream readme(std::string(RELAIS_SOURCE) + "/adapters/postgres/README.md");
  std::string grants;
  for (std::string line; std::getline(readme, line);)
    if (line.starts_with("GRANT ")) grants += line;
  (void)caf_->sql(grants);
  start();
  caf_adapter_->kill();
  caf_adapter_ = network_->adapter("caf-25", caf_->conninfo("relais_adapter"));
  caf_adapter_->start();
  ccas_->request("A-1");
  ASSERT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.inbox", "1"));
  (void)caf_->sql(
      "SET ROLE software; UPDATE relais.inbox SET read_at = now(), local_reference = 'CAF-1';"
      "INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_accepted', 'CAF-1');"
      "SELECT count(*) FROM relais.referral");
  EXPECT_TRUE(ccas_->comes_to("SELECT status FROM relais.referral", "accepted"));
  EXPECT_TRUE(caf_->comes_to("SELECT state FROM relais.outbox", "accepted"));
  caf_adapter_->kill();
  (void)caf_->sql("DROP OWNED BY relais_adapter, software; DROP ROLE relais_adapter, software");
}

// Everything may be killed at any instant; afterwards every message is there once and in order.
TEST_F(EndToEnd, killed_at_random_instants_nothing_is_lost_doubled_or_reordered) {
  tests::ThrowawayPostgres other;
  caf_ = std::make_unique<Software>(other);
  // The CAF's software answers by itself, in the transaction that stores the request.
  (void)caf_->sql(
      "CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "INSERT INTO relais.outbox (kind, referral_id) VALUES ('referral_accepted', NEW.referral_id), "
      "('referral_started', NEW.referral_id); "
      "INSERT INTO relais.outbox (kind, referral_id, outcome) VALUES ('referral_completed', NEW.referral_id, "
      "'connected'); "
      "RETURN NULL; END $$;"
      "CREATE TRIGGER answer AFTER INSERT ON relais.inbox FOR EACH ROW WHEN (NEW.kind = 'referral_requested') "
      "EXECUTE FUNCTION answer()");
  start();
  constexpr int kReferrals = 120;
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE(fmt::format("seed {}", seed));
  const auto pause = [&](int least, int most) {
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution(least, most)(random)));
  };
  for (int i = 0; i < kReferrals; ++i) {
    ccas_->request(fmt::format("A-{}", i));
    if (i % 4 != 3) continue;
    pause(0, 150);
    switch (std::uniform_int_distribution(0, 3)(random)) {
      case 0:
        ccas_adapter_->kill();
        pause(0, 100);
        ccas_adapter_->start();
        break;
      case 1:
        caf_adapter_->kill();
        pause(0, 100);
        caf_adapter_->start();
        break;
      case 2:
        other.kill();
        pause(0, 100);
        other.start();
        break;
      default:
        network_->broker().kill();
        pause(0, 100);
        network_->broker().start();
        break;
    }
  }
  const auto all = std::to_string(kReferrals);
  ASSERT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.outbox WHERE state = 'accepted'", all));
  ASSERT_TRUE(ccas_->comes_to("SELECT count(*) FROM relais.referral WHERE status = 'completed'", all));
  ASSERT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.referral WHERE closed", all));
  EXPECT_EQ(caf_->sql("SELECT count(*) FROM relais.inbox WHERE kind = 'referral_requested'"), all);
  EXPECT_EQ(caf_->sql("SELECT count(DISTINCT contents->'identity'->>'family_name') FROM relais.inbox "
                      "WHERE kind = 'referral_requested'"),
            all);
  EXPECT_TRUE(caf_->comes_to("SELECT count(*) FROM relais.outbox WHERE state <> 'accepted'", "0"));
  // Killed between COMMIT and the SDK's mark, the CAF's adapter may send the acceptance before it is offered the
  // request again: "received" comes too late then and is dropped, as the SDK's README says. Nothing else may differ.
  EXPECT_EQ(ccas_->sql("SELECT string_agg(kinds, ', ') FROM (SELECT referral_id, string_agg(kind, ' ' ORDER BY number) "
                       "AS kinds FROM relais.inbox GROUP BY referral_id) r WHERE regexp_replace(kinds, "
                       "'^referral_received ', '') <> 'referral_accepted referral_started referral_completed'"),
            "");
}

}  // namespace
}  // namespace relais::postgres
