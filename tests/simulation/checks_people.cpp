// What the people behind the messages are owed at every instant: somebody answers for them, until a time that does not
// pass in silence, and nothing is shared against what they said.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "broker/core/acting.h"
#include "broker/core/referral_moves.h"
#include "tests/simulation/field.h"
#include "tests/simulation/short_id.h"
#include "tests/simulation/simulator.h"

namespace relais::simulation {

namespace {

template <class List>
bool has(const List& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

/// What the status alone says, in the words of the domain: who asks answers until the other's software holds it, and
/// again when there is an outcome; a dead letter may give it back in between.
bool may_hold(const v1::ReferralRow& row) {
  if (row.holder() == core::accountable_sender(row)) return true;
  if (core::is_terminal(row.status()) || row.status() == v1::REFERRAL_STATUS_REQUESTED) return false;
  return row.holder() == (row.member().empty() ? row.recipient() : row.member());
}

/// A notice of the record names this body; null when there is none.
std::optional<v1::Envelope> notice_in(const v1::Record& record, v1::Envelope::BodyCase body) {
  for (const auto& event : record.events()) {
    if (!event.has_message_accepted()) continue;
    v1::Envelope envelope;
    envelope.ParseFromString(event.message_accepted().envelope());
    if (envelope.sender() == "relais" && envelope.body_case() == body) return envelope;
  }
  return std::nullopt;
}

}  // namespace

void Simulator::check_holders(bool all_timers_went_off) {
  const auto& state = machine_->state();
  state.tables().scan(core::TableId::referrals, {}, {}, [&](std::string_view id, std::string_view value) {
    const auto row = core::State::parse<v1::ReferralRow>(value);
    if (row.closed()) {
      if (!row.holder().empty() || row.deadline_ms() != 0) fail("a closed referral has a holder or a deadline");
      return true;
    }
    if (!may_hold(row)) fail("nobody, or the wrong one, holds referral " + short_id(id));
    const auto timer = core::keys::timer(base::from_ms(row.deadline_ms()), core::keys::Timer::referral_deadline, id);
    if (row.deadline_ms() == 0 || !state.tables().get(core::TableId::timers, timer))
      fail("referral " + short_id(id) + " has no deadline, or no timer for it");
    if (all_timers_went_off && row.deadline_ms() <= base::to_ms(latest_)) fail("a deadline passed unnoticed");
    return true;
  });
}

/// Read from the journal alone: what was shared for a purpose that wants consent was shared while a consent stood.
void Simulator::check_consent() {
  struct Consent {
    bool given = false;
    std::int64_t until_ms = 0;
  };
  std::map<std::string, Consent> by_case;
  [[maybe_unused]] const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    const auto record = core::State::parse<v1::Record>(stored.bytes);
    for (const auto& event : record.events()) {
      if (event.has_consent_recorded()) {
        const auto& said = event.consent_recorded();
        by_case[said.case_id()] = {!said.withdrawn(), said.valid_until_ms()};
        seen_.withdrawn += said.withdrawn();
      }
      if (!event.has_message_accepted()) continue;
      v1::Envelope envelope;
      envelope.ParseFromString(event.message_accepted().envelope());
      if (envelope.compartments().empty() || envelope.purpose() != kHealth || envelope.has_announcement_made())
        continue;
      const auto& consent = by_case[envelope.case_id()];
      if (!consent.given || (consent.until_ms != 0 && consent.until_ms <= record.at_ms()))
        fail("something was shared against the person's will");
    }
    return true;
  });
}

/// Who was told that it has no part in a referral had one before: it passed to another. Who leads a case may always ask
/// for more in it.
void Simulator::check_overtaken() {
  std::set<std::string> passed_on;
  [[maybe_unused]] const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    const auto record = core::State::parse<v1::Record>(stored.bytes);
    for (const auto& event : record.events())
      if (event.has_referral_handed_on()) passed_on.insert(event.referral_handed_on().referral_id());
    return true;
  });
  const auto leads = [&](const std::string& institution, const std::string& case_id) {
    const auto row = machine_->state().find<v1::CaseRow>(core::TableId::cases, case_id);
    return row && row->lead() == institution;
  };
  for (const auto& adapter : adapters_)
    for (const auto& [case_id, referral_id] : adapter->overtaken())
      if (referral_id.empty() ? leads(adapter->institution(), case_id) : !passed_on.contains(referral_id))
        fail(adapter->institution() + " is shut out of what it takes part in");
}

/// Read from the journal alone: a deadline that passes, and a referral that passes to another or ends by itself, is
/// said in the same record to whoever is concerned.
void Simulator::check_reminders() {
  struct Sides {
    std::string asker;
    std::string recipient;
  };
  std::map<std::string, Sides> sides;
  const auto told = [&](const v1::Record& record, v1::Envelope::BodyCase body, const Sides& who) {
    const auto notice = notice_in(record, body);
    if (!notice || !has(notice->recipients(), who.asker) || !has(notice->recipients(), who.recipient))
      fail("what became of a referral was not said to both sides");
  };
  [[maybe_unused]] const auto end = store_->replay(1, [&](const journal::StoredRecord& stored) {
    const auto record = core::State::parse<v1::Record>(stored.bytes);
    for (const auto& event : record.events()) {
      if (event.has_referral_opened()) {
        const auto& opened = event.referral_opened();
        sides[opened.referral_id()] = {opened.principal().empty() ? opened.sender() : opened.principal(),
                                       opened.recipient()};
        seen_.delegated += !opened.principal().empty();
      } else if (event.has_deadline_passed()) {
        ++seen_.missed;
        told(record, v1::Envelope::kDeadlineMissed, sides[event.deadline_passed().referral_id()]);
      } else if (event.has_referral_handed_on()) {
        ++seen_.handed_on;
        auto& who = sides[event.referral_handed_on().referral_id()];
        told(record, v1::Envelope::kReferralReassigned, who);
        who.recipient = event.referral_handed_on().to();
        told(record, v1::Envelope::kReferralReassigned, who);
      } else if (event.has_referral_moved()) {
        seen_.assigned += !event.referral_moved().member().empty();
        if (event.referral_moved().status() == v1::REFERRAL_STATUS_EXPIRED)
          told(record, v1::Envelope::kReferralExpired, sides[event.referral_moved().referral_id()]);
      } else if (event.has_appointment_moved() && !notice_in(record, v1::Envelope::kAppointmentCancelled) &&
                 event.appointment_moved().status() == v1::APPOINTMENT_STATUS_CANCELLED) {
        const auto& asked = record.events(0).message_accepted().envelope();
        v1::Envelope envelope;
        envelope.ParseFromString(asked);
        if (!envelope.has_appointment_cancelled()) fail("an appointment was cancelled and nobody was told");
      }
    }
    return true;
  });
}

}  // namespace relais::simulation
