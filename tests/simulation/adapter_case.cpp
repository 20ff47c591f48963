// What an institution says about a case as a whole, and to everybody about none.
#include <iterator>

#include "tests/simulation/adapter.h"
#include "tests/simulation/field.h"

namespace relais::simulation {

Dossier* Adapter::some_dossier() {
  if (dossiers_.empty()) return nullptr;
  auto dossier = dossiers_.begin();
  std::advance(dossier, static_cast<std::ptrdiff_t>(random_.upto(dossiers_.size() - 1)));
  return &dossier->second;
}

void Adapter::speak_of_a_case(std::int64_t now_ms) {
  if (random_.chance(5)) return announce(now_ms);
  const auto* dossier = some_dossier();
  if (dossier == nullptr) return;
  switch (random_.upto(4)) {
    case 0:
      return ask_for_a_person(now_ms);
    case 1:
      return record_consent(dossier->case_id, random_.chance(60), now_ms);
    case 2:
      return lead(*dossier, now_ms);
    default:
      return share_a_note(*dossier, now_ms);
  }
}

/// A person of a case that was opened, or is about to be, comes to this counter.
void Adapter::ask_for_a_person(std::int64_t now_ms) {
  v1::Envelope envelope;
  envelope.set_case_id(some_dossier()->case_id);
  envelope.mutable_rights_requested()->set_right(random_.chance(50) ? v1::RIGHT_ACCESS : v1::RIGHT_ERASURE);
  of_cases_.insert(put_in_outbox(std::move(envelope), now_ms, false));
}

void Adapter::record_consent(const std::string& case_id, bool granted, std::int64_t now_ms) {
  v1::Envelope envelope;
  envelope.set_case_id(case_id);
  envelope.set_purpose(kHealth);
  if (granted) {
    envelope.mutable_consent_granted()->add_purposes(kHealth);
    envelope.mutable_consent_granted()->set_form(v1::CONSENT_FORM_SPOKEN);
    if (random_.chance(30)) envelope.mutable_consent_granted()->set_valid_until_ms(now_ms + 30 * kOneHourMs);
  } else {
    envelope.mutable_consent_withdrawn()->add_purposes(kHealth);
  }
  of_cases_.insert(put_in_outbox(std::move(envelope), now_ms, false));
}

void Adapter::share_a_note(const Dossier& dossier, std::int64_t now_ms) {
  v1::Envelope envelope;
  envelope.add_recipients(dossier.counterpart);
  envelope.set_case_id(dossier.case_id);
  envelope.set_purpose(random_.chance(50) ? kHealth : kHousing);
  envelope.mutable_note_shared();
  of_cases_.insert(put_in_outbox(std::move(envelope), now_ms, true));
}

void Adapter::lead(const Dossier& dossier, std::int64_t now_ms) {
  v1::Envelope envelope;
  envelope.add_recipients(dossier.counterpart);
  envelope.set_case_id(dossier.case_id);
  switch (random_.upto(2)) {
    case 0:
      envelope.mutable_lead_offered();
      break;
    case 1:
      envelope.mutable_participant_kept();
      break;
    default:
      envelope.mutable_participant_released();
      break;
  }
  of_cases_.insert(put_in_outbox(std::move(envelope), now_ms, false));
}

void Adapter::announce(std::int64_t now_ms) {
  v1::Envelope envelope;
  for (const auto& other : kEverybody)
    if (other != institution_) envelope.add_recipients(other);
  envelope.mutable_announcement_made()->add_departements("25");
  put_in_outbox(std::move(envelope), now_ms, true);
}

/// What is owed to whoever asks about a case, at once.
void Adapter::answer_for_the_case(const v1::Envelope& envelope, std::int64_t now_ms) {
  v1::Envelope answer;
  answer.set_case_id(envelope.case_id());
  if (envelope.has_rights_requested()) {
    answer.add_recipients(envelope.rights_requested().by());
    answer.mutable_rights_answered()->set_request_id(envelope.rights_requested().request_id());
    answer.mutable_rights_answered()->set_reply(v1::RIGHTS_REPLY_DONE);
    put_in_outbox(std::move(answer), now_ms, false);
  } else if (envelope.has_lead_offered()) {
    answer.add_recipients(envelope.sender());
    if (random_.chance(70))
      answer.mutable_lead_accepted();
    else
      answer.mutable_lead_declined();
    of_cases_.insert(put_in_outbox(std::move(answer), now_ms, false));
  }
}

}  // namespace relais::simulation
