#include "broker/admin/json.h"

#include <fmt/chrono.h>

#include "broker/base/ids.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

/// A number written with exactly `digits` digits at `at`; empty for anything else.
std::optional<unsigned> digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  unsigned value = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

nlohmann::json deliveries_json(const v1::MessageRow& row) {
  auto list = nlohmann::json::array();
  for (const auto& delivery : row.deliveries())
    list.push_back({{"recipient", delivery.recipient()},
                    {"state", engine::views::delivery_state_name(delivery.state())},
                    {"at", time_or_null(delivery.at_ms())},
                    {"attempts", delivery.attempts()},
                    {"reason", delivery.reason()}});
  return list;
}

}  // namespace

nlohmann::json to_json(const v1::Counts& counts) {
  return {{"sent", counts.sent()},
          {"queued", counts.queued()},
          {"parked", counts.parked()},
          {"delivered", counts.delivered()},
          {"dead", counts.dead()},
          {"discarded", counts.discarded()},
          {"referrals_sent", counts.referrals_sent()},
          {"referrals_open", counts.referrals_open()},
          {"appointments_booked", counts.appointments_booked()}};
}

nlohmann::json time_or_null(std::int64_t ms) {
  if (ms == 0) return nullptr;
  return iso_time(base::from_ms(ms));
}

nlohmann::json cursor_or_null(std::string_view next) {
  if (next.empty()) return nullptr;
  return base::hex(next);
}

std::optional<base::Instant> parse_iso_time(std::string_view text) {
  const bool with_ms = text.size() == 24;
  if (!with_ms && text.size() != 20) return std::nullopt;
  for (const auto& [at, sign] :
       {std::pair{4, '-'}, {7, '-'}, {10, 'T'}, {13, ':'}, {16, ':'}, {19, with_ms ? '.' : 'Z'}})
    if (text[static_cast<std::size_t>(at)] != sign) return std::nullopt;
  if (text.back() != 'Z') return std::nullopt;
  const auto year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  const auto hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
  const auto ms = with_ms ? digits_at(text, 20, 3) : 0u;
  if (!year || !month || !day || !hour || !minute || !second || !ms) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + base::Milliseconds(*ms);
}

std::string iso_time(base::Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03d}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (at - seconds).count());
}

nlohmann::json pause_or_null(const engine::QueueReport& report) {
  if (!report.pause) return nullptr;
  return {{"from", time_or_null(report.pause->from_ms())},
          {"until", time_or_null(report.pause->until_ms())},
          {"in_force", report.pause->in_force()},
          {"operator", report.pause->operator_()},
          {"reason", report.pause->reason()}};
}

nlohmann::json to_json(const engine::QueueReport& report, base::Instant now) {
  nlohmann::json made{{"institution", report.institution},
                      {"name", report.name},
                      {"real", to_json(report.counts.real())},
                      {"exercise", to_json(report.counts.exercise())}};
  made["pause"] = pause_or_null(report);
  made["oldest"] = report.oldest ? nlohmann::json(iso_time(*report.oldest)) : nlohmann::json(nullptr);
  made["oldest_seconds"] =
      report.oldest ? std::chrono::duration_cast<std::chrono::seconds>(now - *report.oldest).count() : 0;
  return made;
}

nlohmann::json to_json(const engine::TraceReport& report) {
  nlohmann::json made{{"message_id", base::id_text(report.message_id)},
                      {"kind", report.kind},
                      {"sender", report.sender},
                      {"purpose", report.purpose},
                      {"referral_id", base::id_text(report.referral_id)},
                      {"case_id", base::id_text(report.case_id)},
                      {"trace_parent", report.trace_parent},
                      {"exercise", report.exercise},
                      {"position", report.row.position()},
                      {"accepted_at", time_or_null(report.row.accepted_at_ms())}};
  made["deliveries"] = deliveries_json(report.row);
  auto& steps = made["steps"] = nlohmann::json::array();
  for (const auto& step : report.steps)
    steps.push_back({{"position", step.position},
                     {"at", iso_time(step.at)},
                     {"event", step.event},
                     {"recipient", step.recipient},
                     {"detail", step.detail}});
  return made;
}

nlohmann::json to_json(const engine::DeadLetterReport& report) {
  return {{"recipient", report.recipient},
          {"position", report.key.position},
          {"ordinal", report.key.ordinal},
          {"message_id", base::id_text(report.row.entry().message_id())},
          {"case_id", base::id_text(report.row.entry().case_id())},
          {"kind", report.kind},
          {"sender", report.row.sender()},
          {"reason", report.row.reason()},
          {"detail", report.row.detail()},
          {"at", time_or_null(report.row.at_ms())},
          {"attempts", report.row.entry().attempts()},
          {"exercise", report.row.exercise()}};
}

nlohmann::json to_json(std::string_view referral_id, const engine::Reports::Referral& report) {
  const auto& row = report.row;
  nlohmann::json made{{"referral_id", base::id_text(referral_id)},
                      {"case_id", base::id_text(row.case_id())},
                      {"status", engine::views::status_name(row.status())},
                      {"closed", row.closed()},
                      {"sender", row.sender()},
                      {"recipient", row.recipient()},
                      {"holder", row.holder()},
                      {"deadline", time_or_null(row.deadline_ms())},
                      {"purpose", row.purpose()},
                      {"agreement", row.agreement()},
                      {"exercise", row.exercise()},
                      {"opened_at", time_or_null(row.opened_at_ms())}};
  auto& appointments = made["appointments"] = nlohmann::json::array();
  for (const auto& [id, appointment] : report.appointments)
    appointments.push_back({{"appointment_id", base::id_text(id)},
                            {"status", engine::views::status_name(appointment.status())},
                            {"start", time_or_null(appointment.meeting().start_ms())},
                            {"end", time_or_null(appointment.meeting().end_ms())}});
  return made;
}

nlohmann::json to_json(const engine::Reports::Slots& report) {
  nlohmann::json made{{"more", report.more}};
  auto& slots = made["slots"] = nlohmann::json::array();
  for (const auto& [institution, row] : report.rows) {
    const auto& slot = row.slot();
    const auto free = slot.capacity() > row.taken() ? slot.capacity() - row.taken() : 0;
    slots.push_back({{"institution", institution},
                     {"slot_id", slot.slot_id()},
                     {"service", slot.service_id()},
                     {"location", slot.location_id()},
                     {"start", time_or_null(slot.start_ms())},
                     {"end", time_or_null(slot.end_ms())},
                     {"open", slot.open()},
                     {"withdrawn", slot.capacity() == 0},
                     {"capacity", slot.capacity()},
                     {"taken", row.taken()},
                     {"free", free}});
  }
  return made;
}

nlohmann::json to_json(const engine::OpenReferral& referral) {
  const auto& row = referral.row;
  return {{"referral_id", base::id_text(referral.referral_id)},
          {"case_id", base::id_text(row.case_id())},
          {"status", engine::views::status_name(row.status())},
          {"sender", row.sender()},
          {"recipient", row.recipient()},
          {"holder", row.holder()},
          {"purpose", row.purpose()},
          {"agreement", row.agreement()},
          {"exercise", row.exercise()},
          {"opened_at", time_or_null(row.opened_at_ms())},
          {"deadline", time_or_null(row.deadline_ms())}};
}

nlohmann::json to_json(const engine::MessageHit& hit) {
  return {{"message_id", base::id_text(hit.message_id)},
          {"position", hit.position},
          {"at", iso_time(hit.at)},
          {"kind", hit.kind},
          {"sender", hit.sender},
          {"purpose", hit.purpose},
          {"agreement", hit.agreement},
          {"referral_id", base::id_text(hit.referral_id)},
          {"case_id", base::id_text(hit.case_id)},
          {"exercise", hit.exercise},
          {"deliveries", deliveries_json(hit.row)}};
}

nlohmann::json to_json(const base::Refusal& refusal) {
  return {{"code", refusal.name()},
          {"english", refusal.english()},
          {"french", refusal.french()},
          {"field", refusal.field},
          {"retry", base::info(refusal.code).retry}};
}

nlohmann::json status_json(const Sources& sources) {
  const engine::Reports reports(sources.store);
  const auto figures = sources.engine.figures();
  const auto connections = sources.connections();
  const auto network = reports.network();
  const auto now = sources.clock.now();
  nlohmann::json made{{"version", RELAIS_VERSION},
                      {"endpoint", sources.endpoint()},
                      {"time", iso_time(now)},
                      {"started_at", iso_time(sources.started_at)},
                      {"draining", sources.draining()},
                      {"disk_full", figures.disk_full},
                      {"disk_free_bytes", reports.free_bytes()},
                      {"position", reports.chain_end().position},
                      {"chain_hash", base::hex(base::view(reports.chain_end().hash))},
                      {"sessions", connections.sessions_open},
                      {"out_for_delivery", figures.leases},
                      {"inputs_waiting", figures.inputs_waiting}};
  made["network"] =
      network ? nlohmann::json{{"id", network->network()}, {"version", network->version()}} : nlohmann::json(nullptr);
  auto& refusals = made["refusals"] = nlohmann::json::object();
  for (const auto& [code, count] : figures.machine.refusals) refusals[code] = count;
  return made;
}

}  // namespace relais::admin
