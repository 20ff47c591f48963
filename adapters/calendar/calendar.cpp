// The half that speaks with Relais. The half that looks at the calendar is in calendar_look.cpp.
#include "adapters/calendar/calendar.h"

#include <algorithm>
#include <random>

#include "adapters/files/appointment_book.h"
#include "adapters/files/incoming_links.h"
#include "adapters/http/pace.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::calendar {

namespace {

using sdk::Verdict;
using Body = v1::Envelope::BodyCase;

constexpr std::chrono::seconds kAfterOwnFault{30};
constexpr int kConflictsMost = 5;

const v1::Meeting* meeting_of(const v1::Envelope& envelope) {
  switch (envelope.body_case()) {
    case Body::kAppointmentProposed:
      return &envelope.appointment_proposed().meeting();
    case Body::kAppointmentHeld:
      return &envelope.appointment_held().meeting();
    case Body::kAppointmentBooked:
      return envelope.appointment_booked().has_meeting() ? &envelope.appointment_booked().meeting() : nullptr;
    case Body::kAppointmentRescheduled:
      return &envelope.appointment_rescheduled().meeting();
    default:
      return nullptr;
  }
}

/// Empty: the message says nothing that a calendar shows.
std::optional<EventStatus> status_by(Body body) {
  switch (body) {
    case Body::kAppointmentProposed:
    case Body::kAppointmentHeld:
      return EventStatus::tentative;
    case Body::kAppointmentBooked:
    case Body::kAppointmentRescheduled:
      return EventStatus::confirmed;
    case Body::kAppointmentCancelled:
      return EventStatus::cancelled;
    case Body::kAppointmentFulfilled:
      return EventStatus::fulfilled;
    case Body::kAppointmentNoShow:
      return EventStatus::no_show;
    default:
      return std::nullopt;
  }
}

}  // namespace

Calendar::Calendar(files::Post& post, const CalendarConfig& config, std::unique_ptr<CalendarServer> server,
                   NetworkNow network, const base::Clock& clock)
    : post_(post),
      config_(config),
      server_(std::move(server)),
      network_(std::move(network)),
      clock_(clock),
      links_(post.store(), config.institution) {}

CalendarCounts Calendar::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

sdk::Verdict Calendar::take(const sdk::Incoming& message) {
  if (!files::is_appointment(message.envelope.body_case())) return take_other(message);
  return take_appointment(message);
}

sdk::Verdict Calendar::take_other(const sdk::Incoming& message) const {
  const auto& envelope = message.envelope;
  const bool to_us = envelope.has_referral_requested() ||
                     (envelope.has_referral_forwarded() && envelope.referral_forwarded().to() == message.recipient);
  if (!to_us || message.copy) return Verdict::handled();
  if (config_.referrals == Referrals::refuse) return Verdict::reject("calendar.appointments_only");
  if (config_.referrals == Referrals::receive) return Verdict::handled();
  sdk::Draft accepted;
  accepted.envelope.set_sender(config_.institution);
  accepted.envelope.set_referral_id(files::referral_of(envelope, config_.institution));
  accepted.envelope.mutable_referral_accepted();
  return Verdict::handled({}, {accepted});
}

std::optional<Link> Calendar::link_for(const v1::Envelope& envelope) const {
  if (auto known = links_.find(envelope.appointment_id())) return known;
  if (meeting_of(envelope) == nullptr) return std::nullopt;
  Link link;
  link.appointment_id = envelope.appointment_id();
  link.referral_id = envelope.referral_id();
  link.href = config_.server.collection.path + base::id_text(envelope.appointment_id()) + ".ics";
  return link;
}

base::Status Calendar::keep(const Link& link, const Link* before, bool unfinished) {
  auto notes = links_.notes(link, before);
  notes.push_back(links_.mark_unfinished(link, unfinished));
  return post_.store().write(notes);
}

sdk::Verdict Calendar::take_appointment(const sdk::Incoming& message) {
  const auto& envelope = message.envelope;
  const auto status = status_by(envelope.body_case());
  const std::lock_guard lock(mutex_);
  auto link = link_for(envelope);
  if (!status || !link) return Verdict::handled();
  if (message.position > link->position) {
    const auto before = *link;
    link->agreed.status = *status;
    if (const auto* const meeting = meeting_of(envelope)) {
      link->meeting = *meeting;
      link->agreed.start_ms = meeting->start_ms();
      link->agreed.end_ms = meeting->end_ms();
    }
    link->position = message.position;
    // The broker has accepted this: it is so, whether or not the server can be asked now. The message does the rest.
    if (!keep(*link, &before, false)) return Verdict::retry(kAfterOwnFault, "store.failed");
  }
  if (link->satisfied()) return Verdict::handled();
  if (clock_.now() < not_before_)
    return Verdict::retry(std::chrono::ceil<std::chrono::milliseconds>(not_before_ - clock_.now()), "calendar.away");
  const auto done = bring_up_to_date(*link, &envelope, message.content<v1::Identity>());
  if (done) return Verdict::handled();
  std::chrono::milliseconds pause = kAfterOwnFault;
  if (failed(done.refusal(), pause)) return Verdict::retry(pause, "calendar." + why_of(done.refusal()));
  pause = http::pause_after(message.attempt, config_.retry_first, std::random_device()());
  return Verdict::retry(pause, "calendar." + why_of(done.refusal()));
}

void Calendar::receipt(const base::MessageId& message, std::uint64_t position) {
  const std::lock_guard lock(mutex_);
  auto link = links_.asked_by(message.bytes());
  if (!link) return;
  const auto before = *link;
  const auto accepted = std::ranges::find(link->asked, message.bytes(), &Asked::message_id);
  if (accepted == link->asked.end()) return;
  if (position > link->position) {
    if (!same_times(accepted->state, link->agreed)) {
      link->meeting.set_start_ms(accepted->state.start_ms);
      link->meeting.set_end_ms(accepted->state.end_ms);
      link->meeting.clear_slot_id();
    }
    link->agreed = accepted->state;
    link->position = position;
  }
  link->asked.erase(link->asked.begin(), accepted + 1);
  if (!keep(*link, &before, !link->satisfied()))
    base::log_warning("receipt not noted", {{"institution", config_.institution}});
}

base::Status Calendar::bring_up_to_date(Link& link, const v1::Envelope* message, const v1::Identity* identity) {
  for (int attempt = 0; attempt < kConflictsMost && !link.satisfied(); ++attempt) {
    auto done = link.on_server ? change(link, message, identity) : make(link, message, identity);
    if (!done) return done;
  }
  if (!link.satisfied()) return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "conflict"}});
  return keep(link, nullptr, false);
}

EventWriting Calendar::writing_of(const Link& link, const v1::Envelope* message, const v1::Identity* identity) const {
  EventWriting writing;
  writing.uid = uid_of_appointment(link.appointment_id);
  const bool first = link.shown.end_ms == 0 && link.sequence == 0;
  writing.sequence = first ? 0 : std::min(link.sequence + 1, kSequenceMost);
  writing.state = link.wanted();
  const auto referral = post_.known_referral(link.referral_id);
  const auto sender = message != nullptr ? message->sender() : referral ? referral->sender : std::string();
  const auto purpose = message != nullptr ? message->purpose() : referral ? referral->purpose : std::string();
  const auto network = network_();
  writing.text = event_text(config_.event, link, sender, purpose, network ? &network->definition() : nullptr, identity);
  writing.notice = link.notice;
  writing.now = clock_.now();
  return writing;
}

/// What is put is noted before: should this process end now, what is found there later is known for ours.
base::Status Calendar::begin_writing(Link& link, const v1::Envelope* message) {
  link.writing = link.wanted();
  return keep(link, nullptr, message == nullptr);
}

base::Status Calendar::make(Link& link, const v1::Envelope* message, const v1::Identity* identity) {
  if (link.writing) {
    // It was tried before, and nobody knows with what result.
    const auto found = server_->get(link.href);
    if (!found) return found.refusal();
    if (*found) return observe(link, &**found);
  }
  if (auto begun = begin_writing(link, message); !begun) return begun;
  const auto writing = writing_of(link, message, identity);
  const auto put = server_->put(link.href, {}, new_event(writing, config_.rules));
  if (!put) return put.refusal();
  if (put->conflict) {
    // It is there already, perhaps changed by people since.
    const auto found = server_->get(link.href);
    if (!found) return found.refusal();
    return *found ? observe(link, &**found) : base::Status(base::Done{});
  }
  link.sequence = writing.sequence;
  was_written(link, *put);
  return base::Done{};
}

base::Status Calendar::change(Link& link, const v1::Envelope* message, const v1::Identity* identity) {
  const auto found = server_->get(link.href);
  if (!found) return found.refusal();
  if (!*found) return observe(link, nullptr);
  const auto& stored = **found;
  if (stored.etag != link.etag) {
    if (auto observed = observe(link, &stored); !observed) return observed;
    if (link.satisfied()) return base::Done{};
  }
  if (auto begun = begin_writing(link, message); !begun) return begun;
  if (link.wanted().status == EventStatus::cancelled && config_.remove_cancelled) {
    const auto removed = server_->remove(link.href, stored.etag);
    if (!removed) return removed.refusal();
    if (removed->conflict) return base::Done{};
    was_written(link, *removed);
    link.on_server = false;
    return base::Done{};
  }
  const auto writing = writing_of(link, message, identity);
  // What can not be read, or says more than one event, is replaced.
  const auto document = IcalDocument::read(stored.text);
  const auto* const readable = std::get_if<IcalDocument>(&document);
  const bool plain = readable != nullptr && std::holds_alternative<Event>(read_event(*readable, config_.rules));
  auto text = plain ? changed_event(stored.text, writing, config_.rules)
                    : std::variant<std::string, IcalFault>(new_event(writing, config_.rules));
  if (std::holds_alternative<IcalFault>(text)) text = new_event(writing, config_.rules);
  const auto put = server_->put(link.href, stored.etag, std::get<std::string>(text));
  if (!put) return put.refusal();
  if (put->conflict) return base::Done{};
  link.sequence = writing.sequence;
  was_written(link, *put);
  return base::Done{};
}

void Calendar::was_written(Link& link, const Written& written) {
  link.on_server = true;
  link.etag = written.etag;
  link.shown = link.wanted();
  link.writing.reset();
  link.notice.clear();
  ++counts_.written;
  not_before_ = {};
}

bool Calendar::failed(const base::Refusal& refusal, std::chrono::milliseconds& pause) {
  const auto why = why_of(refusal);
  constexpr std::array<std::string_view, 7> kOfTheServer = {"away",         "timeout",   "tls",           "broken",
                                                            "unauthorised", "forbidden", "server_failure"};
  if (fault_ != why) base::log_warning("calendar is held up", {{"institution", config_.institution}, {"why", why}});
  fault_ = why;
  if (std::ranges::count(kOfTheServer, std::string_view(why)) == 0) return false;
  // Growing pauses, but short enough that a server that is back is noticed.
  const auto now = clock_.now();
  if (now >= not_before_) ++failures_;
  pause = std::min<std::chrono::milliseconds>(http::pause_after(failures_, config_.retry_first, std::random_device()()),
                                              std::chrono::minutes(5));
  not_before_ = now + pause;
  return true;
}

}  // namespace relais::calendar
