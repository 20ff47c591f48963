#include "adapters/files/drafting.h"

#include <algorithm>

#include "adapters/files/packing.h"
#include "adapters/sdk/route_choice.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::files {

namespace {

constexpr std::size_t kReferenceBytesMax = 200;  // they become keys of the local store

using Body = v1::Envelope::BodyCase;
using mapping::MappedMessage;
using sdk::LinkKind;

/// Of everything the record says, whoever reads it and when.
std::string digest_of(std::span<const MappedMessage> messages) {
  Texts texts;
  for (const auto& message : messages) {
    texts.push_back(message.envelope.SerializeAsString());
    for (const auto& content : message.contents) texts.push_back(content.bytes);
    texts.push_back(message.local.reference);
    texts.push_back(message.local.referral);
    texts.push_back(message.local.appointment);
  }
  return std::string(base::view(base::hash(pack(texts))));
}

sdk::Draft draft_of(const MappedMessage& message) {
  sdk::Draft draft;
  draft.envelope = message.envelope;
  for (const auto& content : message.contents) draft.contents.push_back({content.category, content.bytes, {}});
  return draft;
}

std::string referral_digest_key(const std::string& institution, const std::string& referral_id) {
  return "request/" + institution + "/" + base::hex(referral_id);
}

}  // namespace

/// What one record does, until it is certain that all of it can be done.
struct Drafter::Work {
  DraftedRecord record;
  std::string digest;
  std::map<std::pair<LinkKind, std::string>, std::string> links;
  std::map<std::string, sdk::KnownReferral> referrals;
  std::map<std::string, AppointmentBook> books;
  bool unchanged = false;
};

Drafter::Drafter(Post& post, const DraftingPolicy& policy) : post_(post), policy_(policy), links_(post.store()) {}

std::optional<std::string> Drafter::linked(LinkKind kind, const std::string& reference) const {
  if (const auto found = new_links_.find({kind, reference}); found != new_links_.end()) return found->second;
  return links_.id(policy_.institution, kind, reference);
}

std::optional<sdk::KnownReferral> Drafter::known(const std::string& referral_id) const {
  if (const auto found = new_referrals_.find(referral_id); found != new_referrals_.end()) return found->second;
  return post_.known_referral(referral_id);
}

void Drafter::link(LinkKind kind, const std::string& reference, const std::string& id, Work& work) {
  work.links[{kind, reference}] = id;
  for (auto& note : links_.link(policy_.institution, kind, reference, id)) work.record.notes.push_back(std::move(note));
}

std::string Drafter::row_key(const MappedMessage& message, const std::string& digest) const {
  const auto& local = message.local;
  const auto& name = !local.reference.empty() ? local.reference : local.referral;
  const auto about = name.empty() ? digest : name + '\n' + local.appointment;
  return "row/" + policy_.institution + "/" + policy_.reader + "/" + base::hex(base::view(base::hash(about)));
}

Drafted Drafter::draft(std::span<const MappedMessage> messages) {
  Work work;
  work.digest = digest_of(messages);
  const auto key = row_key(messages.front(), work.digest);
  if (policy_.rows == RowMeaning::state) {
    const auto pending = new_rows_.find(key);
    const auto last = pending != new_rows_.end() ? std::optional(pending->second) : post_.store().get(key);
    if (last == work.digest) return Unchanged{};
    work.record.notes.push_back({key, work.digest});
    work.record.undo.push_back(key);
  }
  for (const auto& message : messages) {
    if (auto fault = add(message, work)) return std::move(*fault);
    if (work.unchanged) return Unchanged{};
  }
  for (const auto& [referral, book] : work.books) work.record.notes.push_back(book.note());
  if (policy_.rows == RowMeaning::state) new_rows_[key] = work.digest;
  work.record.reference = messages.front().local.reference;
  keep(work);
  return std::move(work.record);
}

void Drafter::keep(Work& work) {
  for (auto& [name, id] : work.links) new_links_[name] = id;
  for (auto& [id, referral] : work.referrals) new_referrals_[id] = referral;
  for (auto& [id, book] : work.books) books_.insert_or_assign(id, book);
}

std::optional<RuleBroken> Drafter::add(const MappedMessage& message, Work& work) {
  if (std::max(message.local.reference.size(), message.local.appointment.size()) > kReferenceBytesMax)
    return broken("reference.too_long", std::to_string(kReferenceBytesMax));
  auto draft = draft_of(message);
  draft.envelope.set_message_id(sdk::new_id());
  draft.envelope.set_sender(policy_.institution);
  auto fault = message.envelope.body_case() == Body::kReferralRequested ? add_request(message, work, draft)
                                                                        : add_further(message, work, draft);
  if (!fault && !work.unchanged) work.record.drafts.push_back(std::move(draft));
  return fault;
}

std::optional<RuleBroken> Drafter::add_request(const MappedMessage& message, Work& work, sdk::Draft& draft) {
  auto& envelope = draft.envelope;
  const auto& reference = message.local.reference;
  const auto before = !reference.empty() ? linked(LinkKind::referral, reference) : std::nullopt;
  const auto same_id = envelope.referral_id().empty() ? before : std::optional(envelope.referral_id());
  if (same_id) {
    const bool said = post_.store().get(referral_digest_key(policy_.institution, *same_id)) == work.digest;
    if (said) work.unchanged = true;
    if (said) return std::nullopt;
    if (known(*same_id)) return broken("reference.already_open");
  }
  if (envelope.recipients().empty())
    for (const auto& recipient : policy_.recipients) envelope.add_recipients(recipient);
  if (envelope.recipients().empty() && !sdk::wants_route(envelope)) return broken("recipient.missing");
  if (envelope.purpose().empty()) envelope.set_purpose(policy_.purpose);
  if (envelope.referral_id().empty()) envelope.set_referral_id(sdk::new_id());
  if (envelope.case_id().empty()) envelope.set_case_id(sdk::new_id());
  const auto& id = envelope.referral_id();
  if (!reference.empty()) link(LinkKind::referral, reference, id, work);
  const auto key = referral_digest_key(policy_.institution, id);
  work.record.notes.push_back({key, work.digest});
  work.record.undo.push_back(key);
  work.referrals[id] = {id,
                        envelope.case_id(),
                        policy_.institution,
                        envelope.recipients().empty() ? std::string() : envelope.recipients(0),
                        envelope.purpose(),
                        envelope.priority(),
                        envelope.exercise()};
  return std::nullopt;
}

std::optional<RuleBroken> Drafter::add_further(const MappedMessage& message, Work& work, sdk::Draft& draft) {
  auto& envelope = draft.envelope;
  const auto& reference = message.local.reference;
  if (envelope.referral_id().empty()) {
    if (reference.empty()) return broken("referral.not_named");
    const auto in_record = work.links.find({LinkKind::referral, reference});
    const auto id =
        in_record != work.links.end() ? std::optional(in_record->second) : linked(LinkKind::referral, reference);
    if (!id) return broken("reference.unknown");
    envelope.set_referral_id(*id);
  } else if (!reference.empty() && linked(LinkKind::referral, reference) != envelope.referral_id()) {
    link(LinkKind::referral, reference, envelope.referral_id(), work);
  }
  const auto opened = work.referrals.find(envelope.referral_id());
  const auto referral = opened != work.referrals.end() ? std::optional(opened->second) : known(envelope.referral_id());
  if (!referral) return broken("referral.not_open");
  envelope.set_case_id(referral->case_id);
  const auto& other = referral->sender == policy_.institution ? referral->recipient : referral->sender;
  if (envelope.recipients().empty() && envelope.body_case() != Body::kReferralForwarded && !other.empty())
    envelope.add_recipients(other);
  envelope.set_purpose(referral->purpose);
  envelope.set_exercise(referral->exercise);
  if (envelope.priority() == v1::PRIORITY_UNSPECIFIED) envelope.set_priority(referral->priority);
  if (envelope.body_case() == Body::kReferralForwarded && envelope.referral_forwarded().new_referral_id().empty())
    envelope.mutable_referral_forwarded()->set_new_referral_id(sdk::new_id());
  if (is_appointment(envelope.body_case())) return name_appointment(message, work, draft);
  return std::nullopt;
}

std::optional<RuleBroken> Drafter::name_appointment(const MappedMessage& message, Work& work, sdk::Draft& draft) {
  auto& envelope = draft.envelope;
  const auto referral_id = envelope.referral_id();
  const auto batched = books_.find(referral_id);
  const auto book =
      work.books
          .try_emplace(referral_id, batched != books_.end()
                                        ? batched->second
                                        : AppointmentBook::read(post_.store(), policy_.institution, referral_id))
          .first;
  const auto& number = message.local.appointment;
  if (envelope.appointment_id().empty() && !number.empty())
    if (const auto id = linked(LinkKind::appointment, number)) envelope.set_appointment_id(*id);
  if (envelope.appointment_id().empty()) {
    auto meant = book->second.meant_by(envelope.body_case());
    if (auto* const fault = std::get_if<RuleBroken>(&meant)) return std::move(*fault);
    const auto& id = std::get<std::string>(meant);
    envelope.set_appointment_id(id.empty() ? sdk::new_id() : id);
  }
  if (!number.empty() && linked(LinkKind::appointment, number) != envelope.appointment_id())
    link(LinkKind::appointment, number, envelope.appointment_id(), work);
  book->second.passed(envelope.body_case(), envelope.appointment_id());
  return std::nullopt;
}

}  // namespace relais::files
