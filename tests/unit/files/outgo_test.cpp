#include "adapters/files/outgo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files_fixture.h"

namespace relais::files {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using tests::about;
using tests::FilesFixture;
using tests::referral_for;
using Kind = sdk::Verdict::Kind;

TEST(Outgo, a_message_becomes_a_record_in_a_file_of_its_own) {
  FilesFixture f;
  const auto message = referral_for("ccas-25056", "AUBE");
  EXPECT_EQ(Kind::handled, f.deliver(message).kind);
  f.work();
  EXPECT_EQ("Relais;De;Nom\r\n" + base::id_text(message.envelope.referral_id()) + ";caf-25;AUBE\r\n",
            f.only(f.config.folders.out, ".csv"));
  ASSERT_THAT(f.names(f.config.folders.out), SizeIs(1));
  EXPECT_THAT(f.names(f.config.folders.out).front(), StartsWith("orientation-20261123-0000"));
  EXPECT_THAT(f.names(f.config.folders.spool()), IsEmpty());
  EXPECT_THAT(f.names(f.config.folders.temporary()), IsEmpty());
}

TEST(Outgo, a_status_comes_back_with_the_softwares_own_number) {
  FilesFixture f;
  f.drop("a.csv", "Action;Numero;Nom\r\nO;D1;AUBE\r\n");
  f.work();
  auto accepted = about(f.post->submitted().front().envelope, "caf-25", "ccas-25056", 5);
  accepted.envelope.mutable_referral_accepted();
  EXPECT_EQ(Kind::handled, f.deliver(accepted).kind);
  f.work();
  EXPECT_EQ("Numero;Etat\r\nD1;referral_accepted\r\n", f.only(f.config.folders.out, ".csv"));
}

TEST(Outgo, what_the_record_has_no_place_for_is_told_once_and_counted_always) {
  FilesFixture f;
  testing::internal::CaptureStderr();
  for (std::uint64_t position = 1; position <= 2; ++position) {
    auto message = referral_for("ccas-25056", "AUBE", position);
    message.envelope.mutable_referral_requested()->set_service_need("mobilite");
    v1::Note note;
    note.set_text("CANARI");
    message.contents.push_back({v1::CATEGORY_NOTE, note.SerializeAsString(), note});
    (void)f.deliver(message);
  }
  f.work();
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(4U, f.post->not_carried);
  for (const auto* const field : {"field=body.service_need ", "field=note.text "}) {
    const auto at = log.find(field);
    ASSERT_NE(std::string::npos, at) << log;
    EXPECT_EQ(std::string::npos, log.find(field, at + 1)) << "once";
  }
  EXPECT_THAT(log, testing::Not(HasSubstr("CANARI")));
}

TEST(Outgo, files_follow_the_order_of_delivery_and_never_share_a_name) {
  FilesFixture f;
  for (std::uint64_t position = 1; position <= 70; ++position)
    (void)f.deliver(referral_for("ccas-25056", "N" + std::to_string(position), position));
  f.work();
  const auto names = f.names(f.config.folders.out);
  ASSERT_THAT(names, SizeIs(70));
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_THAT(f.text(f.config.folders.out / names[i]), HasSubstr(";N" + std::to_string(i + 1) + "\r\n"));
  f.restart();
  for (const auto& name : names) std::filesystem::remove(f.config.folders.out / name);
  (void)f.deliver(referral_for("ccas-25056", "AUBE", 71));
  f.work();
  EXPECT_GT(f.names(f.config.folders.out).front(), names.back());
}

TEST(Outgo, batches_close_when_they_are_full_or_old_enough) {
  FilesFixture f;
  f.config.writers.front().batch_messages = 3;
  f.config.writers.front().batch_age = minutes(10);
  for (std::uint64_t position = 1; position <= 4; ++position)
    (void)f.deliver(referral_for("ccas-25056", "N" + std::to_string(position), position));
  f.work();
  EXPECT_THAT(f.only(f.config.folders.out, ".csv"), HasSubstr(";N3\r\n"));
  f.restart();
  f.clock.advance(minutes(9));
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), SizeIs(1));
  f.clock.advance(minutes(2));
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), SizeIs(2));
}

TEST(Outgo, a_marker_follows_each_file_when_the_software_wants_one) {
  FilesFixture f;
  f.config.writers.front().marker = ".ok";
  (void)f.deliver(referral_for("ccas-25056", "AUBE"));
  f.work();
  const auto names = f.names(f.config.folders.out);
  ASSERT_THAT(names, SizeIs(2));
  EXPECT_EQ(names[0] + ".ok", names[1]);
}

TEST(Outgo, a_message_that_makes_no_valid_record_is_rejected_and_told) {
  FilesFixture f;
  const auto verdict = f.deliver(referral_for("ccas-25056", ""));
  EXPECT_EQ(Kind::reject, verdict.kind);
  EXPECT_EQ("mapping.field.required", verdict.reason);
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), IsEmpty());
  EXPECT_THAT(f.only(f.config.folders.rejects, ".csv"), HasSubstr(";Nom;field.required;"));
}

TEST(Outgo, what_the_mapping_has_no_record_for_is_told_or_rejected_but_never_lost) {
  FilesFixture f;
  f.drop("a.csv", "Action;Numero;Nom\r\nO;D1;AUBE\r\n");
  f.work();
  const auto request = f.post->submitted().front().envelope;
  auto expired = about(request, "relais", "ccas-25056", 5);
  expired.envelope.mutable_referral_expired();
  auto failed = about(request, "relais", "ccas-25056", 6);
  failed.envelope.mutable_delivery_failed()->set_recipient("caf-25");
  failed.envelope.mutable_delivery_failed()->set_reason("delivery.too_many_attempts");
  auto started = about(request, "caf-25", "ccas-25056", 7);
  started.envelope.mutable_referral_started();
  auto question = about(request, "caf-25", "ccas-25056", 8);
  question.envelope.mutable_information_requested();
  EXPECT_EQ(Kind::handled, f.deliver(expired).kind);
  EXPECT_EQ(Kind::handled, f.deliver(failed).kind);
  EXPECT_EQ(Kind::handled, f.deliver(started).kind);
  EXPECT_EQ(Kind::reject, f.deliver(question).kind);
  f.work();
  const auto notices = f.only(f.config.folders.rejects, ".csv");
  EXPECT_THAT(notices, HasSubstr("referral_expired"));
  EXPECT_THAT(notices, HasSubstr("Le message n'est pas arrivé à caf-25."));
  EXPECT_THAT(notices, HasSubstr("information_requested"));
  EXPECT_THAT(notices, HasSubstr(";D1;" + base::id_text(request.referral_id())));
  EXPECT_EQ(std::string::npos, notices.find("referral_started"));
}

TEST(Outgo, asks_for_the_message_again_while_a_folder_is_away) {
  FilesFixture f;
  std::filesystem::rename(f.config.folders.out, f.root.path() / "away");
  const auto verdict = f.deliver(referral_for("ccas-25056", "AUBE"));
  EXPECT_EQ(Kind::retry, verdict.kind);
  EXPECT_EQ("folder.not_there", verdict.reason);
  f.work();
  EXPECT_EQ("out", f.exchange->health().fault_place);
  EXPECT_FALSE(std::filesystem::exists(f.config.folders.out)) << "a mount point is not filled while its disk is away";
  std::filesystem::rename(f.root.path() / "away", f.config.folders.out);
  (void)f.deliver(referral_for("ccas-25056", "AUBE"));
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), SizeIs(1));
  EXPECT_TRUE(f.exchange->health().well());
}

TEST(Outgo, the_sender_hears_once_the_software_has_taken_the_file) {
  FilesFixture f;
  f.config.received = ReceivedWhen::taken;
  const auto message = referral_for("ccas-25056", "AUBE");
  f.post->learn(message.envelope);
  (void)f.deliver(message);
  f.work();
  EXPECT_THAT(f.post->submitted(), IsEmpty());
  f.restart();
  std::filesystem::remove(f.config.folders.out / f.names(f.config.folders.out).front());
  f.work();
  const auto sent = f.post->submitted();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent.front().envelope.has_referral_received());
  EXPECT_EQ("caf-25", sent.front().envelope.recipients(0));
  f.restart();
  f.work();
  EXPECT_THAT(f.post->submitted(), SizeIs(1));
}

TEST(Outgo, a_delivery_repeated_before_it_was_noted_makes_one_file) {
  FilesFixture f;
  const auto message = referral_for("ccas-25056", "AUBE");
  (void)f.exchange->take(message);
  f.restart();
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), IsEmpty()) << "the broker does not know yet that it was delivered";
  (void)f.deliver(message);
  f.work();
  EXPECT_THAT(f.names(f.config.folders.out), SizeIs(1));
}

}  // namespace
}  // namespace relais::files
