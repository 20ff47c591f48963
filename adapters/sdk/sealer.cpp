#include "adapters/sdk/sealer.h"

#include <algorithm>

#include "adapters/sdk/minimisation.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;
using base::refuse;

base::Refusal no_key(std::string field, std::string_view institution) {
  return refuse(RefusalCode::key_invalid, std::move(field), {{"why", "no valid key of " + std::string(institution)}});
}

base::Status check_category(const DraftContent& content, const std::string& field) {
  if (content.category != v1::CATEGORY_UNSPECIFIED) return base::Done{};
  return refuse(RefusalCode::envelope_malformed, field + ".category",
                {{"field", field + ".category"}, {"why", "is missing"}});
}

base::PublicKeyBytes bytes_of(const v1::PublicKey& key) {
  base::PublicKeyBytes bytes{};
  std::copy(key.key().begin(), key.key().end(), bytes.begin());
  return bytes;
}

v1::OutboxEntry entry_of(const v1::Envelope& envelope, std::uint64_t bytes) {
  v1::OutboxEntry entry;
  entry.set_message_id(envelope.message_id());
  entry.set_case_id(envelope.case_id());
  entry.set_referral_id(envelope.referral_id());
  entry.set_sender(envelope.sender());
  entry.set_kind(static_cast<std::uint32_t>(envelope.body_case()));
  entry.set_bytes(bytes);
  entry.set_submitted_at_ms(envelope.sent_at_ms());
  entry.set_trace_parent(envelope.trace_parent());
  return entry;
}

}  // namespace

base::Result<std::string> Sealer::seal_content(const v1::Envelope& envelope, const DraftContent& content,
                                               std::span<const std::string> recipients, const Network& network,
                                               base::Instant now) {
  const auto* mine = keyring_.sealing_key(envelope.sender(), network, now);
  if (mine == nullptr) return no_key("sender", envelope.sender());
  auto sealed = base::seal(envelope.message_id(), content.category, content.bytes);
  for (const auto& recipient : recipients) {
    const auto* theirs = network.current_sealing_key(recipient, now);
    if (theirs == nullptr) return no_key("recipients", recipient);
    const auto shared = keyring_.agree(*mine, bytes_of(*theirs));
    if (!shared) return shared.refusal();
    base::add_wrap(sealed, recipient, theirs->id(), mine->id, **shared);
  }
  return sealed.compartment.SerializeAsString();
}

base::Result<Sealed> Sealer::keep(const v1::Envelope& envelope, std::span<const DraftContent> contents,
                                  const Network& network, std::uint64_t message_bytes_max, base::Instant now) {
  const auto* mine = keyring_.sealing_key(envelope.sender(), network, now);
  if (mine == nullptr || keyring_.signing_key(envelope.sender(), network, now) == nullptr)
    return no_key("sender", envelope.sender());
  const auto shared = keyring_.agree(*mine, mine->pair->public_key);
  if (!shared) return shared.refusal();
  v1::Submit submit;
  envelope.SerializeToString(submit.mutable_envelope());
  std::uint64_t bytes = submit.envelope().size();
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string field = "contents[" + std::to_string(i) + "]";
    if (const auto sound = check_category(contents[i], field); !sound) return sound.refusal();
    if (!contents[i].recipients.empty())
      return refuse(RefusalCode::envelope_malformed, field + ".recipients",
                    {{"field", field + ".recipients"}, {"why", "the message names no recipient"}});
    auto sealed = base::seal(envelope.message_id(), contents[i].category, contents[i].bytes);
    base::add_wrap(sealed, envelope.sender(), mine->id, mine->id, **shared);
    submit.add_compartments(sealed.compartment.SerializeAsString());
    bytes += submit.compartments(static_cast<int>(i)).size();
  }
  if (message_bytes_max != 0 && bytes > message_bytes_max)
    return refuse(RefusalCode::message_too_large, {}, {{"max", std::to_string(message_bytes_max)}});
  Sealed kept;
  kept.submit = submit.SerializeAsString();
  kept.entry = entry_of(envelope, kept.submit.size());
  kept.unrouted = true;
  return kept;
}

base::Result<std::vector<DraftContent>> Sealer::kept_contents(const v1::Envelope& envelope, const v1::Submit& kept) {
  std::vector<DraftContent> contents;
  for (const auto& bytes : kept.compartments()) {
    v1::Compartment compartment;
    if (!compartment.ParseFromString(bytes) || compartment.wraps_size() != 1)
      return refuse(RefusalCode::compartment_malformed);
    const auto& wrap = compartment.wraps(0);
    const auto* mine = keyring_.sealing_key(envelope.sender(), wrap.recipient_key());
    if (mine == nullptr) return no_key("sender", envelope.sender());
    const auto shared = keyring_.agree(*mine, mine->pair->public_key);
    if (!shared) return shared.refusal();
    auto content = base::open(compartment, envelope.message_id(), wrap, **shared);
    if (!content) return content.refusal();
    contents.push_back({compartment.category(), std::move(*content), {}});
  }
  return contents;
}

base::Result<Sealed> Sealer::seal(v1::Envelope& envelope, std::span<const DraftContent> drafted, const Network& network,
                                  std::uint64_t message_bytes_max, base::Instant now) {
  const auto* signing = keyring_.signing_key(envelope.sender(), network, now);
  if (signing == nullptr) return no_key("sender", envelope.sender());
  envelope.set_signing_key(signing->id);
  for (std::size_t i = 0; i < drafted.size(); ++i)
    if (const auto sound = check_category(drafted[i], "contents[" + std::to_string(i) + "]"); !sound)
      return sound.refusal();
  name_fallbacks(envelope, network, now);
  name_team_members(envelope, network, now);
  const auto contents = minimise(envelope, drafted, network, now);
  if (!contents) return contents.refusal();
  v1::Submit submit;
  std::uint64_t bytes = 0;
  for (const auto& content : *contents) {
    auto compartment = seal_content(envelope, content, content.recipients, network, now);
    if (!compartment) return compartment.refusal();
    auto& digest = *envelope.add_compartments();
    digest.set_category(content.category);
    digest.set_digest(std::string(base::view(base::hash(*compartment))));
    for (const auto& recipient : content.recipients) digest.add_recipients(recipient);
    bytes += compartment->size();
    submit.add_compartments(std::move(*compartment));
  }
  envelope.SerializeToString(submit.mutable_envelope());
  bytes += submit.envelope().size();
  if (message_bytes_max != 0 && bytes > message_bytes_max)
    return refuse(RefusalCode::message_too_large, {}, {{"max", std::to_string(message_bytes_max)}});
  submit.set_signature(std::string(base::view(signing->signer->sign(base::kEnvelopeDomain, submit.envelope()))));
  Sealed sealed;
  sealed.submit = submit.SerializeAsString();
  sealed.entry = entry_of(envelope, sealed.submit.size());
  return sealed;
}

}  // namespace relais::sdk
