// Both ways between Relais and a calendar: conflicts, lost answers, refusals, restarts.
#include "adapters/calendar/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/calendar/config.h"
#include "adapters/files/incoming_links.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "relais_paths.h"
#include "tests/support/files_fixture.h"
#include "tests/unit/calendar/memory_server.h"

namespace relais::calendar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kHour = 3'600'000;
constexpr const char* kInstitution = "caf-25";

class CalendarBothWays : public testing::Test {
 protected:
  CalendarBothWays() {
    config.institution = kInstitution;
    config.server.collection = *http::read_target("http://127.0.0.1:1/cal/");
    config.rules.fulfilled = {{"CATEGORIES", "Venu"}};
    start_ms = base::to_ms(clock.now()) + 48 * kHour;
    referral = tests::referral_for(kInstitution, "CANARI").envelope;
    referral.set_sender("ccas-25056");
    appointment = sdk::new_id();
    href = "/cal/" + base::id_text(appointment) + ".ics";
    begin();
    post->learn(referral);
  }

  void begin() {
    post = std::make_unique<tests::FakePost>(folder.path() / "store");
    calendar = std::make_unique<Calendar>(
        *post, config, std::make_unique<MemoryServer>(disk), [] { return nullptr; }, clock);
  }

  /// As after kill -9: what is in memory is gone.
  void restart() {
    calendar.reset();
    post.reset();
    begin();
  }

  sdk::Incoming message(std::uint64_t position) const {
    auto one = tests::about(referral, "ccas-25056", kInstitution, position);
    one.envelope.set_appointment_id(appointment);
    return one;
  }

  sdk::Incoming booked(std::uint64_t position) const {
    auto one = message(position);
    set(*one.envelope.mutable_appointment_booked()->mutable_meeting(), start_ms);
    return one;
  }

  sdk::Incoming rescheduled(std::uint64_t position, std::int64_t to_ms) const {
    auto one = message(position);
    set(*one.envelope.mutable_appointment_rescheduled()->mutable_meeting(), to_ms);
    return one;
  }

  static void set(v1::Meeting& meeting, std::int64_t start_ms) {
    meeting.set_start_ms(start_ms);
    meeting.set_end_ms(start_ms + kHour);
    meeting.set_location_id("salle-2");
  }

  /// As people see it.
  [[nodiscard]] Event shown() const {
    const auto document = IcalDocument::read(disk.events.at(href).text);
    return std::get<Event>(read_event(std::get<IcalDocument>(document), config.rules));
  }

  /// As people change it: with the SEQUENCE that is there.
  void people_move(std::int64_t to_ms, std::int64_t sequence_more = 0) {
    EventWriting writing;
    writing.sequence = shown().sequence + sequence_more;
    writing.state = {EventStatus::confirmed, to_ms, to_ms + kHour};
    disk.put(href, std::get<std::string>(changed_event(disk.events.at(href).text, writing, config.rules)));
  }

  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> kinds;
    for (const auto& one : post->submitted()) kinds.push_back(files::kind_of(one.envelope));
    return kinds;
  }

  void refuse_last() {
    const auto last = post->submitted().back().envelope;
    v1::Refused refusal;
    refusal.set_code("lifecycle.invalid_transition");
    refusal.set_french("Ce n'est pas possible maintenant.");
    post->refused_messages.push_back({*base::MessageId::from_bytes(last.message_id()), last, refusal, clock.now()});
  }

  using Kind = sdk::Verdict::Kind;

  tests::TemporaryFolder folder;
  tests::HandClock clock;
  CalendarConfig config;
  MemoryServer::Disk disk;
  std::unique_ptr<tests::FakePost> post;
  std::unique_ptr<Calendar> calendar;
  v1::Envelope referral;
  std::string appointment;
  std::string href;
  std::int64_t start_ms = 0;
};

TEST_F(CalendarBothWays, a_message_is_handled_when_the_server_has_it_and_not_before) {
  disk.away = "away";
  const auto refused = calendar->take(booked(1));
  EXPECT_EQ(Kind::retry, refused.kind);
  EXPECT_EQ("calendar.away", refused.reason);
  EXPECT_THAT(disk.events, IsEmpty());
  disk.away.clear();
  EXPECT_EQ(Kind::retry, calendar->take(booked(1)).kind) << "the server rests";
  clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  EXPECT_EQ(start_ms, shown().state.start_ms);
  EXPECT_THAT(disk.events.at(href).text, HasSubstr("LOCATION:salle-2"));
  EXPECT_THAT(disk.events.at(href).text, Not(HasSubstr("CANARI")));
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  EXPECT_EQ(1, disk.puts) << "a message that comes again puts nothing";
}

TEST_F(CalendarBothWays, an_answer_that_never_came_is_not_taken_for_a_change_of_people) {
  disk.lose_answers = true;
  EXPECT_EQ(Kind::retry, calendar->take(booked(1)).kind);
  disk.lose_answers = false;
  restart();
  (void)calendar->round();
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  disk.lose_answers = true;
  EXPECT_EQ(Kind::retry, calendar->take(rescheduled(2, start_ms + kHour)).kind);
  disk.lose_answers = false;
  restart();
  // The next message comes while nobody knows what became of the one before.
  EXPECT_EQ(Kind::handled, calendar->take(rescheduled(3, start_ms + 2 * kHour)).kind);
  (void)calendar->round();
  EXPECT_EQ(start_ms + 2 * kHour, shown().state.start_ms);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(CalendarBothWays, what_people_changed_meanwhile_is_told_and_merged_after_a_conflict) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  // Their text, between our reading and our writing.
  disk.before_put = [&] {
    auto text = disk.events.at(href).text;
    text.insert(text.find("SUMMARY"), "COMMENT:pris par L.\r\n");
    disk.put(href, text);
  };
  EXPECT_EQ(Kind::handled, calendar->take(rescheduled(2, start_ms + kHour)).kind);
  EXPECT_EQ(start_ms + kHour, shown().state.start_ms);
  EXPECT_THAT(disk.events.at(href).text, HasSubstr("COMMENT:pris par L."));
  EXPECT_THAT(told(), IsEmpty());
  // Their time: it goes to Relais after ours, and so it holds, as soon as the broker has accepted it.
  disk.before_put = [&] { people_move(start_ms + 5 * kHour); };
  EXPECT_EQ(Kind::handled, calendar->take(rescheduled(3, start_ms + 2 * kHour)).kind);
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
  calendar->receipt(*base::MessageId::from_bytes(post->submitted().back().envelope.message_id()), 4);
  (void)calendar->round();
  EXPECT_EQ(start_ms + 5 * kHour, shown().state.start_ms);
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
}

TEST_F(CalendarBothWays, a_change_that_was_accepted_before_a_later_message_gives_way_to_it) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  people_move(start_ms + kHour);
  (void)calendar->round();
  const auto ours = *base::MessageId::from_bytes(post->submitted().back().envelope.message_id());
  // Ours has position 2; its receipt is late, and theirs, 3, is here first.
  EXPECT_EQ(Kind::handled, calendar->take(rescheduled(3, start_ms + 3 * kHour)).kind);
  restart();
  calendar->receipt(ours, 2);
  (void)calendar->round();
  EXPECT_EQ(start_ms + 3 * kHour, shown().state.start_ms);
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
}

TEST_F(CalendarBothWays, a_line_that_is_badly_folded_is_told_by_its_number_and_no_word_of_it) {
  calendar->take(booked(1));
  auto text = disk.events.at(href).text;
  disk.put(href, text.insert(text.find("END:VEVENT"), "CANARI rappeler demain\r\n"));
  testing::internal::CaptureStderr();
  base::start_log("relais-calendar", base::LogLevel::info, base::LogFormat::key_value);
  calendar->round();
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("rule=line.no_value"));
  EXPECT_THAT(log, Not(HasSubstr("CANARI")));
}

TEST_F(CalendarBothWays, what_the_broker_refuses_is_put_back_with_its_sentence) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  people_move(start_ms + kHour);
  (void)calendar->round();
  refuse_last();
  (void)calendar->round();
  EXPECT_EQ(start_ms, shown().state.start_ms);
  EXPECT_EQ(1, shown().sequence);
  EXPECT_THAT(disk.events.at(href).text, HasSubstr("Relais : Ce n'est pas possible"));
  EXPECT_THAT(post->refused_messages, IsEmpty());
  disk.remove(href);
  (void)calendar->round();
  EXPECT_EQ("appointment_cancelled", told().back());
  refuse_last();
  (void)calendar->round();
  EXPECT_EQ(start_ms, shown().state.start_ms) << "the event is there again";
}

TEST_F(CalendarBothWays, one_change_is_told_once_however_often_it_is_seen) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  (void)calendar->round();
  people_move(start_ms + kHour, 1);
  for (const bool forgotten : {false, true, true}) {
    disk.forget_tokens = forgotten;
    (void)calendar->round();
    restart();
  }
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
  // An older copy comes back from somebody's telephone.
  people_move(start_ms, -1);
  (void)calendar->round();
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
  EXPECT_EQ(1U, calendar->counts().older);
  EXPECT_EQ(start_ms + kHour, shown().state.start_ms);
  EXPECT_EQ(2, shown().sequence);
}

TEST_F(CalendarBothWays, an_event_in_another_place_is_still_the_same_and_others_are_nobodys) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  auto text = disk.events.at(href).text;
  disk.put("/cal/copie%20de%20L.ics", text);
  disk.remove(href);
  text.replace(text.find("UID:"), 40, "UID:123e4567-e89b-12d3-a456-426614174000");
  disk.put("/cal/other.ics", text);
  disk.put("/cal/broken.ics", "BEGIN:VCALENDAR");
  (void)calendar->round();
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(2U, calendar->counts().foreign);
  disk.remove("/cal/copie%20de%20L.ics");
  (void)calendar->round();
  EXPECT_THAT(told(), ElementsAre("appointment_cancelled"));
  EXPECT_EQ(2U, disk.events.size());
}

TEST_F(CalendarBothWays, what_is_put_off_by_a_full_outbox_is_told_later) {
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  people_move(start_ms + kHour);
  post->refuse_all = base::refuse(base::RefusalCode::outbox_full);
  (void)calendar->round();
  EXPECT_EQ(start_ms + kHour, shown().state.start_ms);
  post->refuse_all.reset();
  clock.advance(std::chrono::hours(1));
  (void)calendar->round();
  EXPECT_THAT(told(), ElementsAre("appointment_rescheduled"));
}

TEST_F(CalendarBothWays, a_referral_is_refused_received_or_accepted_as_configured) {
  auto request = tests::referral_for(kInstitution, "CANARI");
  EXPECT_EQ(Kind::reject, calendar->take(request).kind);
  config.referrals = Referrals::receive;
  EXPECT_THAT(calendar->take(request).replies, IsEmpty());
  config.referrals = Referrals::accept;
  const auto accepted = calendar->take(request);
  ASSERT_EQ(1U, accepted.replies.size());
  EXPECT_TRUE(accepted.replies.front().envelope.has_referral_accepted());
}

TEST_F(CalendarBothWays, a_cancelled_event_goes_when_the_settings_say_so) {
  config.remove_cancelled = true;
  EXPECT_EQ(Kind::handled, calendar->take(booked(1)).kind);
  auto cancelled = message(2);
  cancelled.envelope.mutable_appointment_cancelled();
  EXPECT_EQ(Kind::handled, calendar->take(cancelled).kind);
  EXPECT_THAT(disk.events, IsEmpty());
  (void)calendar->round();
  EXPECT_THAT(told(), IsEmpty());
}

std::vector<std::string> faults_of(const std::string& text, const std::filesystem::path& folder) {
  const tests::TemporaryFolder place;
  base::Findings findings;
  const auto content = base::read_toml(place.write("calendar.toml", text), "calendar.toml", findings);
  if (content) {
    base::TableReader whole(*content, "calendar.toml", {}, findings);
    (void)read_calendars(whole, folder);
    whole.finish();
  }
  std::vector<std::string> faults;
  for (const auto& fault : findings.take())
    faults.push_back(std::to_string(fault.place.line) + " " + fault.path + ": " + fault.problem);
  return faults;
}

TEST(CalendarConfigFile, tells_all_its_faults_at_once) {
  EXPECT_THAT(
      faults_of(R"([[exchange]]
institution = "caf-25"
url = "http://agenda.example/cal"
user = "relais"
zone = "Europe/Nulle"
fulfilled = ["SUMMARY:Venu"]
no_show = ["X-A:b"]
referrals = "maybe"
look_every = "2h"
secret = "x"
[exchange.event]
summary = "{nom}"
)",
                "."),
      testing::UnorderedElementsAre(
          HasSubstr("3 exchange[0].url: is not a collection"), HasSubstr("4 exchange[0].user: needs its password"),
          HasSubstr("5 exchange[0].zone: is unknown"), HasSubstr("6 exchange[0].fulfilled: holds what is no mark"),
          HasSubstr("8 exchange[0].referrals: is none of"), HasSubstr("9 exchange[0].look_every: is too short"),
          HasSubstr("10 exchange[0].secret"), HasSubstr("12 exchange[0].event.summary: holds a word")));
  EXPECT_THAT(faults_of("", "."), ElementsAre(HasSubstr("exchange: is missing")));
}

TEST(CalendarConfigFile, of_the_example_is_valid_once_there_is_a_password) {
  std::ifstream file(std::filesystem::path(RELAIS_SOURCE) / "config/examples/calendar.toml");
  std::string text(std::istreambuf_iterator<char>(file), {});
  text = text.substr(text.find("\n[[exchange]]"));
  const tests::TemporaryFolder folder;
  const auto password = folder.write("keys/agenda.password", "secret\n");
  std::filesystem::permissions(password, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(faults_of(text, folder.path()), IsEmpty());
}

}  // namespace
}  // namespace relais::calendar
