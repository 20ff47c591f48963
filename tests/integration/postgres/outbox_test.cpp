#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "adapters/postgres/outbox_table.h"
#include "adapters/postgres/row_reader.h"
#include "adapters/postgres/sql_fault.h"
#include "adapters/postgres/transaction.h"
#include "broker/base/ids.h"
#include "tests/integration/postgres/database_fixture.h"
#include "tests/support/temporary_folder.h"

namespace relais::postgres {
namespace {

constexpr std::int32_t kOwner = 7;

class Outbox : public SchemaTest {
 protected:
  [[nodiscard]] RowReader reader() {
    OutboxSettings settings;
    settings.institution = "caf-25";
    return {settings, std::nullopt, true, losses_};
  }

  /// Takes what may go, as the sender does; answers the keys.
  std::vector<std::string> take(Connection& connection, std::int32_t owner = kOwner,
                                const std::vector<std::int32_t>& silent = {}) const {
    Transaction transaction(connection);
    EXPECT_TRUE(transaction.begin());
    const auto rows = table_.candidates(silent, {}, 64, connection);
    EXPECT_TRUE(rows);
    std::vector<std::string> keys;
    for (const auto& row : *rows) {
      RowIds ids;
      ids.message_id = table_.message_id_of(row);
      if (ids.message_id.empty()) ids.message_id = sdk::new_id();
      EXPECT_TRUE(table_.take(row, owner, ids, connection));
      keys.emplace_back(table_.key_of(row));
    }
    EXPECT_TRUE(transaction.commit());
    return keys;
  }

  [[nodiscard]] std::string message_of(const std::string& key) const {
    return *base::id_bytes(sql("SELECT message_id FROM relais.outbox WHERE id = " + key));
  }

  /// The first row, read and completed.
  base::Result<Message> message(Connection& connection, const RowReader& reader) const {
    const auto rows = table_.candidates({}, {}, 1, connection);
    EXPECT_EQ(rows->size(), 1U);
    const auto reading = reader.read(rows->front());
    EXPECT_TRUE(reading);
    if (const auto* refused = std::get_if<v1::Refused>(&*reading))
      return base::refuse(base::RefusalCode::input_invalid, refused->field());
    auto first = std::get<std::vector<Message>>(*reading).front();
    if (auto said = reader.complete(first, rows->front(), id('m'), connection); !said) return said.refusal();
    return first;
  }

  OutboxTable table_{OutboxSettings{}};
  std::uint64_t not_carried_ = 0;
  mapping::LossLog losses_{"caf-25", [this](std::uint64_t values) { not_carried_ += values; }};
};

using Keys = std::vector<std::string>;

TEST_F(Outbox, rows_of_one_referral_go_one_at_a_time_and_others_do_not_wait) {
  run("INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_requested', 'A'), ('referral_cancelled', "
      "'A'), "
      "('referral_requested', 'B'), ('information_requested', 'A')");
  auto connection = connect();
  EXPECT_EQ(take(connection), (Keys{"1", "3"}));
  EXPECT_EQ(take(connection), Keys{});
  ASSERT_TRUE(table_.settle_accepted(message_of("1"), 5, connection));
  EXPECT_EQ(take(connection), Keys{"2"});
  v1::Refused refusal;
  refusal.set_code("lifecycle.invalid_transition");
  ASSERT_TRUE(table_.settle_refused(message_of("2"), refusal, connection));
  EXPECT_EQ(take(connection), Keys{"4"}) << "a refused row holds nobody";
}

TEST_F(Outbox, rows_of_one_referral_keep_their_order_whichever_name_they_use) {
  run("INSERT INTO relais.known_referral (referral_id, institution, role, counterpart, case_id, purpose, priority, "
      "exercise,"
      " local_reference, status) VALUES ('11111111-1111-1111-1111-111111111111', 'caf-25', 'recipient', 'ccas-25056', "
      "gen_random_uuid(), 'housing', 'routine', false, 'D-1', 'received')");
  run("INSERT INTO relais.outbox (kind, referral_id) VALUES ('referral_accepted', "
      "'11111111-1111-1111-1111-111111111111')");
  run("INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_started', 'D-1')");
  auto connection = connect();
  EXPECT_EQ(take(connection), Keys{"1"});
}

TEST_F(Outbox, many_takers_share_the_rows_and_take_none_twice) {
  constexpr int kRows = 300;
  run("INSERT INTO relais.outbox (kind, own_reference) SELECT 'referral_requested', i::text FROM generate_series(1, " +
      std::to_string(kRows) + ") i");
  std::vector<std::thread> takers;
  std::array<Keys, 4> taken;
  for (std::size_t i = 0; i < taken.size(); ++i)
    takers.emplace_back([&, i] {
      auto connection = connect();
      for (int round = 0; round < 20; ++round)
        for (auto& key : take(connection, static_cast<std::int32_t>(i + 1))) taken[i].push_back(std::move(key));
    });
  for (auto& taker : takers) taker.join();
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto& keys : taken) {
    all.insert(keys.begin(), keys.end());
    count += keys.size();
  }
  EXPECT_EQ(count, static_cast<std::size_t>(kRows));
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kRows));
}

TEST_F(Outbox, rows_of_a_silent_owner_are_found_and_taken_over_with_their_message_id) {
  run("INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_requested', 'A')");
  auto second = connect();
  std::string reserved;
  {
    auto first = connect();
    ASSERT_TRUE(*table_.become(kOwner, first));
    take(first);
    reserved = message_of("1");
    EXPECT_TRUE(table_.silent_owners(second)->empty()) << "it is there";
  }
  std::vector<std::int32_t> silent;
  for (int i = 0; i < 100 && silent.empty(); ++i) silent = *table_.silent_owners(second);
  ASSERT_EQ(silent, std::vector<std::int32_t>{kOwner});
  EXPECT_EQ(take(second, 8, silent), Keys{"1"});
  EXPECT_EQ(message_of("1"), reserved);
  EXPECT_EQ(sql("SELECT taken_by FROM relais.outbox"), "8");
}

TEST_F(Outbox, a_row_that_another_took_over_is_not_reopened_by_its_former_owner) {
  run("INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_requested', 'A'), ('referral_requested', "
      "'B'), ('referral_requested', 'C'), ('referral_requested', 'D')");
  auto first = connect();
  take(first);
  const auto ours = table_.taken_by(kOwner, first);  // and then it is slow
  ASSERT_EQ(ours->size(), 4U);
  auto second = connect();
  ASSERT_EQ(take(second, 8, {kOwner}).size(), 4U);
  ASSERT_TRUE(table_.settle_accepted(message_of("2"), 5, second));
  const auto refusal = base::refuse(base::RefusalCode::input_invalid).to_wire({});
  for (std::size_t i = 0; i < ours->size(); ++i) {
    const auto& row = (*ours)[i];
    const auto said = i == 2   ? table_.refuse(row, refusal, first)
                      : i == 3 ? table_.skip(row, first)
                               : table_.take(row, kOwner, {table_.message_id_of(row), "", "", ""}, first);
    ASSERT_FALSE(said);
    EXPECT_EQ(fault_of(said.refusal()), SqlFault::again);
  }
  EXPECT_EQ(sql("SELECT string_agg(state || ' ' || taken_by, ', ' ORDER BY id) FROM relais.outbox"),
            "taken 8, accepted 8, taken 8, taken 8");
}

TEST_F(Outbox, only_one_session_announces_an_owner) {
  auto first = connect();
  auto second = connect();
  EXPECT_TRUE(*table_.become(kOwner, first));
  EXPECT_FALSE(*table_.become(kOwner, second));
}

TEST_F(Outbox, ends_are_written_with_code_and_both_sentences_and_only_once) {
  run("INSERT INTO relais.outbox (kind, own_reference) VALUES ('referral_requested', 'A'), ('referral_requested', "
      "'B')");
  auto connection = connect();
  take(connection);
  ASSERT_TRUE(table_.mark_submitted(std::array{message_of("1"), message_of("2")}, connection));
  EXPECT_EQ(sql("SELECT string_agg(state, ' ') FROM relais.outbox"), "submitted submitted");
  ASSERT_TRUE(table_.settle_accepted(message_of("1"), 12, connection));
  ASSERT_TRUE(
      table_.settle_refused(message_of("2"), base::refuse(base::RefusalCode::agreement_none).to_wire({}), connection));
  EXPECT_EQ(sql("SELECT state || ' ' || position FROM relais.outbox WHERE id = 1"), "accepted 12");
  EXPECT_EQ(sql("SELECT state || ' ' || code FROM relais.outbox WHERE id = 2"), "refused agreement.none");
  EXPECT_NE(sql("SELECT sentence_fr FROM relais.outbox WHERE id = 2"),
            sql("SELECT sentence_en FROM relais.outbox WHERE id = 2"));
  ASSERT_TRUE(table_.settle_accepted(message_of("2"), 99, connection));
  EXPECT_EQ(sql("SELECT state FROM relais.outbox WHERE id = 2"), "refused") << "what is settled stays";
}

TEST_F(Outbox, a_request_becomes_a_message_and_is_known_at_once) {
  run("INSERT INTO relais.outbox (kind, own_reference, recipient, purpose, service_need, priority, contents) VALUES "
      "('referral_requested', 'A-1', 'ccas-25056', 'housing', 'logement-hebergement', 'urgent', "
      "'{\"identity\": {\"family_name\": \"CANARY\"}}')");
  auto connection = connect();
  const auto made = message(connection, reader());
  ASSERT_TRUE(made) << made.refusal().english();
  EXPECT_EQ(made->envelope.sender(), "caf-25");
  EXPECT_EQ(made->envelope.recipients(0), "ccas-25056");
  EXPECT_EQ(made->envelope.priority(), v1::PRIORITY_URGENT);
  EXPECT_EQ(made->envelope.referral_requested().service_need(), "logement-hebergement");
  EXPECT_EQ(made->envelope.referral_id().size(), 16U);
  EXPECT_EQ(made->contents.size(), 1U);
  EXPECT_EQ(sql("SELECT status || ' ' || local_reference FROM relais.referral"), "submitting A-1");
}

TEST_F(Outbox, a_second_attempt_says_the_same) {
  run("INSERT INTO relais.outbox (kind, own_reference, recipient, purpose) VALUES "
      "('referral_requested', 'A-1', 'ccas-25056', 'housing')");
  auto connection = connect();
  const auto first = message(connection, reader());
  const auto second = message(connection, reader());
  EXPECT_EQ(first->envelope.SerializeAsString(), second->envelope.SerializeAsString());
}

TEST_F(Outbox, a_follow_up_needs_only_the_softwares_own_number) {
  run("INSERT INTO relais.known_referral (referral_id, institution, role, counterpart, case_id, purpose, priority, "
      "exercise,"
      " local_reference, status) VALUES ('11111111-1111-1111-1111-111111111111', 'caf-25', 'recipient', 'ccas-25056', "
      "'22222222-2222-2222-2222-222222222222', 'housing', 'asap', true, 'D-1', 'accepted')");
  run("INSERT INTO relais.outbox (kind, own_reference, meeting_start, meeting_end, own_appointment) VALUES "
      "('appointment_booked', 'D-1', '2030-01-02 09:00:00+01', '2030-01-02 09:30:00+01', 'RDV-1')");
  auto connection = connect();
  const auto made = message(connection, reader());
  ASSERT_TRUE(made) << made.refusal().english();
  EXPECT_EQ(made->envelope.recipients(0), "ccas-25056");
  EXPECT_EQ(made->envelope.case_id(), id('\x22'));
  EXPECT_EQ(made->envelope.purpose(), "housing");
  EXPECT_EQ(made->envelope.priority(), v1::PRIORITY_ASAP);
  EXPECT_TRUE(made->envelope.exercise());
  EXPECT_EQ(made->envelope.appointment_booked().meeting().start_ms(), 1'893'571'200'000);
  EXPECT_EQ(made->envelope.appointment_id().size(), 16U);
  run("UPDATE relais.outbox SET state = 'accepted'; INSERT INTO relais.outbox (kind, own_reference) VALUES "
      "('appointment_no_show', 'D-1')");
  const auto next = message(connection, reader());
  ASSERT_TRUE(next) << next.refusal().english();
  EXPECT_EQ(next->envelope.appointment_id(), made->envelope.appointment_id()) << "the only one of the referral";
}

TEST_F(Outbox, times_of_a_row_are_the_same_instants_in_every_zone_of_the_database) {
  run("INSERT INTO relais.known_referral (referral_id, institution, role, counterpart, case_id, purpose, priority, "
      "exercise, local_reference, status) VALUES (gen_random_uuid(), 'caf-25', 'recipient', 'ccas-25056', "
      "gen_random_uuid(), 'housing', 'routine', false, 'D-1', 'accepted')");
  run("INSERT INTO relais.outbox (kind, own_reference, meeting_start, meeting_end) VALUES "
      "('appointment_booked', 'D-1', '2030-01-02 09:00:00+01', '2030-01-02 09:30:00.25+01')");
  for (const auto* zone : {"UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns"}) {
    run("ALTER DATABASE " + database_ + " SET timezone = '" + zone + "'");
    auto connection = connect();
    const auto made = message(connection, reader());
    ASSERT_TRUE(made) << zone << ": " << made.refusal().english();
    EXPECT_EQ(made->envelope.appointment_booked().meeting().start_ms(), 1'893'571'200'000) << zone;
    EXPECT_EQ(made->envelope.appointment_booked().meeting().end_ms(), 1'893'573'000'250) << zone;
  }
}

TEST_F(Outbox, a_row_at_fault_says_which_column) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"(kind) VALUES ('nonsense')", "kind"},
      {"(kind) VALUES ('referral_accepted')", "referral_id"},
      {"(kind, own_reference) VALUES ('referral_accepted', 'unknown')", "referral_id"},
      {"(kind, purpose) VALUES ('referral_requested', 'housing')", "recipient"},
      {"(kind, recipient) VALUES ('referral_requested', 'ccas-25056')", "purpose"},
      {"(kind, recipient, purpose, priority) VALUES ('referral_requested', 'a', 'b', 'hurry')", "priority"},
      {"(kind, recipient, contents) VALUES ('referral_requested', 'a', '{\"identity\": 1}')", "contents.identity"},
      {"(kind, referral_id, reason) VALUES ('referral_rejected', gen_random_uuid(), 'mood')", "reason"},
  };
  auto connection = connect();
  for (const auto& [values, column] : cases) {
    run("TRUNCATE relais.outbox; INSERT INTO relais.outbox " + values);
    const auto made = message(connection, reader());
    ASSERT_FALSE(made) << values;
    EXPECT_EQ(made.refusal().field, column) << values;
  }
}

TEST_F(Outbox, a_table_of_the_institution_works_with_the_columns_it_has) {
  run("CREATE TABLE envois (numero serial PRIMARY KEY, dossier text, etat varchar(10), relais_id uuid, relais_par "
      "integer, nom text)");
  run("INSERT INTO envois (dossier, nom) VALUES ('A', 'x'), ('A', 'y'), ('B', 'z')");
  OutboxSettings settings;
  settings.table = "envois";
  settings.columns =
      OutboxColumns{"numero", "etat", "relais_id", "relais_par", "dossier", "", "", "", "", "", "", "", ""};
  const OutboxTable own(settings);
  auto connection = connect();
  EXPECT_TRUE(own.faults(connection)->empty());
  const auto rows = own.candidates({}, {}, 64, connection);
  ASSERT_TRUE(rows) << sqlstate_of(rows.refusal());
  ASSERT_EQ(rows->size(), 2U) << "NULL means pending, and the second row of A waits";
  ASSERT_TRUE(own.take(rows->front(), kOwner, {id('m'), id('r'), id('c'), ""}, connection));
  ASSERT_TRUE(own.settle_accepted(id('m'), 5, connection));
  EXPECT_EQ(sql("SELECT etat FROM envois WHERE numero = 1"), "accepted");
  const auto next = own.candidates({}, {}, 1, connection);
  ASSERT_EQ(own.key_of(next->front()), "2");
  ASSERT_TRUE(own.refuse(next->front(), base::refuse(base::RefusalCode::input_invalid).to_wire({}), connection));
  EXPECT_EQ(sql("SELECT etat FROM envois WHERE numero = 2"), "refused");
}

constexpr std::string_view kReading = R"(
[mapping]
name = "rows"
version = 1
[in]
format = "sql"
kind = "referral_requested"
fields = [ { from = "nom", to = "identity.family_name" } ]
[in.not_carried]
"agent" = "stays here"
)";

TEST_F(Outbox, what_the_mapping_does_not_carry_is_told_without_names_that_only_the_row_has) {
  const tests::TemporaryFolder folder;
  const auto mapping = *mapping::Mapping::load(folder.write("rows.toml", kReading)).mapping;
  auto connection = connect();
  const auto read_first = [&](const OutboxSettings& settings) {
    const RowReader reader(settings, mapping, true, losses_);
    const auto rows = OutboxTable(settings).candidates({}, {}, 1, connection);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(std::holds_alternative<std::vector<Message>>(*reader.read(rows->front())));
    return testing::internal::GetCapturedStderr();
  };
  run("INSERT INTO relais.outbox (kind, recipient, purpose, service_need, columns) VALUES ('referral_requested', "
      "'ccas-25056', 'housing', 'mobilite', '{\"nom\": \"X\", \"agent\": \"Y\", \"CANARY-Martin\": \"1\"}')");
  auto log = read_first({});
  for (const auto* const told : {"field=agent reason=\"stays here\"", "field=service_need", "fields=1"})
    EXPECT_NE(log.find(told), std::string::npos) << told << " in " << log;
  EXPECT_EQ(log.find("CANARY"), std::string::npos);
  EXPECT_EQ(std::ranges::count(log, '\n'), 3) << "the adapter's own columns are no loss: " << log;
  EXPECT_EQ(not_carried_, 3U);

  run("CREATE TABLE envois (numero serial PRIMARY KEY, dossier text, etat text, relais_id uuid, relais_par integer, "
      "nom text, \"CANARY a\" text, \"CANARY b\" text); INSERT INTO envois (dossier, nom, \"CANARY a\", \"CANARY b\") "
      "VALUES ('A', 'X', '1', '2')");
  OutboxSettings settings;
  settings.table = "envois";
  settings.columns =
      OutboxColumns{"numero", "etat", "relais_id", "relais_par", "dossier", "", "", "", "", "", "", "", ""};
  log = read_first(settings);
  EXPECT_NE(log.find("fields=2"), std::string::npos) << log;
  EXPECT_EQ(log.find("CANARY"), std::string::npos);
  EXPECT_EQ(not_carried_, 5U);
}

TEST_F(Outbox, columns_that_are_missing_or_of_another_type_are_all_told) {
  run("CREATE TABLE envois (numero serial PRIMARY KEY, dossier text, etat integer, relais_id text)");
  OutboxSettings settings;
  settings.table = "envois";
  settings.columns =
      OutboxColumns{"numero", "etat", "relais_id", "relais_par", "dossier", "", "", "", "", "", "", "", ""};
  auto connection = connect();
  EXPECT_EQ(OutboxTable(settings).faults(connection)->size(), 3U);
}

}  // namespace
}  // namespace relais::postgres
