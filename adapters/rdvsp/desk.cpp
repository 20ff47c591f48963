#include "adapters/rdvsp/desk.h"

#include <algorithm>

#include "adapters/files/incoming_links.h"
#include "adapters/http/sent_messages.h"
#include "adapters/mapping/rule.h"
#include "adapters/rdvsp/notice.h"
#include "adapters/rdvsp/rdv.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::rdvsp {

namespace {

using Body = v1::Envelope::BodyCase;
using Outcome = std::variant<Taken, http::Problem>;

constexpr std::string_view kErased = "rgpd";
constexpr std::string_view kDocument = "rdv";

http::Problem unreadable(const Faults& faults, const mapping::Place& place) {
  auto made = http::problem("body.invalid", std::to_string(faults.size()));
  for (const auto& fault : faults) made.parts.push_back(http::part_of(fault, place));
  return made;
}

/// What the mapping makes of it: when and where, what may be said with it, and what may not.
struct Seen {
  v1::Meeting meeting;
  std::vector<mapping::Content> contents;
  std::vector<mapping::LostField> lost;
};

std::variant<Seen, http::Problem> read_meeting(const mapping::Mapping& mapping, const std::string& text,
                                               const std::string& at) {
  auto read = mapping.read(text, kDocument);
  if (read.refused()) return unreadable(read.file_faults, {});
  for (auto& reject : read.rejects) {
    reject.place.element = at;
    return unreadable(reject.faults, reject.place);
  }
  Seen seen;
  for (auto& message : read.messages) {
    if (!message.envelope.has_appointment_booked()) continue;
    seen.meeting = message.envelope.appointment_booked().meeting();
    seen.contents = std::move(message.contents);
  }
  seen.lost = std::move(read.loss.lost);
  return seen;
}

/// Of all that makes a difference to us.
std::string digest_of(const std::vector<Participant>& participants, const Seen& seen, Happening happening) {
  files::Texts texts{seen.meeting.SerializeAsString(), happening == Happening::destroyed ? "destroyed" : ""};
  for (const auto& content : seen.contents) texts.push_back(content.bytes);
  for (const auto& participant : participants) {
    texts.push_back(participant.user);
    texts.push_back(std::to_string(static_cast<int>(participant.presence)));
  }
  return std::string(base::view(base::hash(files::pack(texts))));
}

bool same_meeting(const v1::Meeting& a, const v1::Meeting& b) { return a.SerializeAsString() == b.SerializeAsString(); }

v1::CancelledBy by_whom(Presence presence) {
  return presence == Presence::cancelled_by_person ? v1::CANCELLED_BY_PERSON : v1::CANCELLED_BY_INSTITUTION;
}

v1::CancellationReason why(Presence presence) {
  return presence == Presence::cancelled_by_person ? v1::CANCELLATION_REASON_PERSON_UNAVAILABLE
                                                   : v1::CANCELLATION_REASON_SERVICE_UNAVAILABLE;
}

void set_body(v1::Envelope& envelope, Body step, const v1::Meeting& meeting, Presence presence) {
  switch (step) {
    case Body::kAppointmentBooked:
      *envelope.mutable_appointment_booked()->mutable_meeting() = meeting;
      return;
    case Body::kAppointmentRescheduled:
      *envelope.mutable_appointment_rescheduled()->mutable_meeting() = meeting;
      return;
    case Body::kAppointmentCancelled:
      envelope.mutable_appointment_cancelled()->set_by(by_whom(presence));
      envelope.mutable_appointment_cancelled()->set_reason(why(presence));
      return;
    case Body::kAppointmentArrived:
      envelope.mutable_appointment_arrived();
      return;
    case Body::kAppointmentFulfilled:
      envelope.mutable_appointment_fulfilled();
      return;
    default:
      envelope.mutable_appointment_no_show();
      return;
  }
}

}  // namespace

/// What one state leads to, until all of it is certain.
struct Desk::Work {
  base::Instant now;
  std::string reference;  // their number of the appointment
  std::string at;
  KnownRdv rdv;
  Seen seen;
  std::vector<sdk::Draft> drafts;
  sdk::Notes notes;
  Taken taken;
};

Desk::Desk(files::Post& post, Ledger& ledger, http::ProblemBook& problems, const ExchangeConfig& config)
    : post_(post),
      ledger_(ledger),
      problems_(problems),
      config_(config),
      losses_(config.institution, [&post](std::uint64_t values) { post.count_not_carried(values); }) {}

Outcome Desk::take(Event& event, const std::string& at, base::Instant now) {
  if (event.model == "Rdv") return take_rdv(event, at, now);
  if (event.model == "User" || event.model == "UserProfile") return take_person(event, now);
  return Taken{};
}

Outcome Desk::take_rdv(Event& event, const std::string& at, base::Instant now) {
  auto read = read_rdv(event.data, at);
  if (const auto* const faults = std::get_if<Faults>(&read)) return unreadable(*faults, {});
  auto& rdv = std::get<Rdv>(read);
  const std::lock_guard lock(mutex_);
  const auto known = ledger_.rdv(rdv.id);
  // Whoever is not here by a referral is none of our business.
  const bool ours = known || std::ranges::any_of(rdv.participants, [&](const Participant& participant) {
                      return !ledger_.of_user(participant.user).empty();
                    });
  if (!ours) return Taken{};
  Work work{now, "rdv/" + rdv.id, at, known.value_or(KnownRdv{}), {}, {}, {}, {}};
  const bool wiped = event.happening == Happening::destroyed && event.reason == kErased;
  if (event.happening == Happening::destroyed) {
    for (auto& participant : rdv.participants) participant.presence = Presence::cancelled_by_service;
  } else {
    // Nobody can be told from everybody who was taken off.
    if (!rdv.names_people) return unreadable({mapping::make_fault("field.required", {at + "/participations"})}, {});
    auto seen = read_meeting(*config_.mapping, rdv.text, at);
    if (auto* const wrong = std::get_if<http::Problem>(&seen)) return std::move(*wrong);
    work.seen = std::get<Seen>(std::move(seen));
  }
  const auto digest = digest_of(rdv.participants, work.seen, event.happening);
  if (known) {
    const bool older = event.at_ms < known->at_ms || known->last == Happening::destroyed ||
                       (event.at_ms == known->at_ms && event.happening < known->last);
    const bool same = digest == known->digest;
    if (older) return Taken{0, true, false};
    if (same && event.at_ms == known->at_ms && event.happening == known->last) return Taken{};
    work.taken.unclear = !same && event.at_ms == known->at_ms && event.happening == known->last;
  }
  work.rdv.id = rdv.id;
  if (!rdv.organisation.empty()) work.rdv.organisation = rdv.organisation;
  work.rdv.at_ms = event.at_ms;
  work.rdv.last = event.happening;
  work.rdv.digest = digest;
  if (wiped) {
    for (const auto& part : work.rdv.parts)
      if (const auto followed = ledger_.referral(part.referral_id)) erase(*followed, work);
    work.rdv.parts.clear();
  } else {
    tell_parts(rdv.participants, work);
  }
  for (auto& note : ledger_.note(work.rdv)) work.notes.push_back(std::move(note));
  return send(work);
}

void Desk::tell_parts(const std::vector<Participant>& participants, Work& work) const {
  std::vector<std::string> told;
  for (const auto& participant : participants) {
    bool ambiguous = false;
    const auto followed = meant(participant.user, work, ambiguous);
    if (ambiguous)
      work.notes.push_back(problems_.note(notice("rdv.ambiguous", work.reference, work.now, work.reference)));
    if (!followed) continue;
    told.push_back(followed->referral_id);
    tell(*followed, participant.presence, work);
  }
  // Whoever was taken off the appointment.
  for (const auto& part : std::vector(work.rdv.parts))
    if (std::ranges::find(told, part.referral_id) == told.end())
      if (const auto followed = ledger_.referral(part.referral_id))
        tell(*followed, Presence::cancelled_by_service, work);
}

std::optional<Followed> Desk::meant(const std::string& user, const Work& work, bool& ambiguous) const {
  auto all = ledger_.of_user(user);
  const auto known = std::ranges::find_if(all, [&](const Followed& followed) {
    return std::ranges::find(work.rdv.parts, followed.referral_id, &Part::referral_id) != work.rdv.parts.end();
  });
  if (known != all.end()) return *known;
  std::erase_if(all, [&](const Followed& followed) {
    return followed.closed || work.seen.meeting.start_ms() < followed.since_ms;
  });
  if (all.size() <= 1) return all.empty() ? std::nullopt : std::optional(all.front());
  const auto& service = work.seen.meeting.service_id();
  std::erase_if(all, [&](const Followed& followed) { return service.empty() || followed.service_id != service; });
  ambiguous = all.size() != 1;
  return ambiguous ? std::nullopt : std::optional(all.front());
}

void Desk::tell(Followed followed, Presence presence, Work& work) const {
  // What becomes of the appointments of a referral that ended is said by the broker.
  if (followed.closed) return;
  auto& parts = work.rdv.parts;
  auto part = std::ranges::find(parts, followed.referral_id, &Part::referral_id);
  const bool known = part != parts.end();
  const bool moved = known && !same_meeting(part->meeting, work.seen.meeting);
  const auto next = progress(known ? std::optional(part->stage) : std::nullopt, presence, moved);
  if (!next) return;
  if (next->not_carried)
    work.notes.push_back(
        problems_.note(notice("rdv.corrected", work.reference, work.now, work.reference, followed.referral_id)));
  if (next->steps.empty()) return;
  if (!known) part = parts.insert(parts.end(), Part{followed.referral_id, {}, Stage::booked, {}});
  if (next->anew) part->appointment_id = sdk::new_id();
  part->stage = next->stage;
  if (next->stage != Stage::cancelled) part->meeting = work.seen.meeting;
  const auto begin = [&]() -> sdk::Draft& {
    auto& draft = work.drafts.emplace_back();
    auto& envelope = draft.envelope;
    envelope.set_message_id(sdk::new_id());
    envelope.set_sender(config_.institution);
    write_head(followed, envelope);
    return draft;
  };
  if (!followed.accepted) begin().envelope.mutable_referral_accepted();
  for (const auto step : next->steps) {
    auto& draft = begin();
    draft.envelope.set_appointment_id(part->appointment_id);
    set_body(draft.envelope, step, part->meeting, presence);
    if (step != Body::kAppointmentBooked && step != Body::kAppointmentRescheduled) continue;
    for (const auto& content : work.seen.contents) draft.contents.push_back({content.category, content.bytes, {}});
  }
  const bool completes = config_.complete_when_seen && next->stage == Stage::fulfilled;
  if (completes) begin().envelope.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED);
  if (!followed.accepted || completes) {
    followed.accepted = true;
    followed.closed = completes;
    for (auto& note : ledger_.note(followed)) work.notes.push_back(std::move(note));
  }
}

void Desk::erase(const Followed& followed, Work& work) const {
  const auto asked = std::ranges::any_of(
      work.drafts, [&](const sdk::Draft& draft) { return draft.envelope.case_id() == followed.case_id; });
  if (asked || ledger_.erasure_asked(followed.case_id)) return;
  auto& envelope = work.drafts.emplace_back().envelope;
  envelope.set_message_id(sdk::new_id());
  envelope.set_sender(config_.institution);
  envelope.set_case_id(followed.case_id);
  envelope.set_purpose(followed.purpose);
  envelope.set_priority(followed.priority);
  envelope.set_exercise(followed.exercise);
  envelope.mutable_rights_requested()->set_right(v1::RIGHT_ERASURE);
  work.notes.push_back(ledger_.note_erasure(followed.case_id, base::to_ms(work.now)));
}

Outcome Desk::take_person(Event& event, base::Instant now) {
  if (event.happening != Happening::destroyed || event.reason != kErased) return Taken{};
  const auto user = text_at(event.data, event.model == "User" ? "/id" : "/user/id");
  if (user.empty()) return Taken{};
  const std::lock_guard lock(mutex_);
  Work work{now, "user/" + user, {}, {}, {}, {}, {}, {}};
  for (auto followed : ledger_.of_user(user)) {
    erase(followed, work);
    followed.closed = true;  // nobody is there for whom an appointment could be made
    for (auto& note : ledger_.note(followed)) work.notes.push_back(std::move(note));
  }
  return send(work);
}

Outcome Desk::send(Work& work) {
  for (const auto& draft : work.drafts) {
    http::SentMessage sent;
    sent.at = work.now;
    sent.kind = files::kind_of(draft.envelope);
    sent.referral_id = draft.envelope.referral_id();
    sent.reference = work.reference;
    work.notes.push_back(http::note_of(config_.institution, draft.envelope.message_id(), sent));
  }
  if (work.drafts.empty()) {
    if (work.notes.empty()) return work.taken;
    if (const auto written = post_.store().write(work.notes); !written) return http::problem(written.refusal());
    return work.taken;
  }
  if (const auto sent = post_.submit(work.drafts, work.notes); !sent) return http::problem(sent.refusal());
  base::log_info("appointment told",
                 {{"institution", config_.institution}, {"rdv", work.reference}, {"messages", work.drafts.size()}});
  losses_.tell(config_.mapping->name(), mapping::LossLog::Way::in, work.seen.lost);
  work.taken.messages = work.drafts.size();
  return work.taken;
}

base::Status Desk::follow(const Followed& followed) {
  const std::lock_guard lock(mutex_);
  return post_.store().write(ledger_.note(followed));
}

base::Status Desk::accept(std::string_view referral_id) {
  const std::lock_guard lock(mutex_);
  auto followed = ledger_.referral(referral_id);
  if (!followed || followed->accepted) return base::Done{};
  followed->accepted = true;
  return post_.store().write(ledger_.note(*followed));
}

base::Status Desk::close(std::string_view referral_id) {
  const std::lock_guard lock(mutex_);
  auto followed = ledger_.referral(referral_id);
  if (!followed || followed->closed) return base::Done{};
  followed->closed = true;
  return post_.store().write(ledger_.note(*followed));
}

base::Status Desk::cancelled_elsewhere(std::string_view referral_id, std::string_view appointment_id) {
  const std::lock_guard lock(mutex_);
  sdk::Notes notes;
  for (auto& rdv : ledger_.rdvs_of(referral_id)) {
    const auto part = std::ranges::find(rdv.parts, appointment_id, &Part::appointment_id);
    if (part == rdv.parts.end()) continue;
    part->stage = Stage::cancelled;
    for (auto& note : ledger_.note(rdv)) notes.push_back(std::move(note));
  }
  return notes.empty() ? base::Status(base::Done{}) : post_.store().write(notes);
}

base::Status Desk::forget_before(std::int64_t before_ms) {
  const std::lock_guard lock(mutex_);
  return ledger_.forget_before(before_ms);
}

}  // namespace relais::rdvsp
