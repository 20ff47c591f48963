#include <thread>

#include "adapters/postgres/inbox_writer.h"
#include "adapters/postgres/sql_fault.h"
#include "tests/integration/postgres/database_fixture.h"
#include "tests/support/temporary_folder.h"

namespace relais::postgres {
namespace {

v1::Envelope booked(char appointment) {
  v1::Envelope body;
  body.set_appointment_id(id(appointment));
  body.mutable_appointment_booked()->mutable_meeting()->set_start_ms(1'714'636'800'000);
  body.mutable_appointment_booked()->mutable_meeting()->set_end_ms(1'714'638'600'000);
  return body;
}

class Inbox : public SchemaTest {
 protected:
  [[nodiscard]] InboxWriter writer(bool automatic = true) {
    InboxWriter::Options options;
    options.automatic_receipts = automatic;
    options.institutions = {"caf-25"};
    return {options, outbox_, losses_};
  }
  OutboxTable outbox_{OutboxSettings{}};
  std::uint64_t not_carried_ = 0;
  mapping::LossLog losses_{"caf-25", [this](std::uint64_t values) { not_carried_ += values; }};
};

TEST_F(Inbox, a_message_is_one_row_with_its_contents) {
  auto connection = connect();
  EXPECT_EQ(*writer().store(request(), connection), Stored::now);
  EXPECT_EQ(sql("SELECT kind || ' ' || sender || ' ' || priority || ' ' || service_need || ' ' || exercise FROM "
                "relais.inbox"),
            "referral_requested ccas-25056 urgent acces-aux-droits false");
  EXPECT_EQ(sql("SELECT contents->'identity'->>'family_name' FROM relais.inbox"), "CANARY-Martin");
  EXPECT_EQ(sql("SELECT withheld[1] FROM relais.inbox"), "health");
  EXPECT_EQ(sql("SELECT extract(epoch FROM sent_at) * 1000 FROM relais.inbox").substr(0, 13), "1714550400123");
  EXPECT_EQ(sql("SELECT status || ' ' || role || ' ' || counterpart FROM relais.referral"),
            "received recipient ccas-25056");
}

TEST_F(Inbox, a_message_that_comes_again_changes_nothing_even_when_the_software_deleted_its_row) {
  auto connection = connect();
  ASSERT_TRUE(writer().store(request(), connection));
  EXPECT_EQ(*writer().store(request(), connection), Stored::before);
  run("DELETE FROM relais.inbox");
  EXPECT_EQ(*writer().store(request(), connection), Stored::before);
  EXPECT_EQ(sql("SELECT count(*) FROM relais.inbox"), "0");
  EXPECT_FALSE(connection.in_transaction());
}

TEST_F(Inbox, two_processes_that_get_the_same_message_store_it_once) {
  std::atomic<int> first{0};
  std::vector<std::thread> processes;
  for (int i = 0; i < 4; ++i)
    processes.emplace_back([&] {
      auto connection = connect();
      for (char message = 'A'; message <= 'Z'; ++message) {
        const auto stored = writer().store(request(message, message), connection);
        ASSERT_TRUE(stored);
        if (*stored == Stored::now) ++first;
      }
    });
  for (auto& process : processes) process.join();
  EXPECT_EQ(first, 26);
  EXPECT_EQ(sql("SELECT count(*) FROM relais.inbox"), "26");
}

TEST_F(Inbox, the_view_follows_the_referral_and_its_appointment_and_ignores_older_news) {
  auto connection = connect();
  ASSERT_TRUE(writer(false).store(request(), connection));
  EXPECT_EQ(sql("SELECT status FROM relais.referral"), "requested");
  ASSERT_TRUE(writer().store(follow_up(booked('a'), 'b', 20), connection));
  EXPECT_EQ(sql("SELECT appointment_status || ' ' || meeting_start FROM relais.referral"),
            "booked 2024-05-02 08:00:00+00");
  v1::Envelope older;
  older.set_appointment_id(id('a'));
  older.mutable_appointment_proposed()->mutable_meeting()->set_start_ms(1);
  ASSERT_TRUE(writer().store(follow_up(older, 'o', 15), connection));
  EXPECT_EQ(sql("SELECT appointment_status FROM relais.referral"), "booked");
  v1::Envelope cancelled;
  cancelled.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_WITHDREW);
  ASSERT_TRUE(writer().store(follow_up(cancelled, 'x', 30), connection));
  EXPECT_EQ(sql("SELECT status || ' ' || reason || ' ' || appointment_status FROM relais.referral"),
            "cancelled person_withdrew cancelled");
  v1::Envelope closed;
  closed.mutable_outcome_acknowledged();
  ASSERT_TRUE(writer().store(follow_up(closed, 'z', 31), connection));
  EXPECT_EQ(sql("SELECT closed FROM relais.referral"), "t");
}

TEST_F(Inbox, the_softwares_own_number_set_on_a_row_names_the_referral) {
  auto connection = connect();
  ASSERT_TRUE(writer().store(request(), connection));
  run("UPDATE relais.inbox SET read_at = now(), local_reference = 'D-17'");
  EXPECT_EQ(sql("SELECT local_reference FROM relais.referral"), "D-17");
  ASSERT_TRUE(writer().store(follow_up(booked('a'), 'b', 20), connection));
  EXPECT_EQ(sql("SELECT local_reference FROM relais.inbox WHERE kind = 'appointment_booked'"), "D-17");
}

TEST_F(Inbox, a_delivery_that_died_marks_the_row_it_was) {
  run("INSERT INTO relais.outbox (kind, state, message_id) VALUES ('referral_requested', 'accepted', '" +
      std::string("64646464-6464-6464-6464-646464646464") + "')");
  auto connection = connect();
  v1::Envelope failed;
  failed.mutable_delivery_failed()->set_message_id(id('d'));
  failed.mutable_delivery_failed()->set_recipient("caf-25");
  failed.mutable_delivery_failed()->set_reason("delivery.too_many_attempts");
  ASSERT_TRUE(writer().store(follow_up(failed, 'f', 40), connection));
  EXPECT_EQ(sql("SELECT state || ' ' || code FROM relais.outbox"), "dead delivery.too_many_attempts");
  EXPECT_NE(sql("SELECT sentence_fr FROM relais.outbox"), "");
  EXPECT_NE(sql("SELECT sentence_en FROM relais.outbox"), "");
}

TEST_F(Inbox, a_trigger_of_the_institution_sees_the_zone_of_its_database_and_the_instants_stay) {
  run("ALTER DATABASE " + database_ + " SET timezone = 'America/St_Johns'");
  run("CREATE TABLE seen (zone text, written text, same boolean);"
      "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES "
      "(current_setting('TimeZone'), now()::text, now()::text = (now() AT TIME ZONE 'America/St_Johns')::text || "
      "to_char(now(), 'TZH:TZM')); RETURN NEW; END $$;"
      "CREATE TRIGGER see BEFORE INSERT ON relais.inbox FOR EACH ROW EXECUTE FUNCTION see()");
  auto connection = connect();
  ASSERT_TRUE(writer().store(request(), connection));
  ASSERT_TRUE(writer().store(follow_up(booked('a'), 'b', 20), connection));
  EXPECT_EQ(sql("SELECT string_agg(zone || ' ' || same, ', ') FROM seen"),
            "America/St_Johns true, America/St_Johns true")
      << sql("SELECT written FROM seen");
  EXPECT_EQ(sql("SELECT extract(epoch FROM sent_at) * 1000 FROM relais.inbox ORDER BY number").substr(0, 13),
            "1714550400123");
  EXPECT_EQ(sql("SELECT extract(epoch FROM meeting_start)::bigint FROM relais.referral"), "1714636800");
}

TEST_F(Inbox, a_row_that_a_trigger_refuses_leaves_nothing_behind_and_others_pass) {
  run("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % here', NEW.contents; "
      "END $$;"
      "CREATE TRIGGER no BEFORE INSERT ON relais.inbox FOR EACH ROW WHEN (NEW.purpose = 'housing') EXECUTE FUNCTION "
      "no()");
  auto connection = connect();
  auto bad = request('1', '1');
  bad.envelope.set_purpose("housing");
  const auto said = writer().store(bad, connection);
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::row);
  EXPECT_EQ(said.refusal().english().find("CANARY"), std::string::npos);
  EXPECT_EQ(*writer().store(request('2', '2'), connection), Stored::now);
  EXPECT_EQ(sql("SELECT count(*) FROM relais.seen_message"), "1");
  EXPECT_EQ(sql("SELECT count(*) FROM relais.referral"), "1");
  run("DROP TRIGGER no ON relais.inbox");
  EXPECT_EQ(*writer().store(bad, connection), Stored::now) << "once the cause is repaired it is stored";
}

TEST_F(Inbox, a_zero_byte_in_a_content_parks_that_message_alone) {
  auto connection = connect();
  auto odd = request();
  v1::Identity identity;
  identity.set_family_name(std::string("a\0b", 3));
  odd.contents[0].bytes = identity.SerializeAsString();
  const auto said = writer().store(odd, connection);
  ASSERT_FALSE(said);
  EXPECT_EQ(fault_of(said.refusal()), SqlFault::row);
  EXPECT_TRUE(connection.alive());
}

TEST_F(Inbox, two_of_our_institutions_each_get_their_copy) {
  auto connection = connect();
  auto forwarded = request('f', 'r');
  forwarded.envelope.clear_referral_requested();
  forwarded.envelope.set_sender("cpam-25");
  forwarded.envelope.add_recipients("ccas-25056");
  forwarded.envelope.mutable_referral_forwarded()->set_to("caf-25");
  forwarded.envelope.mutable_referral_forwarded()->set_new_referral_id(id('n'));
  EXPECT_EQ(*writer().store(forwarded, connection), Stored::now);
  forwarded.recipient = "ccas-25056";
  EXPECT_EQ(*writer().store(forwarded, connection), Stored::now);
  EXPECT_EQ(sql("SELECT role || ' ' || counterpart FROM relais.referral WHERE institution = 'caf-25'"),
            "recipient ccas-25056");
  EXPECT_EQ(sql("SELECT role || ' ' || counterpart FROM relais.referral WHERE institution = 'ccas-25056'"),
            "sender caf-25");
}

constexpr std::string_view kMapping = R"(
[mapping]
name = "own"
version = 1
[out]
format = "sql"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "orientation" },
  { from = "identity.family_name", to = "nom", required = true },
  { from = "envelope.priority", to = "urgence" },
]
)";

class OwnInbox : public Inbox {
 protected:
  void SetUp() override {
    Inbox::SetUp();
    if (IsSkipped()) return;
    run("CREATE SCHEMA metier; CREATE TABLE metier.orientations (numero serial PRIMARY KEY, relais_id uuid UNIQUE, "
        "orientation uuid, nom varchar(20) NOT NULL, urgence text)");
  }

  [[nodiscard]] InboxWriter own_writer(bool keeps_book) {
    auto loaded = mapping::Mapping::load(folder_.write("own.toml", kMapping));
    for (const auto& fault : loaded.faults) ADD_FAILURE() << mapping::text(fault);
    InboxWriter::Options options;
    options.settings.table = "metier.orientations";
    options.settings.key = "relais_id";
    options.mapping = std::move(loaded.mapping);
    options.keeps_book = keeps_book;
    options.institutions = {"caf-25"};
    return {options, outbox_, losses_};
  }

  tests::TemporaryFolder folder_;
};

TEST_F(OwnInbox, the_institutions_own_table_gets_the_mapped_columns_once) {
  for (const bool keeps_book : {true, false}) {
    run("TRUNCATE metier.orientations");
    auto connection = connect();
    const auto writer = own_writer(keeps_book);
    EXPECT_EQ(*writer.store(request(), connection), Stored::now);
    EXPECT_EQ(*writer.store(request(), connection), Stored::before);
    EXPECT_EQ(sql("SELECT nom || ' ' || urgence FROM metier.orientations"), "CANARY-Martin urgent");
    EXPECT_EQ(sql("SELECT count(*) FROM metier.orientations"), "1");
    EXPECT_TRUE(writer.faults(connection)->empty());
  }
}

TEST_F(OwnInbox, what_the_mapping_has_no_column_for_is_told_once_it_is_stored) {
  auto connection = connect();
  const auto writer = own_writer(true);
  auto message = request();
  v1::Identity identity;
  identity.set_family_name("CANARY-Martin");
  auto& number = *identity.add_identifiers();
  number.set_system("CANARY-system");
  number.set_value("CANARY-number");
  message.contents[0].bytes = identity.SerializeAsString();
  testing::internal::CaptureStderr();
  EXPECT_EQ(*writer.store(message, connection), Stored::now);
  EXPECT_EQ(*writer.store(message, connection), Stored::before);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("field=identity.identifiers reason=\"none given\""), std::string::npos) << log;
  EXPECT_NE(log.find("field=body.service_need"), std::string::npos) << log;
  EXPECT_EQ(log.find("CANARY"), std::string::npos);
  EXPECT_EQ(not_carried_, 2U) << "once, though it was delivered twice";
}

TEST_F(OwnInbox, a_value_too_long_for_the_column_parks_its_case_only) {
  auto connection = connect();
  const auto writer = own_writer(true);
  auto odd = request('1', '1');
  v1::Identity identity;
  identity.set_family_name("CANARY-" + std::string(40, 'x'));
  odd.contents[0].bytes = identity.SerializeAsString();
  const auto said = writer.store(odd, connection);
  ASSERT_FALSE(said);
  EXPECT_EQ(sqlstate_of(said.refusal()), "22001");
  EXPECT_EQ(*writer.store(request('2', '2'), connection), Stored::now);
}

TEST_F(OwnInbox, a_message_that_the_mapping_can_not_write_is_refused_without_its_values) {
  auto connection = connect();
  auto nameless = request();
  nameless.contents.clear();
  const auto said = own_writer(true).store(nameless, connection);
  ASSERT_FALSE(said);
  EXPECT_FALSE(is_sql(said.refusal()));
  EXPECT_EQ(sql("SELECT count(*) FROM relais.seen_message"), "0");
}

TEST_F(OwnInbox, kinds_without_a_record_change_the_book_alone) {
  auto connection = connect();
  const auto writer = own_writer(true);
  ASSERT_TRUE(writer.store(request(), connection));
  EXPECT_EQ(*writer.store(follow_up(booked('a'), 'b', 20), connection), Stored::not_mapped);
  EXPECT_EQ(sql("SELECT appointment_status FROM relais.referral"), "booked");
}

TEST_F(OwnInbox, a_table_without_a_unique_key_is_a_fault_of_the_setup) {
  run("ALTER TABLE metier.orientations DROP CONSTRAINT orientations_relais_id_key");
  auto connection = connect();
  const auto writer = own_writer(true);
  EXPECT_EQ(writer.faults(connection)->size(), 1U);
  EXPECT_EQ(fault_of(writer.store(request(), connection).refusal()), SqlFault::setup);
}

}  // namespace
}  // namespace relais::postgres
