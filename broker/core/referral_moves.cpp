#include "broker/core/referral_moves.h"

namespace relais::core {

std::string_view status_name(v1::ReferralStatus status) {
  switch (status) {
    case v1::REFERRAL_STATUS_REQUESTED:
      return "requested";
    case v1::REFERRAL_STATUS_RECEIVED:
      return "received";
    case v1::REFERRAL_STATUS_ACCEPTED:
      return "accepted";
    case v1::REFERRAL_STATUS_IN_PROGRESS:
      return "in_progress";
    case v1::REFERRAL_STATUS_ON_HOLD:
      return "on_hold";
    case v1::REFERRAL_STATUS_REJECTED:
      return "rejected";
    case v1::REFERRAL_STATUS_FORWARDED:
      return "forwarded";
    case v1::REFERRAL_STATUS_COMPLETED:
      return "completed";
    case v1::REFERRAL_STATUS_CANCELLED:
      return "cancelled";
    case v1::REFERRAL_STATUS_EXPIRED:
      return "expired";
    default:
      return "unspecified";
  }
}

bool is_terminal(v1::ReferralStatus status) { return status >= v1::REFERRAL_STATUS_REJECTED; }

std::optional<v1::ReferralStatus> next_status(v1::ReferralStatus from, Body message) {
  for (const auto& move : kReferralMoves)
    if (move.from == from && move.message == message) return move.to;
  return std::nullopt;
}

std::vector<std::string> allowed_messages(v1::ReferralStatus status, bool closed) {
  std::vector<std::string> names;
  if (closed) return names;
  for (const auto& move : kReferralMoves)
    if (move.from == status && kind_of(move.message).speaker != Speaker::broker)
      names.emplace_back(kind_of(move.message).name);
  if (is_terminal(status)) names.emplace_back(kind_of(Body::kOutcomeAcknowledged).name);
  names.emplace_back(kind_of(Body::kInformationRequested).name);
  names.emplace_back(kind_of(Body::kInformationProvided).name);
  return names;
}

}  // namespace relais::core
