// relaisctl digest, indicators, statement: what happened on a day, what may be published of a month, what was rendered
// under an agreement.
#include <memory>

#include <fmt/format.h>

#include "broker/base/clock.h"
#include "broker/base/time_text.h"
#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

base::Result<Answer> answer_of(const fs::path& data, const std::string& path, const Parameters& parameters) {
  const auto client = BrokerClient::of(data);
  if (!client) return client.refusal();
  return client->get(path, parameters);
}

struct DigestWanted {
  fs::path data;
  std::string day;
};

int digest(const DigestWanted& wanted, const Console& console) {
  const auto yesterday = base::date_text(base::SystemClock().now() - std::chrono::hours(24));
  const auto answer = answer_of(wanted.data, "/api/v1/digest", {{"day", wanted.day.empty() ? yesterday : wanted.day}});
  if (!answer) return console.refuse(answer.refusal());
  Table table{"institutions",
              "Institutions",
              {{"institution", "institution"},
               {"requested", "requested", true},
               {"received", "received", true},
               {"accepted", "accepted", true},
               {"rejected", "rejected", true},
               {"completed", "completed", true},
               {"handed_on", "handed on", true},
               {"expired", "expired", true},
               {"booked", "booked", true},
               {"no_shows", "no-shows", true},
               {"deadlines_missed", "deadlines missed", true},
               {"dead_letters", "dead letters", true}},
              {}};
  add_rows(table, (*answer)["institutions"]);
  return console.show(Report().fact("day", "day", cell(*answer, "day")).table(std::move(table)));
}

struct IndicatorsWanted {
  fs::path data;
  std::string month;
};

/// Cells are empty where a count may not be shown: somebody could be recognised.
std::vector<Json> indicator_row(const Answer& group, const std::string& name) {
  const auto& referrals = group["referrals"];
  const auto& appointments = group["appointments"];
  return {name,
          cell(referrals, "total"),
          cell(referrals, "open"),
          cell(referrals, "connected"),
          cell(referrals, "not_connected"),
          cell(referrals, "rejected"),
          cell(referrals, "ended_otherwise"),
          cell(appointments, "total"),
          cell(appointments, "expected"),
          cell(appointments, "kept"),
          cell(appointments, "no_show"),
          cell(appointments, "cancelled"),
          cell(group, "days_to_decision"),
          cell(group, "days_to_appointment"),
          cell(group, "days_to_end")};
}

int indicators(const IndicatorsWanted& wanted, const Console& console) {
  const auto answer = answer_of(wanted.data, "/api/v1/indicators", {{"month", wanted.month}});
  if (!answer) return console.refuse(answer.refusal());
  Report report;
  report.fact("month", "month", cell(*answer, "month"))
      .fact("hidden", "an empty count", "is too small to be shown, or would give away one that is");
  for (const auto& breakdown : (*answer)["breakdowns"]) {
    const auto by = breakdown.value("by", "");
    Table table{by,
                "By " + by,
                {{"name", by},
                 {"referrals", "referrals", true},
                 {"open", "open", true},
                 {"connected", "connected", true},
                 {"not_connected", "not connected", true},
                 {"rejected", "rejected", true},
                 {"ended_otherwise", "ended otherwise", true},
                 {"appointments", "appointments", true},
                 {"expected", "expected", true},
                 {"kept", "kept", true},
                 {"no_show", "no-show", true},
                 {"cancelled", "cancelled", true},
                 {"days_to_decision", "days to decision", true},
                 {"days_to_appointment", "to appointment", true},
                 {"days_to_end", "to end", true}},
                {}};
    for (const auto& group : breakdown["groups"]) {
      const auto name = group.value("name", "");
      table.rows.push_back(indicator_row(group, name.empty() ? "not named" : name));
    }
    table.rows.push_back(indicator_row(breakdown["total"], "total"));
    report.table(std::move(table));
  }
  return console.show(report);
}

struct StatementWanted {
  fs::path data;
  std::string agreement;
  std::string from;
  std::string until;
  bool csv = false;
};

/// "1234.50", as spreadsheets of every language read it.
std::string euros(std::int64_t cents) { return fmt::format("{}.{:02}", cents / 100, cents % 100); }

/// Ids, codes and times only: nothing in it needs quotes.
std::string as_csv(const Answer& statement) {
  std::string text = "completed_at;referral_id;from;acting;to;purpose;outcome;price_eur\r\n";
  for (const auto& line : statement["lines"])
    text +=
        fmt::format("{};{};{};{};{};{};{};{}\r\n", line.value("completed_at", ""), line.value("referral_id", ""),
                    line.value("from", ""), line.value("acting", ""), line.value("to", ""), line.value("purpose", ""),
                    line.value("outcome", ""), euros(statement.value("unit_price_cents", std::int64_t{0})));
  return text;
}

int statement(const StatementWanted& wanted, const Console& console) {
  const auto answer = answer_of(wanted.data, "/api/v1/statement",
                                {{"agreement", wanted.agreement}, {"from", wanted.from}, {"until", wanted.until}});
  if (!answer) return console.refuse(answer.refusal());
  if (wanted.csv) return console.print(as_csv(*answer), true);
  Report report;
  report.fact("agreement", "agreement", cell(*answer, "agreement"))
      .fact("name", "name", cell(*answer, "name"))
      .fact("legal_basis", "legal basis", cell(*answer, "legal_basis"))
      .fact("from", "from", cell(*answer, "from"))
      .fact("until", "until", cell(*answer, "until"))
      .fact("services", "services rendered", cell(*answer, "services"))
      .fact("unit_price_eur", "unit price (EUR)", euros(answer->value("unit_price_cents", std::int64_t{0})))
      .fact("total_eur", "total (EUR)", euros(answer->value("total_cents", std::int64_t{0})));
  Table table{"lines",
              "Services",
              {{"completed_at", "completed"},
               {"referral_id", "referral"},
               {"from", "from"},
               {"acting", "acting"},
               {"to", "to"},
               {"purpose", "purpose"},
               {"outcome", "outcome"}},
              {}};
  add_rows(table, (*answer)["lines"]);
  return console.show(report.table(std::move(table)));
}

}  // namespace

void add_statistics_commands(CLI::App& app, Action& action) {
  auto* const told = app.add_subcommand("digest", "what happened on one day, by institution: for its own debriefing");
  const auto digest_wanted = std::make_shared<DigestWanted>();
  add_data_option(*told, digest_wanted->data);
  told->add_option("--day", digest_wanted->day, "as in 2026-01-31; yesterday unless given");
  told->callback([&action, digest_wanted] { action = [=](const Console& c) { return digest(*digest_wanted, c); }; });

  auto* const published = app.add_subcommand(
      "indicators", "what may be published of a month: no group in which anybody could be recognised");
  const auto indicators_wanted = std::make_shared<IndicatorsWanted>();
  add_data_option(*published, indicators_wanted->data);
  published->add_option("--month", indicators_wanted->month, "as in 2026-01; one that is over")->required();
  published->callback(
      [&action, indicators_wanted] { action = [=](const Console& c) { return indicators(*indicators_wanted, c); }; });

  auto* const rendered = app.add_subcommand("statement", "the services rendered under an agreement, and their price");
  const auto statement_wanted = std::make_shared<StatementWanted>();
  add_data_option(*rendered, statement_wanted->data);
  rendered->add_option("--agreement", statement_wanted->agreement, "its id in the network definition")->required();
  rendered->add_option("--from", statement_wanted->from, "first day, as in 2026-01-31")->required();
  rendered->add_option("--until", statement_wanted->until, "last day")->required();
  rendered->add_flag("--csv", statement_wanted->csv, "lines for a spreadsheet");
  rendered->callback(
      [&action, statement_wanted] { action = [=](const Console& c) { return statement(*statement_wanted, c); }; });
}

}  // namespace relais::cli
