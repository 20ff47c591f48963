// relaisctl overview, institution, agreements: which institution needs somebody, how one is doing, and who may
// send what to whom.
#include <algorithm>
#include <memory>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using Show = std::function<Report(const Answer&)>;

struct OverviewWanted {
  fs::path data;
  std::string id;
};

Json colour_of(const Answer& thing) { return cell(thing.value("light", Answer::object()), "colour"); }

/// The codes of the reasons for its colour.
Json reasons_of(const Answer& thing) {
  Json list = Json::array();
  for (const auto& reason : thing.value("light", Answer::object()).value("reasons", Answer::array()))
    list.push_back(reason.value("code", ""));
  return list;
}

Table institutions_table(const Answer& institutions) {
  Table table{"institutions",
              "Institutions",
              {{"light", "light"},
               {"id", "institution"},
               {"name", "name"},
               {"queued", "queued", true},
               {"oldest", "oldest waits since"},
               {"parked", "parked", true},
               {"dead", "dead", true},
               {"referrals_open", "open referrals", true},
               {"adapters_connected", "adapters", true},
               {"reasons", "why"}},
              {}};
  for (const auto& one : institutions) {
    const auto& counts = one["real"];
    table.rows.push_back({colour_of(one), cell(one, "id"), cell(one, "name"), cell(counts, "queued"),
                          cell(one, "oldest"), cell(counts, "parked"), cell(counts, "dead"),
                          cell(counts, "referrals_open"), cell(one, "adapters_connected"), reasons_of(one)});
  }
  return table;
}

Report show_overview(const Answer& overview) {
  const auto& broker = overview["broker"];
  const auto& real = overview["totals"]["real"];
  const auto open = overview.value("open_referrals", Answer());
  const auto rates = overview.value("rates", Answer());
  const auto oldest = overview.value("oldest", Answer());
  const auto part = [](const Answer& whole, const char* key) { return whole.is_null() ? Json() : cell(whole, key); };
  Report report;
  report.fact("light", "broker", colour_of(broker))
      .fact("reasons", "why", reasons_of(broker))
      .fact("accepted_per_minute", "accepted a minute", part(rates, "accepted_per_minute"))
      .fact("delivered_per_minute", "delivered a minute", part(rates, "delivered_per_minute"))
      .fact("queued", "queued", cell(real, "queued"))
      .fact("parked", "parked", cell(real, "parked"))
      .fact("dead", "dead letters", cell(real, "dead"))
      .fact("oldest_institution", "the oldest waits for", part(oldest, "institution"))
      .fact("oldest_at", "since", part(oldest, "at"))
      .fact("referrals_open", "open referrals", cell(real, "referrals_open"))
      .fact("overdue", "with a missed deadline", part(open, "overdue"))
      .fact("orphans", "that nobody moves", part(open, "orphans"));
  report.table(institutions_table(overview["institutions"]));
  Table statuses{"by_status", "Open referrals by status", {{"status", "status"}, {"count", "count", true}}, {}};
  if (!open.is_null())
    for (const auto& [status, count] : open["by_status"].items()) statuses.rows.push_back({status, Json(count)});
  return report.table(std::move(statuses));
}

Report show_institution(const Answer& page) {
  Report report;
  report.fact("id", "institution", cell(page, "id"))
      .fact("name", "name", cell(page, "name"))
      .fact("kind", "kind", cell(page, "kind"))
      .fact("mission", "mission", cell(page, "mission"))
      .fact("communes", "communes", cell(page, "communes"))
      .fact("light", "light", colour_of(page))
      .fact("reasons", "why", reasons_of(page))
      .fact("oldest", "oldest waits since", cell(page, "oldest"));
  for (const char* key : {"queued", "parked", "dead", "discarded", "delivered", "sent", "referrals_sent",
                          "referrals_open", "appointments_booked"})
    report.fact(key, key, cell(page["real"], key));
  Table adapters{"adapters",
                 "Adapters",
                 {{"name", "adapter"},
                  {"version", "version"},
                  {"connected", "connected"},
                  {"since", "since"},
                  {"why", "why gone"}},
                 {}};
  add_rows(adapters, page["adapters"]);
  Table keys{
      "keys",
      "Keys",
      {{"use", "use"}, {"id", "key"}, {"state", "state"}, {"valid_from", "valid from"}, {"valid_until", "valid until"}},
      {}};
  add_rows(keys, page["keys"]);
  return report.table(std::move(adapters)).table(std::move(keys));
}

Report show_agreements(const Answer& answer) {
  const auto& network = answer["network"];
  Report report;
  report.fact("network", "network", cell(network, "id")).fact("network_version", "version", cell(network, "version"));
  Table table{"agreements",
              "Agreements",
              {{"id", "agreement"},
               {"name", "name"},
               {"state", "state"},
               {"valid_from", "valid from"},
               {"valid_until", "valid until"},
               {"directions", "directions"},
               {"purposes", "purposes"},
               {"open_referrals", "open referrals", true},
               {"messages", "messages", true},
               {"last_at", "the last at"}},
              {}};
  for (const auto& agreement : answer["agreements"]) {
    Json directions = Json::array(), purposes = Json::array();
    std::uint64_t messages = 0;
    std::string last_at;
    for (const auto& way : agreement["directions"]) {
      directions.push_back(way.value("from", "") + " > " + way.value("to", ""));
      messages += way.value("messages", std::uint64_t{0});
      if (way["last_at"].is_string()) last_at = std::max(last_at, way["last_at"].get<std::string>());
    }
    for (const auto& rule : agreement["purposes"]) purposes.push_back(rule.value("purpose", ""));
    table.rows.push_back({cell(agreement, "id"), cell(agreement, "name"), cell(agreement, "state"),
                          cell(agreement, "valid_from"), cell(agreement, "valid_until"), directions, purposes,
                          cell(agreement, "open_referrals"), messages, last_at.empty() ? Json() : Json(last_at)});
  }
  return report.table(std::move(table));
}

std::shared_ptr<OverviewWanted> add(CLI::App& command, Action& action, const char* path, Show show) {
  const auto wanted = std::make_shared<OverviewWanted>();
  add_data_option(command, wanted->data);
  command.callback([&action, wanted, path, show = std::move(show)] {
    action = [=](const Console& console) { return ask(wanted->data, path + wanted->id, {}, show, console); };
  });
  return wanted;
}

}  // namespace

void add_overview_commands(CLI::App& app, Action& action) {
  add(*app.add_subcommand("overview", "show which institution needs somebody, and why"), action, "/api/v1/overview",
      show_overview);
  auto* const institution =
      app.add_subcommand("institution", "show how one institution is doing: its queue, its adapters, its keys");
  const auto wanted = add(*institution, action, "/api/v1/institutions/", show_institution);
  institution->add_option("INSTITUTION", wanted->id, "its id in the network definition")->required()->type_name("");
  add(*app.add_subcommand("agreements", "show who may send what to whom, and what is open under it"), action,
      "/api/v1/agreements", show_agreements);
}

}  // namespace relais::cli
