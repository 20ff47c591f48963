#include "adapters/sdk/route_choice.h"

#include <algorithm>
#include <vector>

namespace relais::sdk {

namespace {

constexpr std::size_t kNamedMax = 20;  // a sentence for a person

std::vector<std::string> institutions(const std::vector<const v1::RouteCandidate*>& candidates) {
  std::vector<std::string> all;
  for (const auto* candidate : candidates)
    if (std::ranges::find(all, candidate->institution()) == all.end()) all.push_back(candidate->institution());
  return all;
}

/// "caf-25 (caf-25-logement), ccas-25056 (...), ..."
std::string names(const std::vector<const v1::RouteCandidate*>& candidates) {
  std::string text;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == kNamedMax) return text + ", ...";
    text += (i == 0 ? "" : ", ") + candidates[i]->institution();
    if (!candidates[i]->service_id().empty()) text += " (" + candidates[i]->service_id() + ")";
  }
  return text;
}

base::Refusal refused(base::RefusalCode code, const v1::RouteQuery& question,
                      const std::vector<const v1::RouteCandidate*>& candidates) {
  const auto& what = question.service_need().empty() ? question.purpose() : question.service_need();
  auto refusal = base::refuse(code, "recipients",
                              {{"need", what}, {"commune", question.commune()}, {"candidates", names(candidates)}});
  if (code == base::RefusalCode::route_none) refusal.facts.emplace_back("institution", question.institution());
  refusal.allowed = institutions(candidates);
  return refusal;
}

}  // namespace

bool wants_route(const v1::Envelope& envelope) {
  const auto& request = envelope.referral_requested();
  return envelope.has_referral_requested() && envelope.recipients().empty() &&
         !(request.service_need().empty() && request.commune().empty());
}

v1::RouteQuery route_question(const v1::Envelope& envelope) {
  v1::RouteQuery question;
  question.set_institution(envelope.sender());
  question.set_purpose(envelope.purpose());
  question.set_service_need(envelope.referral_requested().service_need());
  question.set_commune(envelope.referral_requested().commune());
  return question;
}

base::Result<Route> choose_route(const v1::RouteQuery& question, const v1::RouteAnswer& answer) {
  std::vector<const v1::RouteCandidate*> open;
  std::vector<const v1::RouteCandidate*> without;
  for (const auto& candidate : answer.candidates())
    (candidate.agreement().empty() ? without : open).push_back(&candidate);
  if (open.empty()) return refused(base::RefusalCode::route_none, question, without);
  if (institutions(open).size() > 1) return refused(base::RefusalCode::route_ambiguous, question, open);
  return Route{open.front()->institution(), open.size() == 1 ? open.front()->service_id() : std::string()};
}

}  // namespace relais::sdk
