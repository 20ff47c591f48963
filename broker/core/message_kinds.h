// The kinds of message, by the name of their body in the envelope. One table: wire, journal, mapping and documents
// agree.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "relais/v1/envelope.pb.h"

namespace relais::core {

using Body = v1::Envelope::BodyCase;

enum class Subject { referral, information, appointment, parcours, slots, announcement, notice };

/// Who may send it: the two sides of the referral (whose recipient is the host of its appointments), participants of
/// the case, its lead, or the broker. Slots and announcements are about no referral: each institution speaks of its
/// own.
enum class Speaker { sender, recipient, either, participant, lead, broker };

struct MessageKind {
  Body body;
  std::string_view name;  // as in envelope.proto: "referral_requested"
  Subject subject;
  Speaker speaker;
};

std::span<const MessageKind> message_kinds();

/// Every body but "not set" has a kind.
const MessageKind& kind_of(Body body);

std::optional<Body> body_named(std::string_view name);

/// The broker's institution id in envelopes that it writes itself.
inline constexpr std::string_view kBrokerId = "relais";

}  // namespace relais::core
