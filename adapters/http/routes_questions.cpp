// How things stand, as the broker knows it: messages, referrals, slots.
#include "adapters/http/api.h"
#include "adapters/http/item.h"
#include "adapters/http/parameters.h"
#include "adapters/http/sent_messages.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"

namespace relais::http {

namespace {

constexpr std::uint64_t kSlotsMost = 200;
constexpr std::uint64_t kSlotsUsual = 50;

Json json_of(const v1::Meeting& meeting) {
  return {{"start", time_or_null(base::from_ms(meeting.start_ms()))},
          {"end", time_or_null(base::from_ms(meeting.end_ms()))},
          {"mode", or_null(word_of(*v1::AppointmentMode_descriptor(), meeting.mode()))},
          {"location_id", or_null(meeting.location_id())},
          {"service_id", or_null(meeting.service_id())},
          {"slot_id", or_null(meeting.slot_id())}};
}

Json json_of(const v1::ReferralView& view, const sdk::Links& links, const std::string& institution) {
  Json json{
      {"referral_id", base::id_text(view.referral_id())},
      {"reference", or_null(links.reference(institution, sdk::LinkKind::referral, view.referral_id()).value_or(""))},
      {"case_id", base::id_text(view.case_id())},
      {"status", or_null(word_of(*v1::ReferralStatus_descriptor(), view.status()))},
      {"closed", view.closed()},
      {"sender", view.sender()},
      {"recipient", view.recipient()},
      {"holder", or_null(view.holder())},
      {"deadline", time_or_null(base::from_ms(view.deadline_ms()))},
      {"exercise", view.exercise()},
      {"appointments", Json::array()}};
  for (const auto& appointment : view.appointments())
    json["appointments"].push_back(
        {{"appointment_id", base::id_text(appointment.appointment_id())},
         {"reference",
          or_null(links.reference(institution, sdk::LinkKind::appointment, appointment.appointment_id()).value_or(""))},
         {"status", or_null(word_of(*v1::AppointmentStatus_descriptor(), appointment.status()))},
         {"meeting", json_of(appointment.meeting())}});
  return json;
}

Json json_of(const v1::SlotView& view) {
  const auto& slot = view.slot();
  return {{"host", view.institution()},
          {"slot_id", slot.slot_id()},
          {"service_id", or_null(slot.service_id())},
          {"location_id", or_null(slot.location_id())},
          {"start", time_or_null(base::from_ms(slot.start_ms()))},
          {"end", time_or_null(base::from_ms(slot.end_ms()))},
          {"capacity", slot.capacity()},
          {"free", view.free()},
          {"mode", or_null(word_of(*v1::AppointmentMode_descriptor(), slot.mode()))},
          {"open", slot.open()}};
}

Reply about_referral(const std::string& id, Exchange& exchange) {
  const auto view = exchange.questions().referral(id);
  if (!view) return problem(view.refusal());
  const sdk::Links links(exchange.post().store());
  return Answer{200, json_of(*view, links, exchange.config().institution)};
}

Reply referral(const Request& request, Exchange& exchange) {
  const auto id = id_of(request.path.at(0));
  if (!id) return problem("path.unknown");
  return about_referral(*id, exchange);
}

Reply referral_named(const Request& request, Exchange& exchange) {
  Parameters parameters(request.parameters);
  const auto reference = parameters.text("reference");
  if (auto wrong = parameters.finish()) return std::move(*wrong);
  if (reference.empty()) return problem("parameter.invalid", "the software's own number", "reference");
  const sdk::Links links(exchange.post().store());
  const auto id = links.id(exchange.config().institution, sdk::LinkKind::referral, reference);
  if (!id) return problem("reference.unknown", {}, "reference");
  return about_referral(*id, exchange);
}

/// refused; accepted, with what became of it at each recipient; submitted: in our outbox, or the broker is not to be
/// asked now.
Reply message(const Request& request, Exchange& exchange) {
  const auto id = id_of(request.path.at(0));
  const auto sent = id ? sent_message(exchange.post().store(), exchange.config().institution, *id) : std::nullopt;
  if (!sent) return problem("message.unknown");
  Json json{{"message_id", base::id_text(*id)},
            {"kind", sent->kind},
            {"referral_id", base::id_text(sent->referral_id)},
            {"reference", or_null(sent->reference)},
            {"submitted_at", time_text(sent->at)},
            {"state", "submitted"}};
  if (!sent->code.empty()) {
    json["state"] = "refused";
    json["code"] = sent->code;
    json["detail"] = sent->english;
    json["detail_fr"] = sent->french;
    return Answer{200, std::move(json)};
  }
  const auto view = exchange.questions().message(*id);
  if (!view) return Answer{200, std::move(json)};
  json["state"] = "accepted";
  json["position"] = view->position();
  json["accepted_at"] = time_or_null(base::from_ms(view->accepted_at_ms()));
  json["deliveries"] = Json::array();
  for (const auto& delivery : view->deliveries())
    json["deliveries"].push_back({{"recipient", delivery.recipient()},
                                  {"state", delivery.state()},
                                  {"at", time_or_null(base::from_ms(delivery.at_ms()))},
                                  {"attempts", delivery.attempts()},
                                  {"reason", or_null(delivery.reason())}});
  return Answer{200, std::move(json)};
}

Reply slots(const Request& request, Exchange& exchange) {
  Parameters parameters(request.parameters);
  v1::SlotsQuery query;
  query.set_institution(exchange.config().institution);
  query.set_purpose(parameters.text("purpose"));
  query.set_host(parameters.text("host"));
  query.set_service_id(parameters.text("service_id"));
  query.set_service_need(parameters.text("service_need"));
  query.set_location_id(parameters.text("location_id"));
  query.set_commune(parameters.text("commune"));
  query.set_from_ms(parameters.time("from"));
  query.set_until_ms(parameters.time("until"));
  query.set_open_now(parameters.flag("open_now"));
  query.set_at_most(static_cast<std::uint32_t>(parameters.number("limit", kSlotsUsual, 1, kSlotsMost)));
  if (auto wrong = parameters.finish()) return std::move(*wrong);
  const auto found = exchange.questions().slots(query);
  if (!found) return problem(found.refusal());
  Json json{{"slots", Json::array()}, {"more", found->more()}};
  for (const auto& view : found->slots()) json["slots"].push_back(json_of(view));
  return Answer{200, std::move(json)};
}

}  // namespace

std::vector<Route> question_routes() {
  return {{"GET", "/v1/messages/{message_id}", Access::token, message},
          {"GET", "/v1/referrals/{referral_id}", Access::token, referral},
          {"GET", "/v1/referrals", Access::token, referral_named},
          {"GET", "/v1/slots", Access::token, slots}};
}

}  // namespace relais::http
