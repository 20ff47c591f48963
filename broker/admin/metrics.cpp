#include "broker/admin/metrics.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "broker/admin/lights.h"
#include "broker/admin/presence.h"

namespace relais::admin {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  MetricFamily& add(std::string name, std::string help, MetricType type) {
    auto& family = families_.emplace_back();
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    return family;
  }

  static void value(MetricFamily& family, double number, std::vector<ClientMetric::Label> labels = {}) {
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    if (family.type == MetricType::Counter)
      metric.counter.value = number;
    else
      metric.gauge.value = number;
  }

  void gauge(std::string name, std::string help, double number) {
    value(add(std::move(name), std::move(help), MetricType::Gauge), number);
  }
  void counter(std::string name, std::string help, std::uint64_t number) {
    value(add(std::move(name), std::move(help), MetricType::Counter), static_cast<double>(number));
  }

  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

double seconds(base::Instant::duration duration) { return std::chrono::duration<double>(duration).count(); }

void add_queues(Families& families, const std::vector<engine::QueueReport>& reports, base::Instant now) {
  struct Figure {
    const char* name;
    const char* help;
    MetricType type;
    std::uint64_t (v1::Counts::*read)() const;
  };
  const Figure figures[] = {
      {"relais_messages_sent_total", "Messages accepted from the institution", MetricType::Counter, &v1::Counts::sent},
      {"relais_messages_delivered_total", "Messages acknowledged by the institution's adapters", MetricType::Counter,
       &v1::Counts::delivered},
      {"relais_queue_messages", "Messages waiting for the institution", MetricType::Gauge, &v1::Counts::queued},
      {"relais_parked_messages", "Messages waiting for their next attempt", MetricType::Gauge, &v1::Counts::parked},
      {"relais_dead_letters", "Dead letters of the institution", MetricType::Gauge, &v1::Counts::dead},
      {"relais_referrals_sent_total", "Referrals opened by the institution", MetricType::Counter,
       &v1::Counts::referrals_sent},
      {"relais_referrals_open", "Referrals of the institution whose loop is not closed", MetricType::Gauge,
       &v1::Counts::referrals_open},
      {"relais_appointments_booked_total", "Appointments booked with the institution", MetricType::Counter,
       &v1::Counts::appointments_booked},
  };
  for (const auto& figure : figures) {
    auto& family = families.add(figure.name, figure.help, figure.type);
    for (const auto& report : reports)
      for (const bool exercise : {false, true}) {
        const auto& counts = exercise ? report.counts.exercise() : report.counts.real();
        Families::value(family, static_cast<double>((counts.*figure.read)()),
                        {{"institution", report.institution}, {"exercise", exercise ? "true" : "false"}});
      }
  }
  auto& age = families.add("relais_queue_oldest_seconds", "Age of the oldest message waiting for the institution",
                           MetricType::Gauge);
  for (const auto& report : reports) {
    const auto waited = report.oldest ? seconds(now - *report.oldest) : 0.0;
    Families::value(age, waited, {{"institution", report.institution}});
  }
}

void add_pauses(Families& families, const std::vector<engine::QueueReport>& reports) {
  auto& paused =
      families.add("relais_institution_paused", "1 while deliveries to the institution are paused", MetricType::Gauge);
  for (const auto& report : reports)
    Families::value(paused, report.paused() ? 1.0 : 0.0, {{"institution", report.institution}});
}

void add_presence(Families& families, const std::vector<engine::QueueReport>& reports, const Sources& sources,
                  base::Instant now) {
  const auto adapters = sources.adapters();
  std::vector<std::pair<double, double>> figures;  // connected, silent for so long
  for (const auto& report : reports) {
    const auto presence = presence_of(adapters, report.institution, sources.started_at);
    figures.emplace_back(static_cast<double>(presence.connected),
                         presence.connected > 0 ? 0.0 : std::max(0.0, seconds(now - presence.last_seen)));
  }
  auto& connected =
      families.add("relais_adapters_connected", "Adapters of the institution with an open session", MetricType::Gauge);
  for (std::size_t i = 0; i < reports.size(); ++i)
    Families::value(connected, figures[i].first, {{"institution", reports[i].institution}});
  auto& silence =
      families.add("relais_silence_seconds",
                   "Since the last adapter of the institution went, or the broker started; 0 while one is connected",
                   MetricType::Gauge);
  for (std::size_t i = 0; i < reports.size(); ++i)
    Families::value(silence, figures[i].second, {{"institution", reports[i].institution}});
}

template <class Counts>
double count_of(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0.0 : static_cast<double>(found->second);
}

void add_deadlines(Families& families, const std::vector<engine::QueueReport>& reports,
                   const std::map<std::string, std::uint64_t>& missed_since_start,
                   const std::optional<Census>& census) {
  auto& missed =
      families.add("relais_deadlines_missed_total", "Deadlines that the institution let pass", MetricType::Counter);
  for (const auto& report : reports)
    Families::value(missed, count_of(missed_since_start, report.institution), {{"institution", report.institution}});
  auto& overdue = families.add("relais_referrals_overdue",
                               "Open referrals that the institution is accountable for and of which a deadline passed",
                               MetricType::Gauge);
  if (!census) return;
  for (const auto& report : reports)
    Families::value(overdue, count_of(census->tally.overdue, report.institution),
                    {{"institution", report.institution}});
}

void add_keys(Families& families, const v1::NetworkDefinition& network, base::Instant now) {
  auto& left =
      families.add("relais_key_remaining_seconds",
                   "Time until no key of the institution for this use counts; 0: none does", MetricType::Gauge);
  const auto add = [&](const auto& institution, const auto& keys, const char* use) {
    const auto end = keys_end(keys, now);
    Families::value(left,
                    !end                           ? 0.0
                    : *end == base::Instant::max() ? std::numeric_limits<double>::infinity()
                                                   : seconds(*end - now),
                    {{"institution", institution.id()}, {"use", use}});
  };
  for (const auto& institution : network.institutions()) {
    add(institution, institution.transport_keys(), "transport");
    add(institution, institution.signing_keys(), "signing");
    add(institution, institution.sealing_keys(), "sealing");
  }
}

}  // namespace

std::string metrics_text(const Sources& sources, const History& history) {
  Families families;
  const auto engine = sources.engine.figures();
  const auto connections = sources.connections();
  families.counter("relais_submissions_total", "Submissions looked at by the engine", engine.machine.submissions);
  families.counter("relais_repeats_total", "Submissions seen before, answered with the first receipt",
                   engine.machine.repeats);
  families.counter("relais_deliveries_total", "Deliveries handed to adapters, repeated ones included",
                   engine.machine.deliveries);
  families.counter("relais_acknowledgements_total", "Deliveries acknowledged", engine.machine.acknowledged);
  families.counter("relais_retries_total", "Deliveries put off", engine.machine.retries);
  families.counter("relais_dead_total", "Deliveries given up", engine.machine.dead);
  families.counter("relais_records_total", "Journal records written", engine.machine.records);
  auto& refusals = families.add("relais_refusals_total", "Refusals by code", MetricType::Counter);
  for (const auto& [code, count] : engine.machine.refusals)
    Families::value(refusals, static_cast<double>(count), {{"code", code}});
  families.gauge("relais_out_for_delivery", "Deliveries without an answer yet", static_cast<double>(engine.leases));
  families.gauge("relais_inputs_waiting", "Frames waiting for the engine", static_cast<double>(engine.inputs_waiting));
  families.gauge("relais_journal_position", "Last durable journal position", static_cast<double>(engine.durable));
  families.gauge("relais_disk_full", "1 while nothing new is taken for want of room", engine.disk_full ? 1 : 0);
  families.gauge("relais_disk_free_bytes", "Free space under the store",
                 static_cast<double>(sources.store.free_bytes()));
  families.gauge("relais_sessions", "Open sessions of adapters", static_cast<double>(connections.sessions_open));
  families.counter("relais_frames_received_total", "Frames from adapters", connections.frames_received);
  families.counter("relais_frames_sent_total", "Frames to adapters", connections.frames_sent);
  families.counter("relais_frames_refused_total", "Frames that could not be read", connections.frames_refused);
  families.counter("relais_handshakes_refused_total", "Connections with an unknown key",
                   connections.handshakes_refused);
  families.gauge("relais_start_time_seconds", "When the broker started, since 1970",
                 static_cast<double>(base::to_ms(sources.started_at)) / 1'000);
  families.gauge("relais_draining", "1 while the broker takes nothing new because it is to stop",
                 sources.draining() ? 1 : 0);
  const auto reports = engine::Reports(sources.store);
  const auto network = reports.network();
  families.gauge("relais_network_version", "Version of the network definition in force; 0: none",
                 network ? static_cast<double>(network->version()) : 0);
  const auto queues = reports.queues();
  const auto now = sources.clock.now();
  add_queues(families, queues, now);
  add_pauses(families, queues);
  add_presence(families, queues, sources, now);
  add_deadlines(families, queues, engine.machine.deadlines_missed, history.census());
  add_keys(families, network.value_or(v1::NetworkDefinition()), now);
  return families.text();
}

}  // namespace relais::admin
