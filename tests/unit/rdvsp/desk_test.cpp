#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rdvsp/rdvsp_fixture.h"

namespace relais::rdvsp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::bytes16;
using tests::RdvBody;

class RdvspDesk : public testing::Test, public tests::RdvspDesk {};

TEST_F(RdvspDesk, tells_an_appointment_from_its_booking_to_its_end) {
  follow('a');
  EXPECT_EQ(2U, take(RdvBody{.event = "created"}).messages);
  EXPECT_EQ("referral_accepted appointment_booked", said());
  const auto booked = last();
  EXPECT_EQ(bytes16('a'), booked.referral_id());
  EXPECT_EQ(tests::kCcas, booked.recipients(0));
  EXPECT_EQ("access_to_rights", booked.purpose());
  const auto& meeting = booked.appointment_booked().meeting();
  EXPECT_EQ(1'796'115'600'000, meeting.start_ms());
  EXPECT_EQ(1'796'118'300'000, meeting.end_ms());
  EXPECT_EQ("mds-centre", meeting.location_id());
  EXPECT_EQ("accompagnement-social", meeting.service_id());
  EXPECT_EQ(v1::APPOINTMENT_MODE_ON_SITE, meeting.mode());

  take(RdvBody{
      .starts = "2026-12-02 10:00:00 +0100", .ends = "2026-12-02 10:45:00 +0100", .at = "2026-11-26 10:00:01 +0100"});
  EXPECT_EQ("appointment_rescheduled", said());
  EXPECT_EQ(booked.appointment_id(), last().appointment_id());
  take(RdvBody{.status = "seen",
               .starts = "2026-12-02 10:00:00 +0100",
               .ends = "2026-12-02 10:45:00 +0100",
               .at = "2026-12-02 11:00:00 +0100"});
  EXPECT_EQ("appointment_arrived appointment_fulfilled", said());
  EXPECT_EQ(booked.appointment_id(), last().appointment_id());
}

TEST_F(RdvspDesk, tells_what_of_an_appointment_is_not_carried_and_no_name_of_theirs) {
  follow('a');
  auto body = RdvBody{.event = "created"}.text();
  body.insert(body.find("{\"id\": 10") + 1, R"("CANARI": {"CANARI": 1}, "context": "CANARI", )");
  testing::internal::CaptureStderr();
  EXPECT_EQ(2U, take(body).messages);
  take(body);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::HasSubstr("field=/context reason=\"le contexte reste dans le service\""));
  EXPECT_THAT(log, testing::HasSubstr("field=/participations/* reason"));
  EXPECT_THAT(log, testing::HasSubstr("fields=1"));
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("CANARI")));
  EXPECT_GT(post_.not_carried, 2U);
}

TEST_F(RdvspDesk, tells_each_end_in_its_own_words) {
  follow('a');
  const auto end = [&](const std::string& id, const std::string& status) {
    take(RdvBody{.id = id, .event = "created"});
    (void)said();
    take(RdvBody{.id = id, .status = status, .at = "2026-11-26 10:00:02 +0100"});
    return said();
  };
  EXPECT_EQ("appointment_cancelled", end("1", "excused"));
  EXPECT_EQ(v1::CANCELLED_BY_PERSON, last().appointment_cancelled().by());
  EXPECT_EQ("appointment_cancelled", end("2", "revoked"));
  EXPECT_EQ(v1::CANCELLED_BY_INSTITUTION, last().appointment_cancelled().by());
  EXPECT_EQ("appointment_no_show", end("3", "noshow"));
  EXPECT_EQ("appointment_arrived", end("4", "waiting"));
}

TEST_F(RdvspDesk, says_nothing_twice) {
  follow('a');
  const RdvBody body{.event = "created"};
  take(body);
  EXPECT_EQ("referral_accepted appointment_booked", said());
  take(body);
  take(RdvBody{.at = "2026-11-26 10:00:05 +0100"});  // an update of something that is not ours
  EXPECT_EQ("", said());
}

TEST_F(RdvspDesk, lets_no_older_state_undo_a_newer_one) {
  follow('a');
  take(RdvBody{.status = "excused", .at = "2026-11-26 10:00:10 +0100"});
  EXPECT_EQ("", said()) << "cancelled before anybody heard of it";
  EXPECT_TRUE(take(RdvBody{.event = "created", .at = "2026-11-26 10:00:00 +0100"}).older);
  EXPECT_EQ("", said());
  // The same second: created comes before updated.
  EXPECT_TRUE(take(RdvBody{.event = "created", .at = "2026-11-26 10:00:10 +0100"}).older);
  take(RdvBody{.at = "2026-11-26 10:00:11 +0100"});
  EXPECT_EQ("referral_accepted appointment_booked", said()) << "it was taken up again";
}

TEST_F(RdvspDesk, asks_again_when_two_states_of_one_second_differ) {
  follow('a');
  take(RdvBody{.event = "created"});
  EXPECT_FALSE(take(RdvBody{}).unclear);
  EXPECT_TRUE(take(RdvBody{.status = "revoked"}).unclear);
}

TEST_F(RdvspDesk, books_under_a_new_id_what_was_cancelled_and_is_taken_up_again) {
  follow('a');
  take(RdvBody{.event = "created"});
  const auto first = last().appointment_id();
  take(RdvBody{.status = "revoked", .at = "2026-11-26 11:00:00 +0100"});
  (void)said();
  take(RdvBody{.at = "2026-11-26 12:00:00 +0100"});
  EXPECT_EQ("appointment_booked", said());
  EXPECT_NE(first, last().appointment_id());
}

TEST_F(RdvspDesk, tells_people_what_no_message_can_take_back) {
  follow('a');
  take(RdvBody{.event = "created"});
  take(RdvBody{.status = "seen", .at = "2026-12-01 11:00:00 +0100"});
  (void)said();
  take(RdvBody{.status = "noshow", .at = "2026-12-01 12:00:00 +0100"});
  EXPECT_EQ("", said());
  EXPECT_THAT(problem_codes(), ElementsAre("rdv.corrected"));
}

TEST_F(RdvspDesk, takes_a_destroyed_appointment_as_cancelled_and_for_good) {
  follow('a');
  take(RdvBody{.event = "created"});
  (void)said();
  take(RdvBody{.event = "destroyed", .at = "2026-11-27 10:00:00 +0100"});
  EXPECT_EQ("appointment_cancelled", said());
  EXPECT_EQ(v1::CANCELLED_BY_INSTITUTION, last().appointment_cancelled().by());
  EXPECT_TRUE(take(RdvBody{.at = "2026-11-28 10:00:00 +0100"}).older);
  EXPECT_EQ("", said());
}

TEST_F(RdvspDesk, takes_a_wiped_appointment_as_a_request_for_erasure_once_for_each_case) {
  follow('a');
  take(RdvBody{.event = "created"});
  take(RdvBody{.id = "11", .event = "created"});
  (void)said();
  const RdvBody wiped{.event = "destroyed", .reason = "\"rgpd\"", .at = "2028-12-01 10:00:00 +0100"};
  take(wiped);
  EXPECT_EQ("rights_requested", said());
  const auto asked = last();
  EXPECT_EQ(v1::RIGHT_ERASURE, asked.rights_requested().right());
  EXPECT_EQ(bytes16(static_cast<char>('a' + 32)), asked.case_id());
  EXPECT_THAT(asked.recipients(), IsEmpty());
  EXPECT_EQ("", asked.referral_id());
  take(wiped);
  auto second = wiped;
  second.id = "11";
  take(second);
  EXPECT_EQ("", said());
}

TEST_F(RdvspDesk, takes_a_wiped_person_as_a_request_for_erasure) {
  follow('a');
  follow('b');
  follow('c', "70");
  const auto body = [](const std::string& model, const std::string& data, const std::string& reason) {
    return R"({"data": )" + data + R"(, "meta": {"model": ")" + model +
           R"(", "event": "destroyed", "webhook_reason": )" + reason +
           R"(, "timestamp": "2028-12-01 10:00:00 +0100"}})";
  };
  take(body("User", R"({"id": 68})", "null"));
  EXPECT_EQ("", said()) << "taken off a list is not wiped";
  take(body("User", R"({"id": 68})", "\"rgpd\""));
  EXPECT_EQ("rights_requested rights_requested", said());
  take(body("UserProfile", R"({"user": {"id": 70}})", "\"rgpd\""));
  EXPECT_EQ("rights_requested", said());
  take(RdvBody{.event = "created"});
  EXPECT_EQ("", said()) << "nobody is there any more";
}

TEST_F(RdvspDesk, tells_an_appointment_of_several_to_each_in_what_concerns_it) {
  follow('a', "68");
  follow('b', "70");
  const auto body = [](const std::string& first, const std::string& second, const std::string& at) {
    return R"({"data": {"id": 8, "status": "unknown", "collectif": true, "starts_at": "2026-12-01 10:00:00 +0100",
      "duration_in_min": 45, "participations": [)" +
           first + R"(, {"status": "unknown", "user": {"id": 99}})" + second +
           R"(]}, "meta": {"model": "Rdv", "event": "updated", "timestamp": ")" + at + R"("}})";
  };
  take(body(R"({"status": "unknown", "user": {"id": 68}})", R"(, {"status": "unknown", "user": {"id": 70}})",
            "2026-11-26 10:00:00 +0100"));
  EXPECT_EQ("referral_accepted appointment_booked referral_accepted appointment_booked", said());
  EXPECT_EQ(bytes16('b'), last().referral_id());
  EXPECT_EQ(45 * 60'000,
            last().appointment_booked().meeting().end_ms() - last().appointment_booked().meeting().start_ms());
  take(body(R"({"status": "excused", "user": {"id": 68}})", R"(, {"status": "unknown", "user": {"id": 70}})",
            "2026-11-26 10:00:01 +0100"));
  EXPECT_EQ("appointment_cancelled", said());
  EXPECT_EQ(bytes16('a'), last().referral_id());
  take(body(R"({"status": "excused", "user": {"id": 68}})", "", "2026-11-26 10:00:02 +0100"));
  EXPECT_EQ("appointment_cancelled", said()) << "taken off the appointment";
  EXPECT_EQ(bytes16('b'), last().referral_id());
}

TEST_F(RdvspDesk, finds_the_referral_that_is_meant_by_the_reason_or_asks_people) {
  follow('a', "68", "accompagnement-social");
  follow('b', "68", "pmi");
  take(RdvBody{.id = "1", .event = "created"});
  EXPECT_EQ("referral_accepted appointment_booked", said());
  EXPECT_EQ(bytes16('a'), last().referral_id());
  take(RdvBody{.id = "2", .motif = "999", .event = "created"});
  EXPECT_EQ("", said());
  EXPECT_THAT(problem_codes(), ElementsAre("rdv.ambiguous"));
}

TEST_F(RdvspDesk, leaves_alone_who_is_not_here_by_a_referral_and_what_was_before_it) {
  follow('a');
  take(RdvBody{.users = "12", .event = "created"});
  take(
      RdvBody{.id = "3", .status = "seen", .starts = "2025-01-01 10:00:00 +0100", .ends = "2025-01-01 11:00:00 +0100"});
  EXPECT_EQ("", said());
  EXPECT_FALSE(ledger_.rdv("10"));
  EXPECT_THAT(problem_codes(), IsEmpty());
}

TEST_F(RdvspDesk, says_nothing_on_a_referral_that_ended_or_an_appointment_that_the_other_side_cancelled) {
  follow('a');
  take(RdvBody{.event = "created"});
  (void)said();
  ASSERT_TRUE(desk_.cancelled_elsewhere(bytes16('a'), last().appointment_id()));
  take(RdvBody{.status = "revoked", .at = "2026-11-26 11:00:00 +0100"});
  EXPECT_EQ("", said());
  ASSERT_TRUE(desk_.close(bytes16('a')));
  take(RdvBody{.at = "2026-11-26 12:00:00 +0100"});
  EXPECT_EQ("", said());
}

TEST_F(RdvspDesk, completes_the_referral_where_the_settings_say_so) {
  config_.complete_when_seen = true;
  follow('a');
  take(RdvBody{.event = "created"});
  take(RdvBody{.status = "seen", .at = "2026-12-01 11:00:00 +0100"});
  EXPECT_EQ("referral_accepted appointment_booked appointment_arrived appointment_fulfilled referral_completed",
            said());
  EXPECT_EQ(v1::OUTCOME_CONNECTED, last().referral_completed().outcome());
}

TEST_F(RdvspDesk, does_nothing_when_the_outbox_does_not_take_it_and_everything_when_it_comes_again) {
  follow('a');
  post_.refuse_all = base::refuse(base::RefusalCode::outbox_full);
  const auto answer = answer_to(RdvBody{.event = "created"}.text());
  ASSERT_TRUE(std::holds_alternative<http::Problem>(answer));
  EXPECT_NE(0, std::get<http::Problem>(answer).retry_after.count());
  post_.refuse_all.reset();
  take(RdvBody{.event = "created"});
  EXPECT_EQ("referral_accepted appointment_booked", said());
}

TEST_F(RdvspDesk, refuses_an_appointment_without_a_time_by_its_place_and_no_value) {
  follow('a');
  const auto answer = answer_to(RdvBody{.starts = "CANARI"}.text());
  ASSERT_TRUE(std::holds_alternative<http::Problem>(answer));
  const auto text = http::to_json(std::get<http::Problem>(answer)).dump();
  EXPECT_NE(std::string::npos, text.find("/starts_at")) << text;
  EXPECT_EQ(std::string::npos, text.find("CANARI")) << text;
  EXPECT_EQ(422, std::get<http::Problem>(answer).status);
}

TEST_F(RdvspDesk, takes_nobody_off_an_appointment_whose_people_are_not_told) {
  follow('a');
  take(RdvBody{.event = "created"});
  (void)said();
  for (const std::string people : {"somebody", "participations"}) {
    auto body = RdvBody{.at = "2026-11-26 10:00:09 +0100", .people = people}.text();
    if (people == "participations")
      body.replace(body.find("[{\"status"), body.find("]}, \"meta") + 1 - body.find("[{\"status"), "null");
    const auto answer = answer_to(body);
    ASSERT_TRUE(std::holds_alternative<http::Problem>(answer)) << body;
    EXPECT_NE(std::string::npos, http::to_json(std::get<http::Problem>(answer)).dump().find("/participations"));
  }
  EXPECT_EQ("", said());
}

TEST_F(RdvspDesk, forgets_what_is_old_and_of_a_case_only_with_its_last_referral) {
  const auto of_case = [&](char referral, std::int64_t since_ms, bool closed) {
    rdvsp::Followed followed;
    followed.referral_id = bytes16(referral);
    followed.case_id = bytes16('C');
    followed.user = "68";
    followed.since_ms = since_ms;
    followed.closed = closed;
    ASSERT_TRUE(desk_.follow(followed));
  };
  of_case('a', 1'000, true);
  of_case('b', 2'000, false);
  ASSERT_TRUE(post_.store().write({ledger_.note_erasure(bytes16('C'), 1'500)}));
  ASSERT_TRUE(desk_.forget_before(5'000));
  EXPECT_FALSE(ledger_.referral(bytes16('a')));
  EXPECT_TRUE(ledger_.referral(bytes16('b')));
  EXPECT_EQ("68", ledger_.user_of_case(bytes16('C'))) << "the next referral is about the same person";
  EXPECT_TRUE(ledger_.erasure_asked(bytes16('C')));
  ASSERT_TRUE(desk_.close(bytes16('b')));
  ASSERT_TRUE(desk_.forget_before(5'000));
  EXPECT_FALSE(ledger_.user_of_case(bytes16('C')));
  EXPECT_FALSE(ledger_.erasure_asked(bytes16('C')));
  EXPECT_THAT(ledger_.of_user("68"), IsEmpty());
}

TEST_F(RdvspDesk, notes_no_name) {
  follow('a');
  take(RdvBody{.event = "created"});
  post_.store().scan("", [](std::string_view key, std::string_view value) {
    EXPECT_EQ(std::string_view::npos, value.find("CANARI")) << key;
    return true;
  });
}

}  // namespace
}  // namespace relais::rdvsp
