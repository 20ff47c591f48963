#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/rdvsp/lapin_signature.h"
#include "adapters/rdvsp/rdv.h"
#include "tests/unit/rdvsp/rdvsp_fixture.h"

namespace relais::rdvsp {
namespace {

using testing::ElementsAre;
using tests::RdvBody;

Event event_of(const std::string& body) {
  auto read = read_event(body);
  if (const auto* const faults = std::get_if<Faults>(&read)) {
    ADD_FAILURE() << faults->front().field << " " << faults->front().english;
    return {};
  }
  return std::get<Event>(std::move(read));
}

std::vector<std::string> places(const std::variant<Event, Faults>& read) {
  std::vector<std::string> all;
  if (const auto* const faults = std::get_if<Faults>(&read))
    for (const auto& fault : *faults) all.push_back(fault.field + " " + fault.rule);
  return all;
}

std::vector<std::string> people(const Rdv& rdv) {
  std::vector<std::string> all;
  for (const auto& one : rdv.participants)
    all.push_back(one.user + " " + std::to_string(static_cast<int>(one.presence)));
  return all;
}

TEST(RdvspReading, reads_the_recorded_webhook_of_an_appointment) {
  auto event = event_of(tests::webhook("rdv.created.json"));
  EXPECT_EQ("Rdv", event.model);
  EXPECT_EQ(Happening::created, event.happening);
  EXPECT_EQ("", event.reason);
  EXPECT_EQ(1'665'064'437'000, event.at_ms);
  auto read = read_rdv(event.data, "/data");
  ASSERT_TRUE(std::holds_alternative<Rdv>(read));
  const auto& rdv = std::get<Rdv>(read);
  EXPECT_EQ("8025", rdv.id);
  EXPECT_EQ("1", rdv.organisation);
  EXPECT_THAT(people(rdv), ElementsAre("3 0"));
}

TEST(RdvspReading, reads_every_recorded_webhook_under_any_name_of_its_time) {
  EXPECT_EQ("PlageOuverture", event_of(tests::webhook("plageouverture.created.json")).model);
  EXPECT_EQ("Absence", event_of(tests::webhook("absence.created.json")).model);
  auto profile = event_of(tests::webhook("userprofile.updated.json"));
  EXPECT_EQ("UserProfile", profile.model);
  EXPECT_EQ(1'647'376'953'000, profile.at_ms);
  EXPECT_EQ("10007", text_at(profile.data, "/user/id"));
}

TEST(RdvspReading, takes_the_moment_at_which_the_body_was_made_before_that_of_the_event) {
  const auto event = event_of(R"({"data": {}, "meta": {"model": "Rdv", "event": "updated", "webhook_reason": "rgpd",
    "event_occurred_at": "2026-01-01T08:45:00.500+01:00", "payload_computed_at": "2026-01-01T07:46:00Z"}})");
  EXPECT_EQ("rgpd", event.reason);
  EXPECT_EQ(1'767'253'560'000, event.at_ms);
}

TEST(RdvspReading, names_all_faults_of_a_webhook_at_once_and_no_value) {
  EXPECT_THAT(places(read_event(R"({"data": [], "meta": {"event": "Léa", "timestamp": "demain"}})")),
              ElementsAre("/data field.required", "/meta/model field.required", "/meta/event word.unknown",
                          "/meta/timestamp date.format"));
  EXPECT_THAT(places(read_event("[]")), ElementsAre("/data field.required", "/meta field.required"));
  EXPECT_THAT(places(read_event("<html>")), ElementsAre(" json.malformed"));
  auto event = event_of(R"({"data": {"status": "parti", "participations": [{"status": "seen"}], "users": [{}]},
    "meta": {"model": "Rdv", "event": "updated", "timestamp": "2026-01-01 08:45:00 +0100"}})");
  const auto read = read_rdv(event.data, "/data");
  std::vector<std::string> all;
  for (const auto& fault : std::get<Faults>(read)) {
    all.push_back(fault.field);
    EXPECT_EQ(std::string::npos, fault.english.find("parti")) << fault.english;
  }
  EXPECT_THAT(all, ElementsAre("/data/id", "/data/status", "/data/participations/0/user/id", "/data/users/0/id"));
}

TEST(RdvspReading, finds_people_under_three_names_with_their_own_status_where_they_have_one) {
  for (const auto* const name : {"participations", "rdvs_users", "users"}) {
    RdvBody body;
    body.people = name;
    body.status = "excused";
    auto event = event_of(body.text());
    const auto read = read_rdv(event.data, "/data");
    EXPECT_THAT(people(std::get<Rdv>(read)), ElementsAre("68 4")) << name;
  }
  auto event = event_of(R"({"data": {"id": 8, "status": "seen", "users": [{"id": 10}, {"id": 13}], "rdvs_users": [
      {"status": "seen", "user": {"id": 10}}, {"status": "noshow", "user": {"id": 11}},
      {"status": "excused", "user": {"id": 12}}]},
    "meta": {"model": "Rdv", "event": "updated", "timestamp": "2026-01-01 08:45:00 +0100"}})");
  EXPECT_THAT(people(std::get<Rdv>(read_rdv(event.data, "/data"))), ElementsAre("10 2", "11 3", "12 4", "13 2"));
}

TEST(RdvspReading, takes_an_appointment_that_the_service_cancelled_as_cancelled_for_everybody) {
  auto event = event_of(R"({"data": {"id": 8, "status": "revoked", "participations": [
      {"status": "unknown", "user": {"id": 10}}]},
    "meta": {"model": "Rdv", "event": "updated", "timestamp": "2026-01-01 08:45:00 +0100"}})");
  EXPECT_THAT(people(std::get<Rdv>(read_rdv(event.data, "/data"))), ElementsAre("10 5"));
}

TEST(RdvspReading, reads_the_recorded_answer_of_the_api) {
  const auto answer = tests::recorded("get-organisations-organisation_id-rdvs.200.json");
  if (!answer) GTEST_SKIP() << "the recorded answers are not on this machine";
  auto parsed = mapping::parse_json(*answer);
  auto& rdvs = *std::get<mapping::JsonValue>(parsed).member("rdvs");
  const auto read = read_rdv(rdvs.items.at(0), {});
  EXPECT_EQ("10", std::get<Rdv>(read).id);
  EXPECT_EQ("309", std::get<Rdv>(read).organisation);
  EXPECT_THAT(people(std::get<Rdv>(read)), ElementsAre("68 0"));
}

TEST(RdvspSignature, is_the_hmac_of_the_bytes_by_any_of_the_secrets) {
  // RFC 4231, test case 2.
  const std::string body = "what do ya want for nothing?";
  const std::string good = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_TRUE(is_signed({"Jefe"}, good, body));
  EXPECT_TRUE(is_signed({"new", "Jefe"}, good, body));
  EXPECT_FALSE(is_signed({"Jefe"}, good, body + " "));
  EXPECT_FALSE(is_signed({"jefe"}, good, body));
  EXPECT_FALSE(is_signed({"Jefe"}, "", body));
  EXPECT_FALSE(is_signed({"Jefe"}, good.substr(0, 32), body));
  EXPECT_FALSE(is_signed({}, good, body));
}

}  // namespace
}  // namespace relais::rdvsp
