// Appointments beside their slots: what ends with their referral, and what they may be for.
#include "tests/unit/engine/slots_fixture.h"

namespace relais::engine {
namespace {

class MeetingsTest : public SlotsTest {};

TEST_F(MeetingsTest, that_end_with_their_referral_are_said_to_be_cancelled_by_whom_and_why) {
  const auto cancelled = [](const std::vector<v1::Envelope>& told) {
    std::vector<std::string> ids;
    for (const auto& envelope : told)
      if (envelope.has_appointment_cancelled()) {
        EXPECT_EQ(envelope.sender(), "relais");
        EXPECT_EQ(envelope.appointment_cancelled().by(), v1::CANCELLED_BY_BROKER);
        EXPECT_EQ(envelope.appointment_cancelled().reason(), v1::CANCELLATION_REASON_REFERRAL_ENDED);
        ids.emplace_back(1, envelope.appointment_id()[0]);
      }
    return ids;
  };
  refer('r');
  publish({slot("a", 24, 3)});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  ASSERT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
  ASSERT_EQ(refusal_of(cancelling('r', '2')), "accepted");
  ASSERT_EQ(refusal_of(holding('r', '3', "a", 100)), "accepted");
  drain("caf-1");
  drain("ccas-1");
  auto rejected = envelope("caf-1", "ccas-1", 'r', 'r');
  rejected.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY);
  ASSERT_EQ(refusal_of(rejected), "accepted");
  EXPECT_EQ(cancelled(drain("caf-1")), (std::vector<std::string>{"1", "3"}));
  const auto told = drain("ccas-1");
  EXPECT_TRUE(told[0].has_referral_rejected()) << "what was done comes before what follows from it";
  EXPECT_EQ(cancelled(told), (std::vector<std::string>{"1", "3"}));
  refer('s');
  ASSERT_EQ(refusal_of(booking('s', '4', "a")), "accepted");
  pass_time(21);  // nobody decided
  EXPECT_EQ(cancelled(drain("ccas-1")), (std::vector<std::string>{"4"}));
  EXPECT_EQ(cancelled(drain("caf-1")), (std::vector<std::string>{"4"}));
}

TEST_F(MeetingsTest, are_for_a_service_that_the_host_has) {
  refer('r');
  accept('r');
  const auto meeting_for = [&](const std::string& service) {
    return refusal_of(about(
        'r', '1',
        [&](v1::Envelope& e) {
          auto& meeting = *e.mutable_appointment_booked()->mutable_meeting();
          meeting.set_start_ms(in_hours(24));
          meeting.set_end_ms(in_hours(25));
          meeting.set_service_id(service);
        },
        true));
  };
  EXPECT_EQ(meeting_for("nobodys"), "service.not_offered");
  EXPECT_EQ(meeting_for("ccas-1-help"), "service.not_offered");
  EXPECT_EQ(meeting_for("caf-1-help"), "accepted");
}

}  // namespace
}  // namespace relais::engine
