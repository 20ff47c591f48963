#include "adapters/sdk/preparation.h"

namespace relais::sdk {

base::Status Preparation::add(Prepared& prepared, const Draft& draft, bool automatic) {
  const bool repeatable = !draft.envelope.message_id().empty();
  if (repeatable && outbox_.was_submitted(draft.envelope.message_id())) {
    prepared.ids.push_back(*base::MessageId::from_bytes(draft.envelope.message_id()));
    return base::Done{};
  }
  const auto network = network_.current();
  if (network == nullptr) return base::refuse(base::RefusalCode::network_none);
  const auto now = clock_.now();
  auto envelope = complete(draft, keyring_, prepared.referrals, *network, now);
  if (!envelope) return envelope.refusal();
  const bool waits_for_route = envelope->recipients().empty() && !may_name_nobody(*envelope);
  auto sealed = waits_for_route ? sealer_.keep(*envelope, draft.contents, *network, figures_.message_bytes_max, now)
                                : sealer_.seal(*envelope, draft.contents, *network, figures_.message_bytes_max, now);
  if (!sealed) return sealed.refusal();
  sealed->entry.set_automatic(automatic);
  sealed->entry.set_repeatable(repeatable);
  prepared.referrals.learn(prepared.change, *envelope);
  prepared.ids.push_back(*base::MessageId::from_bytes(envelope->message_id()));
  prepared.bytes += sealed->submit.size();
  prepared.sealed.push_back(std::move(*sealed));
  return base::Done{};
}

base::Result<std::string> Preparation::address(const v1::Submit& kept, const Route& route, ReferralMemory& referrals,
                                               Change& change) {
  v1::Envelope envelope;
  base::check(envelope.ParseFromString(kept.envelope()), "a kept envelope parses");
  const auto network = network_.current();
  if (network == nullptr || network->institution(route.institution) == nullptr)
    return base::refuse(base::RefusalCode::network_none);
  const auto contents = sealer_.kept_contents(envelope, kept);
  if (!contents) return contents.refusal();
  const auto now = clock_.now();
  envelope.add_recipients(route.institution);
  envelope.set_sent_at_ms(base::to_ms(now));
  if (envelope.has_referral_requested() && envelope.referral_requested().service_id().empty())
    envelope.mutable_referral_requested()->set_service_id(route.service_id);
  auto sealed = sealer_.seal(envelope, *contents, *network, figures_.message_bytes_max, now);
  if (!sealed) return sealed.refusal();
  referrals.learn(change, envelope);
  return std::move(sealed->submit);
}

}  // namespace relais::sdk
