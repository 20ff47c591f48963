#include "adapters/calendar/config.h"

#include <set>

#include "adapters/sdk/secret_file.h"
#include "adapters/sdk/served_institutions.h"

namespace relais::calendar {

namespace {

using base::TableReader;
using std::chrono::milliseconds;
using std::filesystem::path;

constexpr std::string_view kWordsAllowed =
    "{service}, {place}, {reference}, {sender}, {purpose}, {mode}, {family_name}, {given_names}";

template <class Value>
using Choices = std::initializer_list<std::pair<std::string_view, Value>>;

template <class Value>
void choose(TableReader& table, std::string_view key, Choices<Value> choices, Value& value) {
  const auto word = table.text(key);
  if (word.empty()) return;
  std::string allowed;
  for (const auto& [name, meaning] : choices) {
    if (name == word) {
      value = meaning;
      return;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  table.fault(key, key, "is none of the words that stand for something", allowed);
}

void duration(TableReader& table, std::string_view key, milliseconds& value, milliseconds least, milliseconds most,
              std::string_view allowed) {
  const auto read = table.duration(key);
  if (read == 0) return;
  value = milliseconds(read);
  if (value < least || value > most) table.fault(key, key, "is too short or too long", std::string(allowed));
}

void read_server(TableReader& table, const path& folder, CalDavOptions& server) {
  const auto url = table.text("url");
  const auto target = http::read_target(url);
  const bool plain = table.boolean("plain_http");
  if (!target)
    table.fault("url", "url", url.empty() ? "is missing" : "is not a web address",
                "https://host[:port]/path/ of the calendar itself");
  else if (!target->path.ends_with('/'))
    table.fault("url", "url", "is not a collection", "an address that ends with /");
  else if (!target->secure && !target->loopback && !plain)
    table.fault("url", "url", "sends a password in the clear", "https, or plain_http = true in a closed network");
  if (target) server.collection = *target;
  server.user = table.text("user");
  const auto file = table.text("password_file");
  if (server.user.empty() != file.empty())
    table.fault("user", "user", "needs its password, and the password needs it", "user and password_file, or neither");
  if (!file.empty()) {
    if (auto password = sdk::read_secret_line((folder / file).lexically_normal()))
      server.password = std::move(*password);
    else
      table.fault("password_file", "password_file", password.refusal().english(), "a file of mode 0600");
  }
  if (const auto ca = table.text("ca_file"); !ca.empty()) {
    server.ca_file = (folder / ca).lexically_normal();
    if (!std::filesystem::is_regular_file(server.ca_file))
      table.fault("ca_file", "ca_file", "is not a file", "certificates in PEM form");
  }
  duration(table, "timeout", server.timeout, std::chrono::seconds(1), std::chrono::minutes(5), "1s to 5m");
}

void read_marks(TableReader& table, std::string_view key, std::vector<Mark>& marks) {
  for (const auto& text : table.texts(key)) {
    if (const auto mark = read_mark(text))
      marks.push_back(*mark);
    else
      table.fault(key, key, "holds what is no mark", "CATEGORIES:value or X-NAME:value");
  }
}

void read_template(TableReader& table, std::string_view key, std::string& text) {
  if (const auto read = table.text(key); !read.empty()) text = read;
  if (const auto word = unknown_word(text))
    table.fault(key, key, "holds a word that stands for nothing: {" + *word + "}", std::string(kWordsAllowed));
}

CalendarConfig read_calendar(TableReader& table, const path& folder) {
  CalendarConfig calendar;
  calendar.institution = table.text("institution");
  if (calendar.institution.empty())
    table.fault("institution", "institution", "is missing", "the id of an institution that this adapter serves");
  read_server(table, folder, calendar.server);
  if (const auto zone = table.text("zone"); !zone.empty()) calendar.rules.zone = zone;
  if (!known_ical_zone(calendar.rules.zone))
    table.fault("zone", "zone", "is unknown to this machine", "a name of the zones' database, such as Europe/Paris");
  read_marks(table, "fulfilled", calendar.rules.fulfilled);
  read_marks(table, "no_show", calendar.rules.no_show);
  for (const auto& one : calendar.rules.fulfilled)
    for (const auto& other : calendar.rules.no_show)
      if (one.property == other.property && upper(one.value) == upper(other.value))
        table.fault("no_show", "no_show", "holds a mark that stands in fulfilled, too", "a mark of its own for each");
  choose<Referrals>(table, "referrals",
                    {{"refuse", Referrals::refuse}, {"receive", Referrals::receive}, {"accept", Referrals::accept}},
                    calendar.referrals);
  choose<bool>(table, "cancelled", {{"mark", false}, {"remove", true}}, calendar.remove_cancelled);
  choose<v1::CancelledBy>(table, "cancelled_by",
                          {{"institution", v1::CANCELLED_BY_INSTITUTION}, {"person", v1::CANCELLED_BY_PERSON}},
                          calendar.cancelled_by);
  choose<v1::CancellationReason>(table, "cancelled_reason",
                                 {{"no_longer_needed", v1::CANCELLATION_REASON_NO_LONGER_NEEDED},
                                  {"person_withdrew", v1::CANCELLATION_REASON_PERSON_WITHDREW},
                                  {"sent_by_mistake", v1::CANCELLATION_REASON_SENT_BY_MISTAKE},
                                  {"service_unavailable", v1::CANCELLATION_REASON_SERVICE_UNAVAILABLE},
                                  {"person_unavailable", v1::CANCELLATION_REASON_PERSON_UNAVAILABLE},
                                  {"other", v1::CANCELLATION_REASON_OTHER}},
                                 calendar.cancelled_reason);
  duration(table, "look_every", calendar.look_every, std::chrono::seconds(1), std::chrono::hours(1), "1s to 1h");
  duration(table, "retry_first", calendar.retry_first, std::chrono::seconds(1), std::chrono::minutes(10), "1s to 10m");
  if (auto event = table.table("event")) {
    read_template(*event, "summary", calendar.event.summary);
    read_template(*event, "place", calendar.event.place);
    read_template(*event, "description", calendar.event.description);
    event->finish();
  }
  return calendar;
}

}  // namespace

std::vector<CalendarConfig> read_calendars(TableReader& whole, const path& folder) {
  std::vector<CalendarConfig> calendars;
  std::set<std::string> institutions;
  std::set<std::string> collections;
  whole.tables("exchange", "exchange", [&](TableReader& table, int) {
    calendars.push_back(read_calendar(table, folder));
    const auto& calendar = calendars.back();
    if (!institutions.insert(calendar.institution).second)
      table.fault("institution", "institution", "has a calendar already", "one [[exchange]] for each institution");
    const auto collection = calendar.server.collection.origin + plain_href(calendar.server.collection.path);
    if (!collections.insert(collection).second)
      table.fault("url", "url", "stands twice", "a calendar of its own for each institution");
  });
  if (calendars.empty()) whole.fault("exchange", "exchange", "is missing", "at least one table [[exchange]]");
  return calendars;
}

base::Status fit_to(const sdk::AdapterConfig& adapter, const std::vector<CalendarConfig>& calendars) {
  return sdk::exchanges_fit(adapter, calendars);
}

}  // namespace relais::calendar
