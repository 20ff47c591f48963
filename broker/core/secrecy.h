// The second and the third criterion of professional secrecy: only what the purpose needs, only what the recipient's
// mission allows; within what a branch of the law lets be shared at all. The first, people followed together, is judged
// where the referral or the case is known (decide_submit, decide_case). The sender's adapter asks the same functions
// before it seals, so that both ends agree.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/result.h"
#include "broker/core/directory.h"

#include "relais/v1/envelope.pb.h"

namespace relais::core {

/// Whether `agreement` lets `category` be told to `recipient` for `purpose`; the first rule that says no:
///   secrecy.category_not_needed  the purpose does not list it
///   secrecy.nir                  the social-security number, and not both parties may process it
///   secrecy.profile              the agreement's profile leaves out the category, or the recipient's mission
///   secrecy.mission              the recipient's mission does not list it
/// Each names agreement, category and recipient.
base::Status may_tell(const Directory& directory, const v1::Agreement& agreement, const std::string& purpose,
                      v1::Category category, const std::string& recipient);

/// The same for whoever has this mission; the refusal names the mission and no recipient.
base::Status may_tell(const Directory& directory, const v1::Agreement& agreement, const std::string& purpose,
                      v1::Category category, const v1::Mission& mission);

/// may_tell() for every compartment that is meant for `recipient`; the field names the compartment.
base::Status check_secrecy(const Directory& directory, const v1::Agreement& agreement, const v1::Envelope& envelope,
                           const std::string& recipient);

/// "identity", "social_situation", ...
std::string_view category_name(v1::Category category);

}  // namespace relais::core
