// The shape of a submission, checked completely at the edge, before anything else looks at it.
#pragma once

#include <cstdint>

#include "broker/base/result.h"
#include "broker/core/command.h"

#include "relais/v1/frames.pb.h"

namespace relais::core {

inline constexpr std::uint32_t kEnvelopeVersion = 1;
inline constexpr int kRecipientsMax = 16;
inline constexpr int kCompartmentsMax = 32;
inline constexpr int kFallbacksMax = 4;
inline constexpr int kTeamMembersMax = 16;
inline constexpr int kAudienceMax = 1'000;  // recipients of an announcement
inline constexpr int kSideMax = 4;          // recipients of what is said on a referral: those on the other side of it
inline constexpr int kWithheldMax = 64;
inline constexpr int kConsentPurposesMax = 32;
inline constexpr std::size_t kCodeBytesMax = 64;
inline constexpr std::size_t kThematicBytesMax = 128;  // the longest that data·inclusion has is 89
/// An envelope older than this when it arrives is refused: its id may have been forgotten by then. An outbox that held
/// a message for longer signs it anew. Longer than the week that an adapter may be cut off.
inline constexpr base::Milliseconds kEnvelopeAgeMax{90LL * 86'400'000};
/// Clocks of institutions disagree; a message from further in the future is refused.
inline constexpr base::Milliseconds kClockSkewMax{24LL * 3'600'000};

/// Pure. Parses the envelope and the compartments of `submit`, checks every field that can be checked without state:
/// version, ids, syntax of institutions and codes, the ids and the body that the kind needs, digests, wraps, sizes.
/// envelope.*, compartment.*, signature.invalid (its size only), each naming the field. Moves out of `submit`;
/// `message_id` is filled in as far as it can be read, so that the refusal can name the submission.
base::Result<Submission> check_submission(v1::Submit&& submit, base::Instant now, std::string& message_id);

/// [a-z0-9][a-z0-9_.-]{0,63}
[[nodiscard]] bool is_code(std::string_view text);

/// [a-z0-9][a-z0-9_.-]{0,127}
[[nodiscard]] bool is_thematic(std::string_view text);

/// [a-z0-9][a-z0-9-]{1,62}
[[nodiscard]] bool is_institution_id(std::string_view text);

}  // namespace relais::core
