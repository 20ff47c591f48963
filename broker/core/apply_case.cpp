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

}  // namespace relais::core
