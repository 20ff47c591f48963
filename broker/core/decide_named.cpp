// Whether what a submission names exists in the network: institutions, a purpose, a service, a commune.
#include <algorithm>

#include "broker/core/acting.h"
#include "broker/core/decide_submit.h"
#include "broker/core/territory.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Status;

Status check_parties(const Case& c) {
  if (c.directory.institution(c.envelope.sender()) == nullptr)
    return refuse(RefusalCode::identity_unknown, "sender", {{"institution", c.envelope.sender()}});
  for (int i = 0; i < c.envelope.recipients_size(); ++i)
    if (c.directory.institution(c.envelope.recipients(i)) == nullptr)
      return refuse(RefusalCode::route_none, "recipients[" + std::to_string(i) + "]",
                    {{"recipient", c.envelope.recipients(i)}});
  for (int i = 0; i < c.envelope.fallbacks_size(); ++i)
    if (c.directory.institution(c.envelope.fallbacks(i)) == nullptr)
      return refuse(RefusalCode::route_none, "fallbacks[" + std::to_string(i) + "]",
                    {{"recipient", c.envelope.fallbacks(i)}});
  if (const auto& principal = c.envelope.on_behalf_of();
      !principal.empty() && c.directory.institution(principal) == nullptr)
    return refuse(RefusalCode::identity_unknown, "on_behalf_of", {{"institution", principal}});
  if (c.directory.purpose(c.envelope.purpose()) == nullptr)
    return refuse(RefusalCode::purpose_unknown, "purpose", {{"purpose", c.envelope.purpose()}});
  return base::Done{};
}

Status check_request(const Case& c) {
  if (!c.envelope.has_referral_requested()) return base::Done{};
  const auto& request = c.envelope.referral_requested();
  if (const auto& commune = request.commune(); !commune.empty() && !Territory::france().commune_today(commune))
    return refuse(RefusalCode::commune_unknown, "referral_requested.commune", {{"commune", commune}});
  return check_service(c, c.envelope.recipients(0), request.service_id(), "referral_requested.service_id");
}

}  // namespace

Status check_named(const Case& c) {
  if (auto said = check_parties(c); !said) return said;
  return check_request(c);
}

Status check_service(const Case& c, const std::string& host, const std::string& service_id, std::string_view field) {
  if (service_id.empty()) return base::Done{};
  const auto* service = c.directory.service(service_id);
  const auto* institution = c.directory.institution(host);
  const bool offered =
      service != nullptr &&
      (service->institution() == host || (institution != nullptr && is_member(*institution, service->institution())));
  if (!offered) return refuse(RefusalCode::service_not_offered, std::string(field), {{"service", service_id}});
  return base::Done{};
}

}  // namespace relais::core
