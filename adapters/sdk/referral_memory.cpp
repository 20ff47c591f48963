#include "adapters/sdk/referral_memory.h"

#include <algorithm>

#include "broker/base/check.h"

#include "relais/v1/adapter_store.pb.h"

namespace relais::sdk {

std::optional<KnownReferral> ReferralMemory::find(std::string_view referral_id) const {
  if (const auto opened = opened_.find(referral_id); opened != opened_.end()) return opened->second;
  const auto bytes = store_->get(Area::referrals, referral_id);
  if (!bytes) return std::nullopt;
  v1::StoredReferral row;
  base::check(row.ParseFromString(*bytes), "a stored row parses");
  return KnownReferral{std::string(referral_id), row.case_id(),  row.sender(),   row.recipient(), row.purpose(),
                       row.priority(),           row.exercise(), row.principal()};
}

void ReferralMemory::open(Change& change, KnownReferral referral) {
  v1::StoredReferral row;
  row.set_case_id(referral.case_id);
  row.set_sender(referral.sender);
  row.set_recipient(referral.recipient);
  row.set_purpose(referral.purpose);
  row.set_priority(referral.priority);
  row.set_exercise(referral.exercise);
  row.set_principal(referral.principal);
  change.put(Area::referrals, referral.referral_id, row.SerializeAsString());
  auto id = referral.referral_id;
  opened_.insert_or_assign(std::move(id), std::move(referral));
}

void ReferralMemory::learn(Change& change, const v1::Envelope& envelope, const std::string& reached) {
  KnownReferral referral{envelope.referral_id(), envelope.case_id(),  envelope.sender(),   {},
                         envelope.purpose(),     envelope.priority(), envelope.exercise(), envelope.on_behalf_of()};
  if (envelope.has_referral_requested()) {
    if (!envelope.recipients().empty()) referral.recipient = reached.empty() ? envelope.recipients(0) : reached;
    open(change, std::move(referral));
  } else if (envelope.has_referral_forwarded()) {
    const auto& forwarded = envelope.referral_forwarded();
    const auto first = std::find_if(envelope.recipients().begin(), envelope.recipients().end(),
                                    [&](const std::string& recipient) { return recipient != forwarded.to(); });
    if (first == envelope.recipients().end()) return;
    referral.referral_id = forwarded.new_referral_id();
    referral.sender = *first;
    if (const auto known = find(envelope.referral_id())) referral.principal = known->principal;
    referral.recipient = forwarded.to();
    open(change, std::move(referral));
  } else if (envelope.has_referral_reassigned()) {
    auto known = find(envelope.referral_id());
    if (!known) return;
    known->recipient = envelope.referral_reassigned().to();
    open(change, std::move(*known));
  } else if (envelope.has_outcome_acknowledged()) {
    change.erase(Area::referrals, envelope.referral_id());
    opened_.erase(envelope.referral_id());
  }
}

}  // namespace relais::sdk
