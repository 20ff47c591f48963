// The second and the third criterion of professional secrecy: only what the purpose needs, only what the recipient's
// mission allows. The first, people followed together, is judged where the referral is known (decide_submit).
#pragma once

#include "broker/base/result.h"
#include "broker/core/directory.h"

#include "relais/v1/envelope.pb.h"

namespace relais::core {

/// Whether `agreement` lets every compartment of the envelope go to each of its recipients, for the envelope's purpose.
/// secrecy.category_not_needed, secrecy.mission: with agreement, category and recipient; the field names the
/// compartment.
base::Status check_secrecy(const Directory& directory, const v1::Agreement& agreement, const v1::Envelope& envelope);

/// "identity", "social_situation", ...
std::string_view category_name(v1::Category category);

}  // namespace relais::core
