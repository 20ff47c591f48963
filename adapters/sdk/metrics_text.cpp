#include "adapters/sdk/metrics_text.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace relais::sdk {

namespace {

struct Figure {
  const char* name;
  const char* help;
  bool counter;
  double value;
};

double seconds(const std::optional<base::Instant>& at) {
  return at ? static_cast<double>(base::to_ms(*at)) / 1'000 : 0;
}

std::vector<Figure> figures(const Health& h) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  return {
      {"relais_adapter_connected", "1 while a session with the broker is open.", false, h.connected ? 1.0 : 0.0},
      {"relais_adapter_ready", "1 while messages can flow.", false, h.ready() ? 1.0 : 0.0},
      {"relais_adapter_last_contact_seconds", "When the broker was last heard, since 1970.", false,
       seconds(h.last_contact)},
      {"relais_adapter_network_version", "Version of the network definition in use.", false, number(h.network_version)},
      {"relais_adapter_outbox_messages", "Submissions without a receipt.", false, number(h.outbox_messages)},
      {"relais_adapter_outbox_bytes", "Bytes of the submissions without a receipt.", false, number(h.outbox_bytes)},
      {"relais_adapter_outbox_oldest_seconds", "When the first of them was submitted, since 1970; 0: none.", false,
       seconds(h.outbox_oldest)},
      {"relais_adapter_refused_messages", "Refused submissions that nobody has looked at.", false,
       number(h.refused_messages)},
      {"relais_adapter_submitted_total", "Submissions written to the outbox.", true, number(h.submitted)},
      {"relais_adapter_receipts_total", "Receipts of the broker.", true, number(h.receipts)},
      {"relais_adapter_refusals_total", "Submissions refused for good.", true, number(h.refusals)},
      {"relais_adapter_refusals_retried_total", "Submissions refused and sent again.", true,
       number(h.refusals_retried)},
      {"relais_adapter_received_total", "Deliveries received.", true, number(h.received)},
      {"relais_adapter_handled_total", "Deliveries handled by the connector.", true, number(h.handled)},
      {"relais_adapter_repeated_total", "Deliveries that had been handled before.", true, number(h.repeated)},
      {"relais_adapter_retried_total", "Deliveries put off.", true, number(h.retried)},
      {"relais_adapter_rejected_total", "Deliveries rejected.", true, number(h.rejected)},
      {"relais_adapter_sessions_total", "Sessions opened.", true, number(h.sessions)},
      {"relais_adapter_not_carried_total", "Values that the mapping had no place for.", true, number(h.not_carried)},
      {"relais_adapter_store_failed", "1 while the disk refuses writes.", false, h.store_failed ? 1.0 : 0.0},
  };
}

/// Codes and endpoints hold nothing that JSON must escape but these two.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + '"';
}

std::string time(const std::optional<base::Instant>& at) { return at ? std::to_string(base::to_ms(*at)) : "null"; }

}  // namespace

std::string metrics_text(const Health& health, std::string_view adapter) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& figure : figures(health)) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"adapter", std::string(adapter)});
    (figure.counter ? metric.counter.value : metric.gauge.value) = figure.value;
    families.push_back({figure.name,
                        figure.help,
                        figure.counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                        {metric}});
  }
  return prometheus::TextSerializer().Serialize(families);
}

std::string health_json(const Health& h, std::string_view adapter) {
  const std::array<std::pair<const char*, std::string>, 26> members = {{
      {"adapter", in_quotes(adapter)},
      {"ready", h.ready() ? "true" : "false"},
      {"connected", h.connected ? "true" : "false"},
      {"endpoint", in_quotes(h.endpoint)},
      {"draining", h.draining ? "true" : "false"},
      {"last_contact_ms", time(h.last_contact)},
      {"network_version", std::to_string(h.network_version)},
      {"outbox_messages", std::to_string(h.outbox_messages)},
      {"outbox_bytes", std::to_string(h.outbox_bytes)},
      {"outbox_oldest_ms", time(h.outbox_oldest)},
      {"refused_messages", std::to_string(h.refused_messages)},
      {"submitted", std::to_string(h.submitted)},
      {"receipts", std::to_string(h.receipts)},
      {"refusals", std::to_string(h.refusals)},
      {"refusals_retried", std::to_string(h.refusals_retried)},
      {"received", std::to_string(h.received)},
      {"handled", std::to_string(h.handled)},
      {"repeated", std::to_string(h.repeated)},
      {"retried", std::to_string(h.retried)},
      {"rejected", std::to_string(h.rejected)},
      {"sessions", std::to_string(h.sessions)},
      {"not_carried", std::to_string(h.not_carried)},
      {"last_error", in_quotes(h.last_error)},
      {"last_error_at_ms", time(h.last_error_at)},
      {"store_failed", h.store_failed ? "true" : "false"},
      {"version", in_quotes(RELAIS_VERSION)},
  }};
  std::string text = "{";
  for (const auto& [name, value] : members) text += fmt::format("{}\"{}\":{}", text.size() > 1 ? "," : "", name, value);
  return text + "}\n";
}

}  // namespace relais::sdk
