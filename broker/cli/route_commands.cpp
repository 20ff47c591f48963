// relaisctl route: where a referral would go, and why, from a network definition alone.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "broker/base/clock.h"
#include "broker/base/time_text.h"
#include "broker/cli/console.h"
#include "broker/cli/network_files.h"
#include "broker/core/routing.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using core::Fit;

struct RouteWanted {
  fs::path network;
  v1::RouteQuery question;
};

std::string_view reason(Fit fit) {
  switch (fit) {
    case Fit::own:
      return "its own";
    case Fit::other_need:
      return "another need";
    case Fit::elsewhere:
      return "does not cover the commune";
    case Fit::no_agreement:
      return "no agreement for this purpose now";
    case Fit::full:
      return "full, and another has room";
    case Fit::taken:
      return "takes it";
  }
  return {};
}

Table offers_table(const core::Routing& routing) {
  Table table{"offers",
              "Compared",
              {{"institution", "INSTITUTION"},
               {"service", "SERVICE"},
               {"name", "NAME"},
               {"capacity", "CAPACITY"},
               {"agreement", "AGREEMENT"},
               {"fit", "FIT"},
               {"reason", "REASON"}},
              {}};
  for (const auto& offer : routing.offers) {
    if (offer.fit == Fit::other_need || offer.fit == Fit::own) continue;
    const auto* service = offer.service;
    table.rows.push_back({offer.institution->id(), service == nullptr ? Json() : Json(service->id()),
                          service == nullptr ? offer.institution->name() : service->name(),
                          service == nullptr ? Json() : Json(core::capacity_name(service->capacity())),
                          offer.agreement == nullptr ? Json() : Json(offer.agreement->id()), core::fit_name(offer.fit),
                          reason(offer.fit)});
  }
  return table;
}

std::size_t count(const core::Routing& routing, Fit fit) {
  return static_cast<std::size_t>(std::ranges::count(routing.offers, fit, &core::Offer::fit));
}

int route(const RouteWanted& wanted, const Console& console) {
  auto loaded = load_network(wanted.network);
  if (!loaded.violations.empty()) return console.violations(wanted.network.string(), loaded.violations);
  const core::Directory directory(std::move(loaded.definition));
  const auto now = base::SystemClock().now();
  const auto routing = core::find_route(directory, core::Territory::france(), wanted.question, now);
  if (!routing) return console.refuse(routing.refusal());

  Report report;
  const auto found = routing->route();
  std::string verdict = "routed";
  if (!found)
    verdict = std::string(base::info(count(*routing, Fit::taken) == 0 ? base::RefusalCode::route_none
                                                                      : base::RefusalCode::route_ambiguous)
                              .name);
  report.fact("verdict", "verdict", verdict);
  report.fact("recipient", "recipient", found ? Json(found->institution->id()) : Json());
  report.fact("service", "service", found && found->service != nullptr ? Json(found->service->id()) : Json());
  report.fact("agreement", "agreement", found ? Json(found->agreement->id()) : Json());
  report.fact("commune", "commune today", routing->commune.empty() ? Json() : Json(routing->commune));
  report.fact("at", "at", base::date_time_text(now));
  report.fact("other_need", "for other needs", count(*routing, Fit::other_need));
  report.fact("own", "the asker's own", count(*routing, Fit::own));
  report.table(offers_table(*routing));
  const int shown = console.show(report);
  return found ? shown : kRefused;
}

}  // namespace

void add_route_commands(CLI::App& app, Action& action) {
  auto* const command = app.add_subcommand("route", "show where a referral would go, and why; asks no broker");
  const auto wanted = std::make_shared<RouteWanted>();
  const auto text = [command](const char* name, const char* help, std::string* (*field)(v1::RouteQuery*),
                              v1::RouteQuery* question) {
    return command->add_option_function<std::string>(
        name, [=](const std::string& value) { *field(question) = value; }, help);
  };
  command->add_option("--network", wanted->network, "directory of TOML files")
      ->required()
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->type_name("DIR");
  auto* const question = &wanted->question;
  text(
      "--from", "institution that refers", [](v1::RouteQuery* q) { return q->mutable_institution(); }, question)
      ->required()
      ->type_name("ID");
  text(
      "--purpose", "purpose of the referral", [](v1::RouteQuery* q) { return q->mutable_purpose(); }, question)
      ->required()
      ->type_name("ID");
  text(
      "--need", "thematic of data·inclusion, or a family of them; without: whoever has an agreement for the purpose",
      [](v1::RouteQuery* q) { return q->mutable_service_need(); }, question)
      ->type_name("CODE");
  text(
      "--commune", "INSEE code of the person's commune; without: anywhere",
      [](v1::RouteQuery* q) { return q->mutable_commune(); }, question)
      ->type_name("CODE");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return route(*wanted, c); }; });
}

}  // namespace relais::cli
