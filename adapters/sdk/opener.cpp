#include "adapters/sdk/opener.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/base/refusal_code.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;

Unreadable never(RefusalCode code) { return {true, false, std::string(base::info(code).name)}; }
Unreadable later(std::string reason) { return {false, true, std::move(reason)}; }

bool names(const google::protobuf::RepeatedPtrField<std::string>& institutions, std::string_view institution) {
  return std::any_of(institutions.begin(), institutions.end(),
                     [&](const std::string& one) { return one == institution; });
}

bool seals_for(const v1::Envelope& envelope, std::string_view institution) {
  return std::any_of(envelope.compartments().begin(), envelope.compartments().end(),
                     [&](const v1::CompartmentDigest& one) { return names(one.recipients(), institution); });
}

}  // namespace

std::variant<OpenedContent, Unreadable> Opener::open_one(const Incoming& message, const v1::CompartmentDigest& digest,
                                                         const std::string& bytes, const Network& network) {
  if (digest.digest() != base::view(base::hash(bytes))) return never(RefusalCode::compartment_digest_mismatch);
  v1::Compartment compartment;
  if (!compartment.ParseFromString(bytes) || compartment.category() != digest.category())
    return never(RefusalCode::compartment_malformed);
  const auto wrap = std::find_if(compartment.wraps().begin(), compartment.wraps().end(),
                                 [&](const v1::Wrap& one) { return one.recipient() == message.recipient; });
  if (wrap == compartment.wraps().end()) return never(RefusalCode::compartment_does_not_open);
  const auto* mine = keyring_.sealing_key(message.recipient, wrap->recipient_key());
  // During a rotation the file of the new key may come after the definition that names it.
  if (mine == nullptr) return later("key.missing");
  const auto theirs =
      network.sealing_key(message.envelope.sender(), wrap->sender_key(), base::from_ms(message.envelope.sent_at_ms()));
  if (!theirs) return later("key.unknown");
  const auto shared = keyring_.agree(*mine, *theirs);
  if (!shared) return never(RefusalCode::compartment_does_not_open);
  auto content = base::open(compartment, message.envelope.message_id(), *wrap, **shared);
  if (!content) return never(content.refusal().code);
  OpenedContent opened{digest.category(), std::move(*content), {}};
  opened.content = parse_content(opened.category, opened.bytes);
  if (is_known(opened.category) && std::holds_alternative<std::monostate>(opened.content))
    return never(RefusalCode::compartment_malformed);
  return opened;
}

Opened Opener::open(const v1::Deliver& deliver, const Network& network) {
  Incoming message;
  auto& envelope = message.envelope;
  if (!envelope.ParseFromString(deliver.envelope())) return never(RefusalCode::envelope_malformed);
  if (envelope.version() != 1) return later(std::string(base::info(RefusalCode::envelope_version).name));
  const auto key = network.signing_key(envelope.sender(), envelope.signing_key(), base::from_ms(envelope.sent_at_ms()));
  if (!key) return later(std::string(base::info(RefusalCode::identity_unknown).name));
  if (!base::verify(*key, base::kEnvelopeDomain, deliver.envelope(), deliver.signature()))
    return never(RefusalCode::signature_invalid);
  // A kind of a later version: an operator must see it, and it must not be lost.
  if (envelope.body_case() == v1::Envelope::BODY_NOT_SET) return later("kind.unknown");
  message.recipient = deliver.recipient();
  const bool named = names(envelope.recipients(), message.recipient) ||
                     names(envelope.fallbacks(), message.recipient) ||
                     names(envelope.team_members(), message.recipient);
  message.copy = !named;
  // The broker knows who stands on a side of a referral. To seal something for who is not named is not allowed, so that
  // whatever it sends to whom, what is sealed stays so.
  const bool copy = !envelope.referral_id().empty() && !seals_for(envelope, message.recipient);
  const bool meant = named || envelope.on_behalf_of() == message.recipient || copy;
  if (!keyring_.serves(message.recipient) || !meant)
    return later(std::string(base::info(RefusalCode::identity_not_served).name));
  message.attempt = deliver.attempt();
  message.position = deliver.position();
  message.accepted_at = base::from_ms(deliver.accepted_at_ms());

  int next = 0;
  for (const auto& digest : envelope.compartments()) {
    if (!names(digest.recipients(), message.recipient)) {
      message.withheld.push_back(digest.category());
      continue;
    }
    if (next == deliver.compartments_size()) return never(RefusalCode::compartment_digest_mismatch);
    auto opened = open_one(message, digest, deliver.compartments(next++), network);
    if (auto* unreadable = std::get_if<Unreadable>(&opened)) return std::move(*unreadable);
    message.contents.push_back(std::get<OpenedContent>(std::move(opened)));
  }
  if (next != deliver.compartments_size()) return never(RefusalCode::compartment_digest_mismatch);
  return message;
}

}  // namespace relais::sdk
