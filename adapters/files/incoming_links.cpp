#include "adapters/files/incoming_links.h"

#include "adapters/files/appointment_book.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"

namespace relais::files {

using sdk::LinkKind;

std::string kind_of(const v1::Envelope& envelope) {
  const auto* const field = v1::Envelope::descriptor()->FindFieldByNumber(static_cast<int>(envelope.body_case()));
  return field == nullptr ? std::string("unknown") : std::string(field->name());
}

const std::string& referral_of(const v1::Envelope& envelope, std::string_view institution) {
  const bool to_us = envelope.has_referral_forwarded() && envelope.referral_forwarded().to() == institution;
  return to_us ? envelope.referral_forwarded().new_referral_id() : envelope.referral_id();
}

mapping::LocalReferences local_references(sdk::LocalStore& store, const sdk::Incoming& message) {
  const sdk::Links links(store);
  const auto& envelope = message.envelope;
  const auto& institution = message.recipient;
  mapping::LocalReferences local;
  const auto& referral = referral_of(envelope, institution);
  local.referral = base::id_text(referral);
  local.reference = links.reference(institution, LinkKind::referral, referral).value_or("");
  if (!envelope.appointment_id().empty())
    local.appointment = links.reference(institution, LinkKind::appointment, envelope.appointment_id()).value_or("");
  return local;
}

sdk::Notes bookkeeping(sdk::LocalStore& store, const sdk::Incoming& message) {
  sdk::Notes notes;
  const auto& envelope = message.envelope;
  const auto& institution = message.recipient;
  if (is_appointment(envelope.body_case())) {
    auto book = AppointmentBook::read(store, institution, envelope.referral_id());
    book.passed(envelope.body_case(), envelope.appointment_id());
    notes.push_back(book.note());
  }
  // Our referral goes on elsewhere: what is said of the new leg is said of the same number of our software.
  if (envelope.has_referral_forwarded() && envelope.referral_forwarded().to() != institution) {
    const sdk::Links links(store);
    if (const auto number = links.reference(institution, LinkKind::referral, envelope.referral_id()))
      for (auto& note :
           links.link(institution, LinkKind::referral, *number, envelope.referral_forwarded().new_referral_id()))
        notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace relais::files
