// relaisctl status, queues, trace, referral, slots, console: what a running broker is doing.
#include <memory>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using Show = std::function<Report(const Answer&)>;

Report show_status(const Answer& status) {
  Report report;
  report.fact("version", "version", cell(status, "version"))
      .fact("endpoint", "endpoint", cell(status, "endpoint"))
      .fact("started_at", "started", cell(status, "started_at"))
      .fact("network", "network", status["network"].is_null() ? Json() : Json(status["network"].value("id", "")))
      .fact("network_version", "network version",
            status["network"].is_null() ? Json() : Json(status["network"].value("version", 0)))
      .fact("sessions", "sessions of adapters", cell(status, "sessions"))
      .fact("out_for_delivery", "out for delivery", cell(status, "out_for_delivery"))
      .fact("inputs_waiting", "frames waiting", cell(status, "inputs_waiting"))
      .fact("draining", "draining", cell(status, "draining"))
      .fact("disk_full", "disk full", cell(status, "disk_full"))
      .fact("disk_free_bytes", "free disk bytes", cell(status, "disk_free_bytes"))
      .fact("position", "journal position", cell(status, "position"))
      .fact("chain_hash", "chain hash", cell(status, "chain_hash"));
  Table refusals{"refusals", "Refusals since the start", {{"code", "code"}, {"count", "count", true}}, {}};
  for (const auto& [code, count] : status["refusals"].items()) refusals.rows.push_back({code, Json(count)});
  return report.table(std::move(refusals));
}

/// Null unless a pause is in force.
Json paused_until(const Answer& queue) {
  const auto pause = queue.find("pause");
  if (pause == queue.end() || pause->is_null() || !pause->value("in_force", false)) return {};
  return cell(*pause, "until");
}

Report show_queues(const Answer& answer) {
  Table table{"queues",
              "Queues",
              {{"institution", "institution"},
               {"exercise", "exercise"},
               {"paused_until", "paused until"},
               {"queued", "queued", true},
               {"oldest_seconds", "oldest (s)", true},
               {"parked", "parked", true},
               {"dead", "dead", true},
               {"delivered", "delivered", true},
               {"sent", "sent", true},
               {"referrals_open", "open referrals", true}},
              {}};
  for (const auto& queue : answer["queues"])
    for (const char* half : {"real", "exercise"}) {
      const auto& counts = queue[half];
      const bool exercise = half == std::string("exercise");
      // Exercises are shown apart, and only where there were some.
      if (exercise && counts.value("sent", 0) == 0 && counts.value("delivered", 0) == 0 &&
          counts.value("queued", 0) == 0)
        continue;
      table.rows.push_back({cell(queue, "institution"), exercise, paused_until(queue), cell(counts, "queued"),
                            exercise ? Json() : cell(queue, "oldest_seconds"), cell(counts, "parked"),
                            cell(counts, "dead"), cell(counts, "delivered"), cell(counts, "sent"),
                            cell(counts, "referrals_open")});
    }
  return Report().table(std::move(table));
}

Report show_trace(const Answer& trace) {
  Report report;
  for (const char* key :
       {"message_id", "kind", "sender", "purpose", "referral_id", "case_id", "trace_parent", "exercise", "position"})
    report.fact(key, key, cell(trace, key));
  Table deliveries{"deliveries",
                   "Deliveries",
                   {{"recipient", "recipient"},
                    {"state", "state"},
                    {"at", "at"},
                    {"attempts", "attempts", true},
                    {"reason", "reason"}},
                   {}};
  add_rows(deliveries, trace["deliveries"]);
  Table steps{"steps",
              "Steps",
              {{"at", "at"},
               {"position", "position", true},
               {"event", "event"},
               {"recipient", "recipient"},
               {"detail", "detail"}},
              {}};
  add_rows(steps, trace["steps"]);
  return report.table(std::move(deliveries)).table(std::move(steps));
}

Report show_referral(const Answer& referral) {
  Report report;
  for (const char* key : {"referral_id", "case_id", "status", "closed", "sender", "recipient", "holder", "deadline",
                          "purpose", "agreement", "exercise", "opened_at"})
    report.fact(key, key, cell(referral, key));
  Table table{"appointments",
              "Appointments",
              {{"appointment_id", "appointment"}, {"status", "status"}, {"start", "start"}, {"end", "end"}},
              {}};
  add_rows(table, referral["appointments"]);
  return report.table(std::move(table));
}

Report show_slots(const Answer& answer) {
  Table table{"slots",
              "Slots",
              {{"institution", "institution"},
               {"slot_id", "slot"},
               {"service", "service"},
               {"location", "location"},
               {"start", "start"},
               {"end", "end"},
               {"open", "open"},
               {"withdrawn", "withdrawn"},
               {"capacity", "capacity", true},
               {"taken", "taken", true},
               {"free", "free", true}},
              {}};
  add_rows(table, answer["slots"]);
  return Report().fact("more", "there are more", cell(answer, "more")).table(std::move(table));
}

int show_console(const fs::path& data, const Console& console) {
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  // A broker that has ended leaves its address behind.
  if (const auto answer = client->get("/api/v1/status"); !answer) return console.refuse(answer.refusal());
  return console.show(Report().fact("console", "console", client->console_address()));
}

struct StatusWanted {
  fs::path data;
  std::string id;
};

void add(CLI::App& app, Action& action, const char* name, const char* help, const char* path, Show show,
         const char* id_help = nullptr) {
  auto* const command = app.add_subcommand(name, help);
  const auto wanted = std::make_shared<StatusWanted>();
  add_data_option(*command, wanted->data);
  if (id_help != nullptr) command->add_option("ID", wanted->id, id_help)->required()->type_name("");
  command->callback([&action, wanted, path, show = std::move(show)] {
    action = [=](const Console& console) { return ask(wanted->data, path + wanted->id, {}, show, console); };
  });
}

void add_slots(CLI::App& app, Action& action) {
  auto* const command =
      app.add_subcommand("slots", "show the slots of an institution, or of all: when, where, places taken and free");
  const auto wanted = std::make_shared<StatusWanted>();
  add_data_option(*command, wanted->data);
  command->add_option("ID", wanted->id, "institution")->type_name("");
  command->callback([&action, wanted] {
    action = [=](const Console& console) {
      return ask(wanted->data, "/api/v1/slots", {{"institution", wanted->id}}, show_slots, console);
    };
  });
}

}  // namespace

void add_status_commands(CLI::App& app, Action& action) {
  add(app, action, "status", "show what the broker is doing", "/api/v1/status", show_status);
  add(app, action, "queues", "show the queue of each institution", "/api/v1/queues", show_queues);
  add(app, action, "trace", "follow one message through every step, with times", "/api/v1/messages/", show_trace,
      "message id");
  add(app, action, "referral", "show where a referral stands", "/api/v1/referrals/", show_referral, "referral id");
  add_slots(app, action);
  auto* const opened =
      app.add_subcommand("console", "show the address of the web console; whoever has it is signed in");
  const auto wanted = std::make_shared<StatusWanted>();
  add_data_option(*opened, wanted->data);
  opened->callback(
      [&action, wanted] { action = [wanted](const Console& console) { return show_console(wanted->data, console); }; });
}

}  // namespace relais::cli
