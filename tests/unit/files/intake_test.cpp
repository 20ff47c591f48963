#include "adapters/files/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files_fixture.h"

namespace relais::files {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using tests::FilesFixture;

const std::string kHeader = "Action;Numero;Vers;Nom;RDV;Debut;Relais\r\n";

TEST(Intake, rows_of_a_file_become_messages_and_the_file_goes_to_the_archive) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;caf-25;AUBE;;;\r\nO;D2;;BRUME;;;\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ("ccas-25056", sent[0].envelope.sender());
  EXPECT_EQ("caf-25", sent[0].envelope.recipients(0));
  EXPECT_EQ("caf-25", sent[1].envelope.recipients(0)) << "from the configuration";
  EXPECT_EQ("access_to_rights", sent[0].envelope.purpose());
  EXPECT_NE(sent[0].envelope.case_id(), sent[1].envelope.case_id());
  EXPECT_EQ(sent[0].envelope.referral_id(),
            sdk::Links(f.post->store()).id("ccas-25056", sdk::LinkKind::referral, "D1"));
  const auto day = f.config.folders.archive / "2026-11-23";
  EXPECT_THAT(f.only(day, "-a.csv"), HasSubstr("BRUME"));
  EXPECT_THAT(f.only(day, "-a.csv.report.txt"), Not(HasSubstr("BRUME")));
  EXPECT_THAT(f.names(f.config.folders.in), IsEmpty());
  EXPECT_THAT(f.names(f.config.folders.claims()), IsEmpty());
  EXPECT_THAT(f.names(f.config.folders.rejects), IsEmpty());
}

TEST(Intake, a_row_with_a_need_and_a_commune_needs_no_recipient) {
  FilesFixture f;
  f.config.readers[0].drafting.recipients.clear();
  f.restart();
  f.drop("a.csv",
         "Action;Numero;Besoin;Commune;Nom\r\nO;D1;logement-hebergement;25056;AUBE\r\nX;D1;;;\r\nO;D2;;;BRUME\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_THAT(sent[0].envelope.recipients(), IsEmpty());
  EXPECT_EQ("25056", sent[0].envelope.referral_requested().commune());
  EXPECT_TRUE(sent[1].envelope.has_referral_cancelled());
  EXPECT_THAT(sent[1].envelope.recipients(), IsEmpty()) << "the SDK waits for the answer to its request";
  EXPECT_THAT(f.only(f.config.folders.rejects, "-a.csv.reasons.csv"), HasSubstr("recipient.missing"));
}

TEST(Intake, bad_rows_go_to_the_rejects_with_place_and_reasons_while_good_ones_go_on) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\nO;D2;;;;;\r\nZ;D3;;CIEL;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(1));
  EXPECT_EQ(kHeader + "O;D2;;;;;\r\nZ;D3;;CIEL;;;\r\n", f.only(f.config.folders.rejects, "-a.csv"));
  const auto reasons = f.only(f.config.folders.rejects, "-a.csv.reasons.csv");
  EXPECT_THAT(reasons, HasSubstr("a.csv;3;2;4;;Nom;field.required;"));
  EXPECT_THAT(reasons, HasSubstr("a.csv;4;3;1;;Action;code.unknown;"));
  EXPECT_THAT(reasons, Not(HasSubstr("CIEL")));
}

TEST(Intake, what_no_message_carries_is_in_the_report_by_name_and_in_the_log_as_a_number) {
  FilesFixture f;
  testing::internal::CaptureStderr();
  f.drop("a.csv", "Action;Numero;Nom;CANARI;Besoin\r\nO;D1;AUBE;x;\r\nA;D1;;;mobilite\r\n");
  f.work();
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("field=Besoin"));
  EXPECT_THAT(log, HasSubstr("fields=1"));
  EXPECT_THAT(log, testing::Not(HasSubstr("CANARI")));
  EXPECT_EQ(2U, f.post->not_carried);
  std::string report;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(f.config.folders.archive))
    if (entry.path().string().ends_with(".report.txt")) report += f.text(entry.path());
  EXPECT_THAT(report, HasSubstr("Non transmis / not carried: CANARI (1)\r\n"));
}

TEST(Intake, a_row_that_can_not_be_sent_is_rejected_alone_and_the_batch_goes_on) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\nO;D2;nobody;BRUME;;;\r\nO;D3;;CIEL;;;\r\nA;D9;;;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(2));
  EXPECT_EQ(kHeader + "O;D2;nobody;BRUME;;;\r\nA;D9;;;;;\r\n", f.only(f.config.folders.rejects, "-a.csv"));
  const auto reasons = f.only(f.config.folders.rejects, "-a.csv.reasons.csv");
  EXPECT_THAT(reasons, HasSubstr("a.csv;3;2;;;;route.none;"));
  EXPECT_THAT(reasons, HasSubstr("a.csv;5;4;;;;reference.unknown;"));
  EXPECT_FALSE(sdk::Links(f.post->store()).id("ccas-25056", sdk::LinkKind::referral, "D2").has_value());
}

TEST(Intake, a_file_that_can_not_be_read_as_a_whole_is_rejected_whole) {
  FilesFixture f;
  f.drop("a.csv", "Autre;Colonnes\r\n1;2\r\n");
  f.drop("b.pdf", "%PDF");
  f.work();
  EXPECT_THAT(f.post->submitted(), IsEmpty());
  EXPECT_THAT(f.only(f.config.folders.rejects, "-a.csv"), HasSubstr("Autre"));
  EXPECT_THAT(f.only(f.config.folders.rejects, "-a.csv.reasons.csv"), HasSubstr("csv.missing_column"));
  EXPECT_THAT(f.only(f.config.folders.rejects, "-b.pdf"), HasSubstr("%PDF"));
  EXPECT_THAT(f.only(f.config.folders.rejects, "-b.pdf.reasons.csv"), HasSubstr("file.no_mapping"));
  EXPECT_THAT(f.names(f.config.folders.archive), IsEmpty());
}

TEST(Intake, the_same_content_is_recognised_under_another_name) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;;;AUBE;;;\r\n");
  f.work();
  f.restart();
  f.drop("b.csv", kHeader + "O;;;AUBE;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(1));
  EXPECT_THAT(f.only(f.config.folders.rejects, "-b.csv.reasons.csv"), HasSubstr("file.duplicate"));
}

TEST(Intake, a_referral_that_is_open_is_not_sent_twice) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\n");
  f.work();
  f.drop("b.csv", kHeader + "O;D1;;AUBE;;;\r\nO;D2;;BRUME;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(2)) << "the same row says nothing new";
  EXPECT_THAT(f.names(f.config.folders.rejects), IsEmpty());
  f.drop("c.csv", kHeader + "O;D1;;AUBE-CIEL;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(2)) << "other data under the same number is told to people";
  EXPECT_THAT(f.only(f.config.folders.rejects, "-c.csv.reasons.csv"), HasSubstr("reference.already_open"));
}

TEST(Intake, a_number_may_be_used_again_once_the_loop_is_closed) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\n");
  f.work();
  f.post->close_loop(f.post->submitted().front().envelope.referral_id());
  f.drop("b.csv", kHeader + "O;D1;;AUBE;;;\r\n;;;;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(1)) << "the same row is the old referral";
  f.drop("c.csv", kHeader + "O;D1;;BRUME;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(2));
}

TEST(Intake, rows_that_are_states_count_only_when_they_change) {
  FilesFixture f("caf-25");
  f.config.readers.front().drafting.rows = RowMeaning::state;
  const auto request = tests::referral_for("caf-25", "AUBE");
  f.post->learn(request.envelope);
  const auto relais = base::id_text(request.envelope.referral_id());
  for (const auto* const action : {"S", "S", "A", "A", "S", "S"}) {
    f.drop("export.csv", kHeader + action + ";;;;;;" + relais + "\r\n");
    f.work();
  }
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_TRUE(sent[0].envelope.has_referral_started());
  EXPECT_TRUE(sent[1].envelope.has_referral_accepted());
  EXPECT_TRUE(sent[2].envelope.has_referral_started());
  EXPECT_THAT(f.names(f.config.folders.rejects), IsEmpty());
}

TEST(Intake, a_status_finds_its_referral_by_either_number_and_goes_to_the_other_side) {
  FilesFixture f("caf-25");
  auto request = tests::referral_for("caf-25", "AUBE");
  request.envelope.set_sender("ccas-25056");
  request.envelope.set_exercise(true);
  f.post->learn(request.envelope);
  const auto relais = base::id_text(request.envelope.referral_id());
  f.drop("a.csv", kHeader + "A;C-77;;;;;" + relais + "\r\n");
  f.work();
  f.drop("b.csv", kHeader + "C;C-77;;;;;\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ("ccas-25056", sent[1].envelope.recipients(0));
  EXPECT_EQ(request.envelope.case_id(), sent[1].envelope.case_id());
  EXPECT_EQ(request.envelope.referral_id(), sent[1].envelope.referral_id());
  EXPECT_TRUE(sent[1].envelope.exercise());
  EXPECT_EQ(v1::OUTCOME_CONNECTED, sent[1].envelope.referral_completed().outcome());
}

TEST(Intake, a_status_finds_a_referral_of_the_same_file_and_batch) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\nX;D1;;;;;\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_TRUE(sent[1].envelope.has_referral_cancelled());
  EXPECT_EQ(sent[0].envelope.case_id(), sent[1].envelope.case_id());
}

TEST(Intake, appointments_are_found_by_their_number_or_as_the_only_open_one) {
  FilesFixture f("caf-25");
  auto request = tests::referral_for("caf-25", "AUBE");
  f.post->learn(request.envelope);
  const auto relais = base::id_text(request.envelope.referral_id());
  f.drop("a.csv", kHeader + "AB;;;;;2026-12-01 09:00;" + relais + "\r\n");
  f.work();
  f.drop("b.csv", kHeader + "V;;;;;;" + relais + "\r\n");
  f.work();
  f.drop("c.csv", kHeader + "B;;;;R1;2026-12-02 09:00;" + relais + "\r\nB;;;;R2;2026-12-03 09:00;" + relais + "\r\n");
  f.work();
  f.drop("d.csv", kHeader + "V;;;;;;" + relais + "\r\nV;;;;R2;;" + relais + "\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(6));
  EXPECT_TRUE(sent[0].envelope.has_referral_accepted());
  EXPECT_EQ(sent[1].envelope.appointment_id(), sent[2].envelope.appointment_id());
  EXPECT_NE(sent[1].envelope.appointment_id(), sent[3].envelope.appointment_id());
  EXPECT_EQ(sent[4].envelope.appointment_id(), sent[5].envelope.appointment_id());
  EXPECT_THAT(f.only(f.config.folders.rejects, ".reasons.csv"), HasSubstr("appointment.ambiguous"));
}

TEST(Intake, waits_without_a_loss_while_nothing_can_be_submitted) {
  FilesFixture f;
  f.post->refuse_all = base::refuse(base::RefusalCode::network_none);
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\n");
  f.work();
  EXPECT_EQ("network.none", f.exchange->health().fault);
  EXPECT_THAT(f.post->submitted(), IsEmpty());
  f.restart();
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(1));
  EXPECT_TRUE(f.exchange->health().well());
}

TEST(Intake, goes_on_after_the_last_row_that_was_submitted) {
  FilesFixture f;
  std::string rows;
  for (int i = 0; i < 150; ++i) rows += "O;D" + std::to_string(i) + (i == 100 ? ";nobody" : ";") + ";AUBE;;;\r\n";
  f.drop("a.csv", kHeader + rows);
  f.post->refuse_all = base::refuse(base::RefusalCode::io_failed);
  f.work();
  f.restart();
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(149));
  EXPECT_EQ(kHeader + "O;D100;nobody;AUBE;;;\r\n", f.only(f.config.folders.rejects, "-a.csv"));
}

TEST(Intake, what_the_broker_refuses_is_told_with_its_line_and_may_be_sent_again) {
  FilesFixture f;
  f.drop("a.csv", kHeader + "O;D1;;AUBE;;;\r\nO;D2;;BRUME;;;\r\n");
  f.work();
  const auto refused = f.post->submitted().at(1).envelope;
  f.post->close_loop(refused.referral_id());
  f.post->refused_messages.push_back({*base::MessageId::from_bytes(refused.message_id()), refused,
                                      base::refuse(base::RefusalCode::agreement_none).to_wire(refused.message_id()),
                                      f.clock.now()});
  f.work();
  EXPECT_THAT(f.post->refused_messages, IsEmpty());
  const auto notice = f.only(f.config.folders.rejects, ".csv");
  EXPECT_THAT(notice, HasSubstr(";3;2;;;;agreement.none;Aucune convention"));
  EXPECT_THAT(notice, HasSubstr(";D2;" + base::id_text(refused.referral_id())));
  f.drop("b.csv", kHeader + "O;D1;;AUBE;;;\r\nO;D2;;BRUME;;;\r\n;;;;;;\r\n");
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(3));
}

TEST(Intake, files_are_sent_in_their_order) {
  FilesFixture f;
  for (int i = 1; i <= 12; ++i)
    f.drop(std::to_string(i) + ".csv", kHeader + "O;D" + std::to_string(i) + ";;N" + std::to_string(i) + ";;;\r\n");
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(12));
  for (std::size_t i = 0; i < sent.size(); ++i)
    EXPECT_THAT(sent[i].contents.at(0), EndsWith("N" + std::to_string(i + 1)));
}

TEST(Intake, a_pipe_or_a_link_in_the_folder_is_never_opened) {
  FilesFixture f;
  std::filesystem::create_symlink("/etc/passwd", f.config.folders.in / "a.csv");
  f.work();
  EXPECT_EQ(1U, f.exchange->health().strange);
  EXPECT_THAT(f.names(f.config.folders.in), SizeIs(1));
}

}  // namespace
}  // namespace relais::files
