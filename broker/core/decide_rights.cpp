// What the person of a case asks of everybody who was told something in it, and what they answer. The law gives the
// right, so no agreement is asked for; who was told nothing in the case has no part in it.
#include <algorithm>

#include "broker/base/ids.h"
#include "broker/core/decide_submit.h"
#include "broker/core/notice.h"
#include "broker/core/parcours.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;

std::string_view name_of(v1::Right right) { return right == v1::RIGHT_ACCESS ? "access" : "erasure"; }

/// When the last recipient was done with it; nothing while one is not.
std::optional<std::int64_t> done_with_at(const v1::MessageRow& message) {
  std::int64_t last_ms = 0;
  for (const auto& delivery : message.deliveries()) {
    if (delivery.state() != v1::DELIVERY_STATE_DELIVERED && delivery.state() != v1::DELIVERY_STATE_DISCARDED)
      return std::nullopt;
    last_ms = std::max(last_ms, delivery.at_ms());
  }
  return last_ms;
}

/// The broker keeps the contents of the case no longer than their delivery needs.
void erase_contents(const Case& c, const v1::CaseRow& parcours, std::vector<v1::Event>& events) {
  for (const auto& message_id : parcours.shared()) {
    const auto message = c.state.message(message_id);
    base::check(message.has_value(), "a case lists messages that exist");
    if (message->payload_bytes() == 0 || message->retention_ms() == 0) continue;
    if (const auto done_ms = done_with_at(*message)) {
      auto& erased = *events.emplace_back().mutable_payload_erased();
      erased.set_position(message->position());
      erased.set_ordinal(message->ordinal());
      erased.set_message_id(message_id);
      erased.set_due_ms(*done_ms + message->retention_ms());
    } else {
      events.emplace_back().mutable_retention_ended()->set_message_id(message_id);
    }
  }
}

Result<Decision> ask(const Case& c, const v1::CaseRow& parcours) {
  const auto right = c.envelope.rights_requested().right();
  for (const auto& known : parcours.rights())
    if (known.right() == right && known.due_ms() != 0)
      return refuse(RefusalCode::rights_already_asked, "rights_requested.right",
                    {{"right", std::string(name_of(right))}, {"case", base::id_text(c.envelope.case_id())}});
  auto asked = who_was_told(parcours, c.state);
  std::erase(asked, c.envelope.sender());
  const auto due_ms = base::to_ms(c.context.now + c.context.rules.rights_within);
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  auto& opened = *decision.events.emplace_back().mutable_rights_opened();
  opened.set_case_id(c.envelope.case_id());
  opened.set_request_id(c.envelope.message_id());
  opened.set_right(right);
  opened.set_by(c.envelope.sender());
  opened.set_due_ms(due_ms);
  for (const auto& institution : asked) opened.add_institutions(institution);
  if (right == v1::RIGHT_ERASURE) erase_contents(c, parcours, decision.events);
  if (asked.empty()) return decision;
  v1::Envelope notice;
  auto& passed_on = *notice.mutable_rights_requested();
  passed_on.set_right(right);
  passed_on.set_request_id(c.envelope.message_id());
  passed_on.set_by(c.envelope.sender());
  passed_on.set_due_ms(due_ms);
  notice.set_exercise(c.envelope.exercise());
  decision.events.push_back(make_case_notice(std::move(notice), c.envelope.case_id(), asked, 1, c.context));
  return decision;
}

Result<Decision> answer(const Case& c, const v1::CaseRow& parcours) {
  const auto& body = c.envelope.rights_answered();
  const auto* request = rights_request(parcours, body.request_id());
  const bool asked =
      request != nullptr &&
      std::any_of(request->replies().begin(), request->replies().end(), [&](const v1::RightsReplyRow& reply) {
        return reply.institution() == c.envelope.sender() && reply.reply() == v1::RIGHTS_REPLY_UNSPECIFIED;
      });
  if (!asked)
    return refuse(RefusalCode::rights_unknown, "rights_answered.request_id",
                  {{"institution", c.envelope.sender()}, {"request", base::id_text(body.request_id())}});
  if (c.envelope.recipients(0) != request->by())
    return refuse(RefusalCode::rights_unknown, "recipients[0]",
                  {{"institution", c.envelope.sender()}, {"request", base::id_text(body.request_id())}});
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  auto& replied = *decision.events.emplace_back().mutable_rights_replied();
  replied.set_case_id(c.envelope.case_id());
  replied.set_request_id(body.request_id());
  replied.set_institution(c.envelope.sender());
  replied.set_reply(body.reply());
  return decision;
}

}  // namespace

Result<Decision> decide_rights(const Case& c, const v1::CaseRow& parcours) {
  const auto told = who_was_told(parcours, c.state);
  if (std::find(told.begin(), told.end(), c.envelope.sender()) == told.end())
    return refuse(RefusalCode::secrecy_not_followed_together, "sender", {{"institution", c.envelope.sender()}});
  return c.envelope.has_rights_requested() ? ask(c, parcours) : answer(c, parcours);
}

}  // namespace relais::core
