#include "broker/core/apply_case.h"

#include <algorithm>

namespace relais::core {

namespace {

v1::CaseRow row_of(const State& state, std::string_view case_id) {
  return state.find<v1::CaseRow>(TableId::cases, case_id).value_or(v1::CaseRow());
}

v1::CaseRow known_row(const State& state, std::string_view case_id) {
  auto row = state.find<v1::CaseRow>(TableId::cases, case_id);
  base::check(row.has_value(), "an event speaks of a case that exists");
  return std::move(*row);
}

v1::CaseParticipant& participant(v1::CaseRow& row, const std::string& institution) {
  for (auto& known : *row.mutable_participants())
    if (known.institution() == institution) return known;
  auto& added = *row.add_participants();
  added.set_institution(institution);
  return added;
}

/// Without a referral and not kept on, an institution has no part in the case any more. An offer to it falls.
void drop_if_done(v1::CaseRow& row, const std::string& institution) {
  for (int i = 0; i < row.participants_size(); ++i) {
    const auto& known = row.participants(i);
    if (known.institution() != institution || known.open_referrals() != 0 || known.kept()) continue;
    row.mutable_participants()->DeleteSubrange(i, 1);
    if (row.lead_offered_to() == institution) row.clear_lead_offered_to();
    return;
  }
}

v1::RightsRow& known_request(v1::CaseRow& row, std::string_view request_id) {
  for (auto& known : *row.mutable_rights())
    if (known.request_id() == request_id) return known;
  base::fail_check("an event speaks of a request that the case knows", std::source_location::current());
}

/// 0: nobody has to be reminded any more.
void set_rights_due(State& state, std::string_view case_id, v1::RightsRow& request, std::int64_t due_ms) {
  const auto timer = [&](std::int64_t at_ms) {
    return keys::timer(base::from_ms(at_ms), keys::Timer::rights_due, std::string(case_id) + request.request_id());
  };
  if (request.due_ms() != 0) state.erase(TableId::timers, timer(request.due_ms()));
  request.set_due_ms(due_ms);
  if (due_ms != 0) state.put(TableId::timers, timer(due_ms), v1::TimerRow());
}

}  // namespace

void begin_in_case(State& state, const v1::ReferralOpened& event) {
  auto row = row_of(state, event.case_id());
  if (row.lead().empty()) row.set_lead(event.principal().empty() ? event.sender() : event.principal());
  for (const auto* asking : {&event.sender(), &event.principal()}) {
    if (asking->empty()) continue;
    auto& known = participant(row, *asking);
    known.set_open_referrals(known.open_referrals() + 1);
  }
  row.add_referrals(event.referral_id());
  state.put(TableId::cases, event.case_id(), row);
}

void join_case(State& state, std::string_view case_id, const std::string& institution) {
  auto row = known_row(state, case_id);
  auto& joined = participant(row, institution);
  joined.set_open_referrals(joined.open_referrals() + 1);
  state.put(TableId::cases, case_id, row);
}

void leave_case(State& state, std::string_view case_id, const std::string& institution) {
  auto row = known_row(state, case_id);
  auto& leaving = participant(row, institution);
  base::check(leaving.open_referrals() > 0, "who leaves with a referral had come with it");
  leaving.set_open_referrals(leaving.open_referrals() - 1);
  drop_if_done(row, institution);
  state.put(TableId::cases, case_id, row);
}

void note_shared(State& state, std::string_view case_id, std::string_view message_id) {
  auto row = row_of(state, case_id);
  if (row.shared_size() == kSharedMax) row.mutable_shared()->DeleteSubrange(0, 1);
  row.add_shared(std::string(message_id));
  state.put(TableId::cases, case_id, row);
}

void lead_case(State& state, const v1::CaseLed& event) {
  auto row = row_of(state, event.case_id());
  row.set_lead(event.lead());
  row.clear_lead_offered_to();
  state.put(TableId::cases, event.case_id(), row);
}

void propose_lead(State& state, const v1::LeadProposed& event) {
  auto row = known_row(state, event.case_id());
  row.set_lead_offered_to(event.to());
  state.put(TableId::cases, event.case_id(), row);
}

void keep_on(State& state, const v1::ParticipantKeptOn& event) {
  auto row = known_row(state, event.case_id());
  participant(row, event.institution()).set_kept(event.kept());
  drop_if_done(row, event.institution());
  state.put(TableId::cases, event.case_id(), row);
}

void record_consent(State& state, const v1::ConsentRecorded& event, const Moment& moment) {
  auto row = row_of(state, event.case_id());
  auto found = std::find_if(row.mutable_consents()->begin(), row.mutable_consents()->end(),
                            [&](const v1::ConsentRow& consent) { return consent.purpose() == event.purpose(); });
  auto& consent = found == row.mutable_consents()->end() ? *row.add_consents() : *found;
  consent.set_purpose(event.purpose());
  if (event.withdrawn()) {
    consent.set_withdrawn_at_ms(base::to_ms(moment.at));
  } else {
    consent.set_granted_at_ms(base::to_ms(moment.at));
    consent.set_valid_until_ms(event.valid_until_ms());
    consent.set_withdrawn_at_ms(0);
  }
  state.put(TableId::cases, event.case_id(), row);
}

void open_rights(State& state, const v1::RightsOpened& event, const Moment& moment) {
  auto row = known_row(state, event.case_id());
  while (row.rights_size() >= kRightsMax) {
    const auto answered = std::find_if(row.rights().begin(), row.rights().end(),
                                       [](const v1::RightsRow& known) { return known.due_ms() == 0; });
    if (answered == row.rights().end()) break;
    row.mutable_rights()->erase(answered);
  }
  auto& opened = *row.add_rights();
  opened.set_request_id(event.request_id());
  opened.set_right(event.right());
  opened.set_by(event.by());
  opened.set_at_ms(base::to_ms(moment.at));
  for (const auto& institution : event.institutions()) opened.add_replies()->set_institution(institution);
  set_rights_due(state, event.case_id(), opened, event.institutions().empty() ? 0 : event.due_ms());
  state.put(TableId::cases, event.case_id(), row);
}

void reply_to_rights(State& state, const v1::RightsReplied& event, const Moment& moment) {
  auto row = known_row(state, event.case_id());
  auto& request = known_request(row, event.request_id());
  bool all = true;
  for (auto& reply : *request.mutable_replies()) {
    if (reply.institution() == event.institution()) {
      reply.set_reply(event.reply());
      reply.set_at_ms(base::to_ms(moment.at));
    }
    all &= reply.reply() != v1::RIGHTS_REPLY_UNSPECIFIED;
  }
  if (all) set_rights_due(state, event.case_id(), request, 0);
  state.put(TableId::cases, event.case_id(), row);
}

void remind_of_rights(State& state, const v1::RightsReminded& event) {
  auto row = known_row(state, event.case_id());
  set_rights_due(state, event.case_id(), known_request(row, event.request_id()), event.next_due_ms());
  state.put(TableId::cases, event.case_id(), row);
}

}  // namespace relais::core
