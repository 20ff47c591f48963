// What the broker itself tells institutions: expiries, missed deadlines, failed deliveries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/core/decide.h"
#include "broker/core/message_key.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::core {

/// The message id of the broker's notice that stands there in the journal: a hash of its key.
std::string notice_id(MessageKey key);

/// The event by which a notice of the broker enters the queues of `recipients`. `notice` has its body set; sender, ids
/// and times are filled in from the referral. Deterministic: its message id is notice_id().
v1::Event make_notice(v1::Envelope notice, std::string_view referral_id, const v1::ReferralRow& referral,
                      const std::vector<std::string>& recipients, std::uint32_t ordinal, const Context& context);

/// The same about a case as a whole, or, with an empty id, about none; its purpose stays empty.
v1::Event make_case_notice(v1::Envelope notice, std::string_view case_id, const std::vector<std::string>& recipients,
                           std::uint32_t ordinal, const Context& context);

}  // namespace relais::core
