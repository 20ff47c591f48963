#include "adapters/rdvsp/intake.h"

#include <algorithm>

#include "adapters/files/incoming_links.h"
#include "adapters/http/pace.h"
#include "adapters/mapping/outgoing.h"
#include "adapters/rdvsp/notice.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::rdvsp {

namespace {

using sdk::Verdict;
using Kind = v1::Envelope::BodyCase;

constexpr std::chrono::milliseconds kRetryFirst{5'000};
constexpr const char* kOneValue = "the field takes one value: the first";
constexpr const char* kUsualLink = "/prendre_rdv?invitation_token={token}";

std::uint32_t random_number() {
  const auto bytes = base::random_bytes(2);
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[0])) << 8U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[1]));
}

/// "last_name blank, first_name blank".
std::string text_of(const std::vector<FieldFault>& fields, const std::string& otherwise) {
  std::string text;
  for (const auto& [field, code] : fields) text += (text.empty() ? "" : ", ") + field + " " + code;
  return text.empty() ? otherwise : text;
}

std::string link_of(const ExchangeConfig& config, const Invitation& invitation) {
  auto link = config.invitation_link;
  if (link.empty() && !invitation.url.empty()) return invitation.url;
  if (link.empty()) link = config.api.target.origin + kUsualLink;
  return link.replace(link.find(kTokenHole), kTokenHole.size(), invitation.token);
}

/// The one who sent the referral that a forward to us is about.
std::string sender_of_forwarded(const sdk::Incoming& message) {
  const auto& recipients = message.envelope.recipients();
  const auto found = std::ranges::find_if(recipients, [&](const auto& one) { return one != message.recipient; });
  return found == recipients.end() ? message.envelope.sender() : *found;
}

constexpr const char* kInvitationSubject = "Invitation à prendre rendez-vous";
constexpr const char* kInvitationText =
    "Lien personnel, à remettre à la personne pour qu'elle choisisse son créneau : ";

/// On the referral, to whoever sent it.
v1::Envelope& reply_to(const std::string& institution, const Followed& followed, std::vector<sdk::Draft>& replies) {
  auto& envelope = replies.emplace_back().envelope;
  envelope.set_sender(institution);
  write_head(followed, envelope);
  return envelope;
}

}  // namespace

Intake::Intake(files::Post& post, Desk& desk, Ledger& ledger, http::ProblemBook& problems, Api& api,
               const ExchangeConfig& config, const base::Clock& clock)
    : post_(post),
      desk_(desk),
      ledger_(ledger),
      problems_(problems),
      api_(api),
      config_(config),
      clock_(clock),
      losses_(config.institution, [&post](std::uint64_t values) { post.count_not_carried(values); }) {}

Verdict Intake::take(const sdk::Incoming& message) {
  const auto& envelope = message.envelope;
  if (message.copy) return show(message);
  switch (envelope.body_case()) {
    case Kind::kReferralRequested:
      return take_referral(message, envelope.referral_id(), envelope.sender());
    case Kind::kReferralForwarded:
      if (envelope.referral_forwarded().to() != config_.institution) return show(message);
      return take_referral(message, envelope.referral_forwarded().new_referral_id(), sender_of_forwarded(message));
    case Kind::kReferralReassigned:
      return envelope.referral_reassigned().from() == config_.institution ? end_referral(message) : show(message);
    case Kind::kReferralCancelled:
    case Kind::kReferralExpired:
    case Kind::kOutcomeAcknowledged:
      return end_referral(message);
    case Kind::kAppointmentCancelled:
      if (auto done = desk_.cancelled_elsewhere(envelope.referral_id(), envelope.appointment_id()); !done)
        return Verdict::retry(kRetryFirst, "store.failed");
      if (envelope.appointment_cancelled().by() == v1::CANCELLED_BY_BROKER) return Verdict::handled();
      return Verdict::handled(
          {problems_.note(notice("appointment.cancelled_elsewhere", base::hex(envelope.appointment_id()), clock_.now(),
                                 {}, envelope.referral_id()))});
    case Kind::kRightsRequested:
      return Verdict::handled(
          {problems_.note(notice("rights.asked", base::hex(envelope.message_id()), clock_.now(), {}, {},
                                 envelope.rights_requested().right() == v1::RIGHT_ACCESS ? "access" : "erasure"))});
    default:
      return show(message);
  }
}

Verdict Intake::later(const sdk::Incoming& message, const ApiFault& fault) const {
  base::log_warning("message not taken by the software", {{"institution", config_.institution},
                                                          {"message", base::id_text(message.envelope.message_id())},
                                                          {"trace", base::trace_id(message.envelope.trace_parent())},
                                                          {"attempt", message.attempt},
                                                          {"reason", fault.reason}});
  return Verdict::retry(std::max(fault.pause, http::pause_after(message.attempt, kRetryFirst, random_number())),
                        fault.reason);
}

Verdict Intake::refuse(const sdk::Incoming& message, std::string code, const std::string& detail, std::string reason) {
  base::log_warning("message refused", {{"institution", config_.institution},
                                        {"message", base::id_text(message.envelope.message_id())},
                                        {"trace", base::trace_id(message.envelope.trace_parent())},
                                        {"code", code}});
  const auto& envelope = message.envelope;
  const auto note =
      problems_.note(notice(code, base::hex(envelope.message_id()), clock_.now(), {}, envelope.referral_id(), detail));
  if (!post_.store().write({note})) return Verdict::retry(kRetryFirst, "store.failed");
  return Verdict::reject(std::move(reason));
}

/// What has a content is not swallowed: its sender must know that nobody read it. Of the rest people are told.
Verdict Intake::show(const sdk::Incoming& message) {
  const auto& envelope = message.envelope;
  const auto kind = files::kind_of(envelope);
  const bool asks =
      envelope.body_case() == Kind::kAppointmentProposed || envelope.body_case() == Kind::kAppointmentHeld ||
      envelope.body_case() == Kind::kAppointmentBooked || envelope.body_case() == Kind::kAppointmentRescheduled;
  if (!message.copy && (asks || !message.contents.empty()))
    return refuse(message, "message.not_carried", kind, "rdvsp.not_carried");
  return Verdict::handled({problems_.note(
      notice("message.not_shown", base::hex(envelope.message_id()), clock_.now(), {}, envelope.referral_id(), kind))});
}

Verdict Intake::end_referral(const sdk::Incoming& message) {
  const auto& referral_id = message.envelope.referral_id();
  if (auto done = desk_.close(referral_id); !done) return Verdict::retry(kRetryFirst, "store.failed");
  sdk::Notes notes;
  for (const auto& rdv : ledger_.rdvs_of(referral_id)) {
    const auto part = std::ranges::find(rdv.parts, referral_id, &Part::referral_id);
    if (part->stage != Stage::booked || part->meeting.start_ms() < base::to_ms(clock_.now())) continue;
    const auto reference = "rdv/" + rdv.id;
    notes.push_back(problems_.note(notice("referral.ended", reference, clock_.now(), reference, referral_id)));
  }
  return Verdict::handled(std::move(notes));
}

Verdict Intake::take_referral(const sdk::Incoming& message, const std::string& referral_id, const std::string& guest) {
  const auto& envelope = message.envelope;
  auto followed = ledger_.referral(referral_id);
  if (!followed) {
    auto person = person_of(message);
    if (auto* const verdict = std::get_if<Verdict>(&person)) return std::move(*verdict);
    Followed made;
    made.referral_id = referral_id;
    made.case_id = envelope.case_id();
    made.guest = guest;
    made.purpose = envelope.purpose();
    made.priority = envelope.priority();
    made.exercise = envelope.exercise();
    made.service_id = envelope.referral_requested().service_id();
    made.user = std::get<std::string>(std::move(person));
    made.since_ms = base::to_ms(clock_.now());
    // At once: whatever fails below, the person is not created a second time.
    if (auto noted = desk_.follow(made); !noted) return Verdict::retry(kRetryFirst, "store.failed");
    followed = std::move(made);
  }
  std::vector<sdk::Draft> replies;
  if (config_.accept == AcceptWhen::invitation)
    reply_to(config_.institution, *followed, replies).mutable_referral_accepted();
  if (config_.invite)
    if (auto verdict = invite(message, *followed, replies)) return std::move(*verdict);
  if (config_.accept == AcceptWhen::invitation)
    if (auto noted = desk_.accept(referral_id); !noted) return Verdict::retry(kRetryFirst, "store.failed");
  return Verdict::handled({}, std::move(replies));
}

std::variant<std::string, Verdict> Intake::person_of(const sdk::Incoming& message) {
  // Another referral of the same case is about the same person.
  if (auto user = ledger_.user_of_case(message.envelope.case_id())) return std::move(*user);
  mapping::OutgoingMessage outgoing{message.envelope, {}, files::local_references(post_.store(), message)};
  outgoing.envelope.mutable_referral_requested();
  for (const auto& content : message.contents) outgoing.contents.push_back({content.category, content.bytes});
  const auto written = config_.mapping->write(outgoing);
  if (!written.failed.empty()) {
    const auto& fault = written.failed.front().faults.front();
    return refuse(message, "person.not_written", fault.field + " " + fault.rule, "mapping." + fault.rule);
  }
  auto person = written.documents.empty()
                    ? Json()
                    : Json::parse(written.documents.front().bytes, nullptr, /*allow_exceptions=*/false);
  if (person.is_array() && person.size() == 1) person = Json(person.front());
  if (!person.is_object()) return refuse(message, "person.not_written", "json", "mapping.no_person");
  // Their fields take one value. A mapping that does not choose gets the first.
  auto lost = written.lost;
  for (auto& [name, value] : person.items()) {
    if (!value.is_array() || value.empty()) continue;
    if (value.size() > 1) lost.push_back({"/" + name, 1, kOneValue, "/" + name});
    value = Json(value.front());
  }
  person["organisation_ids"] = Json::array({config_.organisations.front()});
  auto created = create(message, std::move(person));
  if (std::holds_alternative<std::string>(created))
    losses_.tell(config_.mapping->name(), mapping::LossLog::Way::out, lost);
  return created;
}

std::variant<std::string, Verdict> Intake::create(const sdk::Incoming& message, Json person) {
  auto made = api_.create_user(person);
  auto* fault = std::get_if<ApiFault>(&made);
  const auto about_email = [](const FieldFault& field) { return field.field == "email"; };
  if (fault != nullptr && !fault->passing && person.contains("email") && !fault->fields.empty() &&
      std::ranges::all_of(fault->fields, about_email)) {
    // Never attached to whoever has the address: families share one.
    person.erase("email");
    made = api_.create_user(person);
    fault = std::get_if<ApiFault>(&made);
    if (fault == nullptr) {
      const auto& user = std::get<std::string>(made);
      const auto note = problems_.note(
          notice("person.email_taken", user, clock_.now(), "user/" + user, message.envelope.referral_id()));
      // For want of the note the person is there all the same.
      (void)post_.store().write({note});
    }
  }
  if (fault == nullptr) return std::get<std::string>(std::move(made));
  if (fault->passing) return later(message, *fault);
  return refuse(message, "person.refused", text_of(fault->fields, fault->reason), "software.refused");
}

std::optional<Verdict> Intake::invite(const sdk::Incoming& message, const Followed& followed,
                                      std::vector<sdk::Draft>& replies) {
  auto said = api_.invite(followed.user);
  if (const auto* const fault = std::get_if<ApiFault>(&said)) {
    if (fault->passing) return later(message, *fault);
    return refuse(message, "person.refused", fault->reason, "software.refused");
  }
  reply_to(config_.institution, followed, replies).mutable_information_provided();
  v1::Note note;
  note.set_subject(kInvitationSubject);
  note.set_text(kInvitationText + link_of(config_, std::get<Invitation>(said)));
  sdk::add_content(replies.back(), note);
  return std::nullopt;
}

}  // namespace relais::rdvsp
