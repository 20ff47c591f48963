#include "adapters/sdk/preparation.h"

#include "adapters/sdk/minimisation.h"

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
  name_fallbacks(*envelope, *network, now);
  const auto contents = minimise(*envelope, draft.contents, *network, now);
  if (!contents) return contents.refusal();
  auto sealed = sealer_.seal(*envelope, *contents, *network, figures_.message_bytes_max, now);
  if (!sealed) return sealed.refusal();
  sealed->entry.set_automatic(automatic);
  sealed->entry.set_repeatable(repeatable);
  prepared.referrals.learn(prepared.change, *envelope);
  prepared.ids.push_back(*base::MessageId::from_bytes(envelope->message_id()));
  prepared.bytes += sealed->submit.size();
  prepared.sealed.push_back(std::move(*sealed));
  return base::Done{};
}

}  // namespace relais::sdk
