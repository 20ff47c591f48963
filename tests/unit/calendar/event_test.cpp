// Events written and read again, what is left alone in them, and what a change of people means.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/calendar/difference.h"
#include "adapters/calendar/event_text.h"
#include "adapters/calendar/event_writer.h"
#include "adapters/calendar/multistatus.h"

namespace relais::calendar {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kHalfHour = 1'800'000;
constexpr std::int64_t kSummer = 1'814'770'800'000;  // 2027-07-05 09:00 in Paris
constexpr std::int64_t kWinter = 1'828'080'000'000;  // 2027-12-06 09:00

const EventRules kRules = {"Europe/Paris", {{"CATEGORIES", "Venu"}}, {{"X-RELAIS-OUTCOME", "absent"}}};

EventWriting writing(EventStatus status, std::int64_t start_ms, std::int64_t sequence = 0) {
  EventWriting one;
  one.uid = "uid@relais";
  one.sequence = sequence;
  one.state = {status, start_ms, start_ms + kHalfHour};
  one.text = {"Rendez-vous; (12ab)", "Besançon, salle 2", "ligne 1\nligne 2"};
  one.now = base::from_ms(kSummer);
  return one;
}

Event read(const std::string& text) {
  const auto document = IcalDocument::read(text);
  if (const auto* const fault = std::get_if<IcalFault>(&document)) ADD_FAILURE() << calendar::text(*fault);
  const auto event = read_event(std::get<IcalDocument>(document), kRules);
  if (const auto* const fault = std::get_if<IcalFault>(&event)) ADD_FAILURE() << calendar::text(*fault);
  return std::get<Event>(event);
}

std::string fault_of(const std::string& inside, const std::string& around = "") {
  const auto document = IcalDocument::read("BEGIN:VCALENDAR\n" + around + "BEGIN:VEVENT\nUID:a\n" + inside +
                                           "END:VEVENT\nEND:VCALENDAR\n");
  if (const auto* const fault = std::get_if<IcalFault>(&document)) return text(*fault);
  const auto event = read_event(std::get<IcalDocument>(document), kRules);
  const auto* const fault = std::get_if<IcalFault>(&event);
  return fault == nullptr ? "none" : text(*fault);
}

TEST(CalendarEvent, says_the_same_when_it_is_read_again) {
  for (const auto status : {EventStatus::tentative, EventStatus::confirmed, EventStatus::cancelled,
                            EventStatus::fulfilled, EventStatus::no_show})
    for (const auto start : {kSummer, kWinter}) {
      const auto event = read(new_event(writing(status, start, 7), kRules));
      EXPECT_EQ("uid@relais", event.uid);
      EXPECT_EQ(7, event.sequence);
      EXPECT_EQ(status, event.state.status);
      EXPECT_EQ(start, event.state.start_ms);
      EXPECT_EQ(start + kHalfHour, event.state.end_ms);
    }
}

TEST(CalendarEvent, is_in_the_zone_of_its_place_which_it_describes_shortly) {
  const auto text = new_event(writing(EventStatus::confirmed, kSummer), kRules);
  EXPECT_THAT(text, HasSubstr("DTSTART;TZID=Europe/Paris:20270705T090000"));
  EXPECT_THAT(text, HasSubstr("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris"));
  EXPECT_LT(text.size(), 1'500U);
  EXPECT_THAT(text, Not(HasSubstr("METHOD")));
  // The hour that comes twice, the second time: only UTC tells it from the first.
  const std::int64_t second = 1'824'946'200'000;  // 2027-10-31 01:30 UTC
  EXPECT_EQ(second, read(new_event(writing(EventStatus::confirmed, second), kRules)).state.start_ms);
  EXPECT_EQ(second - 2 * kHalfHour,
            read(new_event(writing(EventStatus::confirmed, second - 2 * kHalfHour), kRules)).state.start_ms);
}

TEST(CalendarEvent, keeps_what_others_wrote_when_it_changes) {
  const std::string theirs =
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//Y//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:uid@relais\r\n"
      "DTSTART:20270705T070000Z\r\nDURATION:PT30M\r\nSUMMARY:Rendez-vous\r\nCOMMENT:pris par L.\r\n"
      "DESCRIPTION:une ligne\\nRelais : ancien\r\nCATEGORIES:Bleu,Venu\r\nATTENDEE;CN=\"A, B\":mailto:a@example.org\r\n"
      "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  EXPECT_EQ(EventStatus::fulfilled, read(theirs).state.status);
  auto change = writing(EventStatus::no_show, kWinter, 3);
  change.notice = "refusé";
  const auto changed = std::get<std::string>(changed_event(theirs, change, kRules));
  for (const auto* const kept : {"COMMENT:pris par L.", "BEGIN:VALARM", "ATTENDEE;CN=\"A, B\"", "CATEGORIES:Bleu",
                                 "DESCRIPTION:une ligne\\nRelais : refusé", "X-RELAIS-OUTCOME:absent"})
    EXPECT_THAT(changed, HasSubstr(kept));
  for (const auto* const gone : {"METHOD", "DURATION", "Venu", "ancien"}) EXPECT_THAT(changed, Not(HasSubstr(gone)));
  const auto event = read(changed);
  EXPECT_EQ(EventStatus::no_show, event.state.status);
  EXPECT_EQ(kWinter, event.state.start_ms);
  EXPECT_EQ(3, event.sequence);
}

TEST(CalendarEvent, is_refused_with_line_and_property) {
  const std::string times = "DTSTART:20270705T070000Z\nDTEND:20270705T080000Z\n";
  EXPECT_EQ("none", fault_of(times));
  EXPECT_EQ("line 6, RRULE: event.recurring", fault_of(times + "RRULE:FREQ=DAILY\n"));
  EXPECT_EQ("line 4, DTSTART: event.all_day", fault_of("DTSTART;VALUE=DATE:20270705\n"));
  EXPECT_EQ("line 2, DTEND: event.no_end", fault_of("DTSTART:20270705T070000Z\n"));
  EXPECT_EQ("line 5, DTEND: event.too_long", fault_of("DTSTART:20270705T070000Z\nDTEND:20270707T070000Z\n"));
  EXPECT_EQ("line 4, DTSTART: zone.unknown", fault_of("DTSTART;TZID=Mars/Base:20270705T070000\nDURATION:PT1H\n"));
  EXPECT_EQ("line 4, DTSTART: value.malformed", fault_of("DTSTART:20271305T070000Z\n"));
  EXPECT_EQ("line 4, DTSTART: value.malformed", fault_of("DTSTART:2027-07-05\n"));
  EXPECT_EQ("line 4, SEQUENCE: value.malformed", fault_of("SEQUENCE:abc\n" + times));
  EXPECT_EQ("none", fault_of("SEQUENCE:2147483647\n" + times));
  EXPECT_EQ("line 4, SEQUENCE: value.malformed", fault_of("SEQUENCE:2147483648\n" + times));
  const auto zone = [](const std::string& rule) {
    return "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\n"
           "RRULE:" +
           rule + "\nEND:STANDARD\nEND:VTIMEZONE\n";
  };
  const std::string in_zone = "DTSTART;TZID=X:20270705T070000\nDURATION:PT1H\n";
  EXPECT_EQ("none", fault_of(in_zone, zone("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")));
  for (const char* const endless : {"FREQ=SECONDLY", "FREQ=YEARLY;BYSECOND=0,1"})
    EXPECT_EQ("line 8, RRULE: value.malformed", fault_of(in_zone, zone(endless)));
  EXPECT_EQ("line 5, DURATION: value.malformed", fault_of("DTSTART:20270705T070000Z\nDURATION:P3\n"));
  EXPECT_EQ("line 2, METHOD: event.method", fault_of(times, "METHOD:COUNTER\n"));
  EXPECT_EQ("line 4: text.encoding", fault_of("SUMMARY:\xE9\n" + times));
  EXPECT_EQ("line 4, SUMMARY: line.no_value", fault_of("SUMMARY\n" + times));
}

TEST(CalendarEvent, of_method_cancel_is_cancelled) {
  const auto event = read(
      "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:a\nSEQUENCE:2\nDTSTART:20270705T070000Z\nDURATION:PT1H\n"
      "END:VEVENT\nEND:VCALENDAR\n");
  EXPECT_EQ(EventStatus::cancelled, event.state.status);
}

TEST(CalendarEvent, names_nobody_unless_the_settings_do) {
  Link link;
  link.referral_id = std::string(16, '\x12');
  link.meeting.set_service_id("acces-droits");
  v1::Identity person;
  person.set_family_name("CANARI");
  const auto plain = event_text({}, link, "ccas-25056", "access_to_rights", nullptr, &person);
  EXPECT_EQ("Rendez-vous acces-droits (12121212)", plain.summary);
  EXPECT_EQ("", plain.place);
  EXPECT_EQ("", plain.description);
  const auto named =
      event_text({"{family_name} {given_names}", "{mode}", "de {sender}"}, link, "ccas-25056", "", nullptr, &person);
  EXPECT_EQ("CANARI", named.summary);
  EXPECT_EQ("de ccas-25056", named.description);
  EXPECT_EQ("nom", unknown_word("{service} {nom}"));
}

Link agreed(EventStatus status) {
  Link link;
  link.appointment_id = std::string(16, 'a');
  link.agreed = {status, kSummer, kSummer + kHalfHour};
  link.meeting.set_location_id("salle");
  link.meeting.set_slot_id("creneau");
  return link;
}

std::string meaning(EventStatus held, const EventState* seen, bool host = true, std::int64_t now_ms = kSummer - 1) {
  const auto said =
      difference(agreed(held), seen, {host, v1::CANCELLED_BY_INSTITUTION, v1::CANCELLATION_REASON_OTHER, now_ms});
  if (std::holds_alternative<NoNews>(said)) return "nothing";
  if (const auto* const wrong = std::get_if<Unsayable>(&said)) return wrong->rule;
  std::string kinds;
  for (const auto& message : std::get<News>(said).messages) {
    if (!kinds.empty()) kinds += ' ';
    kinds += v1::Envelope::descriptor()->FindFieldByNumber(static_cast<int>(message.body_case()))->name();
  }
  return kinds;
}

TEST(CalendarDifference, is_said_in_the_words_of_the_appointments_life) {
  using enum EventStatus;
  const auto now = [](EventStatus status, std::int64_t start = kSummer) {
    return EventState{status, start, start + kHalfHour};
  };
  const auto same_time = now(confirmed);
  const auto later = now(confirmed, kWinter);
  const auto provisional = now(tentative);
  const auto off = now(cancelled);
  const auto came = now(fulfilled);
  const auto absent = now(no_show);
  EXPECT_EQ("nothing", meaning(confirmed, &same_time));
  EXPECT_EQ("appointment_rescheduled", meaning(confirmed, &later));
  EXPECT_EQ("appointment_cancelled", meaning(confirmed, &off));
  EXPECT_EQ("appointment_cancelled", meaning(confirmed, nullptr));
  EXPECT_EQ("nothing", meaning(confirmed, nullptr, true, kSummer + kHalfHour));
  EXPECT_EQ("appointment_arrived appointment_fulfilled", meaning(confirmed, &came));
  EXPECT_EQ("appointment_no_show", meaning(confirmed, &absent));
  EXPECT_EQ("outcome.not_ours", meaning(confirmed, &came, false));
  EXPECT_EQ("appointment.booked", meaning(confirmed, &provisional));
  EXPECT_EQ("appointment_booked", meaning(tentative, &same_time));
  EXPECT_EQ("appointment_booked", meaning(tentative, &later));
  EXPECT_EQ("appointment_cancelled", meaning(tentative, nullptr));
  EXPECT_EQ("appointment.not_booked", meaning(tentative, &came));
  EXPECT_EQ("appointment.over", meaning(cancelled, &same_time));
  EXPECT_EQ("nothing", meaning(cancelled, nullptr));
  EXPECT_EQ("nothing", meaning(fulfilled, nullptr));
  const auto said = difference(agreed(confirmed), &later, {});
  const auto& meeting = std::get<News>(said).messages.front().appointment_rescheduled().meeting();
  EXPECT_EQ(kWinter, meeting.start_ms());
  EXPECT_EQ("salle", meeting.location_id());
  EXPECT_EQ("", meeting.slot_id());
}

TEST(CalendarMultistatus, is_read_with_any_prefix_and_refused_when_it_is_none) {
  const auto read = read_multistatus(
      R"(<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<response><href>/a/</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response>
<response><href>/a/x%20y.ics</href><propstat><prop><getetag>"1"</getetag><C:calendar-data>BEGIN:VCALENDAR</C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat>
<propstat><prop><displayname/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
<response><href>/a/gone.ics</href><status>HTTP/1.1 404 Not Found</status></response>
<sync-token>http://example.org/7</sync-token></multistatus>)");
  ASSERT_TRUE(read);
  ASSERT_EQ(3U, read->resources.size());
  EXPECT_TRUE(read->resources[0].collection);
  EXPECT_EQ("\"1\"", read->resources[1].etag);
  EXPECT_EQ("BEGIN:VCALENDAR", read->resources[1].calendar_data);
  EXPECT_EQ(404, read->resources[2].status);
  EXPECT_EQ("http://example.org/7", read->sync_token);
  for (const auto* const wrong : {"", "<html/>", "<multistatus xmlns='DAV:'><response/></multistatus>"})
    EXPECT_FALSE(read_multistatus(wrong));
  EXPECT_TRUE(refuses_token("<d:error xmlns:d='DAV:'><d:valid-sync-token/></d:error>"));
  EXPECT_FALSE(refuses_token("<d:error xmlns:d='DAV:'/>"));
}

}  // namespace
}  // namespace relais::calendar
