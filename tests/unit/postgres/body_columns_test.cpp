#include "adapters/postgres/body_columns.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "adapters/postgres/row.h"
#include "adapters/postgres/schema.h"

namespace relais::postgres {
namespace {

constexpr std::int64_t kStart = 1'714'550'400'000;

mapping::SqlRow as_row(const std::vector<ColumnValue>& columns) {
  mapping::SqlRow row;
  for (const auto& [column, value] : columns) row.columns.emplace_back(column, value);
  return row;
}

/// Through the columns and back.
v1::Envelope round_trip(const v1::Envelope& envelope) {
  v1::Envelope again;
  EXPECT_TRUE(set_body(kind_name(envelope), as_row(body_columns(envelope)), again));
  return again;
}

TEST(BodyColumns, every_body_column_is_a_column_of_the_inbox) {
  const auto script = schema_script();
  const auto inbox = script.substr(script.find("CREATE TABLE relais.inbox"),
                                   script.find("CREATE INDEX inbox_unread") - script.find("CREATE TABLE relais.inbox"));
  for (const auto& column : all_body_columns()) EXPECT_NE(inbox.find(" " + column + " "), std::string::npos) << column;
}

TEST(BodyColumns, bodies_survive_the_way_through_the_columns) {
  v1::Envelope requested;
  requested.mutable_referral_requested()->set_service_need("logement-hebergement");
  requested.mutable_referral_requested()->set_based_on(std::string(16, '\x11'));
  v1::Envelope held;
  held.mutable_referral_held()->set_reason(v1::HOLD_REASON_AWAITING_DOCUMENTS);
  held.mutable_referral_held()->set_until_ms(kStart);
  v1::Envelope booked;
  auto& meeting = *booked.mutable_appointment_booked()->mutable_meeting();
  meeting.set_start_ms(kStart);
  meeting.set_end_ms(kStart + 1'800'000);
  meeting.set_mode(v1::APPOINTMENT_MODE_ON_SITE);
  v1::Envelope cancelled;
  cancelled.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_PERSON);
  cancelled.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_UNAVAILABLE);
  for (const auto& envelope : {requested, held, booked, cancelled})
    EXPECT_EQ(round_trip(envelope).SerializeAsString(), envelope.SerializeAsString()) << kind_name(envelope);
}

TEST(BodyColumns, a_confirmation_without_a_meeting_stays_without) {
  v1::Envelope booked;
  booked.mutable_appointment_booked();
  EXPECT_FALSE(round_trip(booked).appointment_booked().has_meeting());
}

TEST(BodyColumns, a_meeting_in_a_slot_says_when_and_where) {
  v1::Envelope booked;
  auto& meeting = *booked.mutable_appointment_booked()->mutable_meeting();
  meeting.set_slot_id("desk-1");
  meeting.set_start_ms(kStart);
  meeting.set_end_ms(kStart + 1'800'000);
  const auto columns = body_columns(booked);
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_EQ(columns[0].column, "meeting_start");
  EXPECT_EQ(columns[1].column, "meeting_end");
}

TEST(BodyColumns, codes_are_short) {
  v1::Envelope rejected;
  rejected.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY);
  const auto columns = body_columns(rejected);
  ASSERT_EQ(columns.size(), 1U);
  EXPECT_EQ(columns[0].column, "reason");
  EXPECT_EQ(columns[0].value, "no_capacity");
}

TEST(BodyColumns, a_fault_names_the_column_and_never_the_value) {
  v1::Envelope envelope;
  const auto said = set_body("referral_rejected", mapping::SqlRow{{{"reason", "Dupont"}}}, envelope);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().field, "reason");
  EXPECT_EQ(said.refusal().english().find("Dupont"), std::string::npos);
}

TEST(BodyColumns, only_kinds_that_institutions_send_are_taken) {
  v1::Envelope envelope;
  for (const auto* kind :
       {"", "referral_expired", "delivery_failed", "slots_published", "slots_withdrawn", "message_id", "nonsense"}) {
    const auto said = set_body(kind, {}, envelope);
    ASSERT_FALSE(said) << kind;
    EXPECT_EQ(said.refusal().field, "kind");
  }
}

}  // namespace
}  // namespace relais::postgres
