#include "adapters/sdk/route_finder.h"

#include <utility>

#include "adapters/sdk/route_choice.h"
#include "broker/base/check.h"

namespace relais::sdk {

struct RouteFinder::Pass {
  Pass(const Store& store, const Ask& how) : ask(how), referrals(store) {}

  /// The broker's answer to this question; asked once. Null: none came.
  const v1::Answer* answer(const v1::RouteQuery& question) {
    auto key = question.SerializeAsString();
    if (const auto known = answers.find(key); known != answers.end()) return &known->second;
    v1::Query query;
    *query.mutable_route() = question;
    auto came = ask(std::move(query));
    if (!came || (came->has_refused() && came->refused().retry())) {
      no_answer = true;
      return nullptr;
    }
    return &answers.emplace(std::move(key), std::move(*came)).first->second;
  }

  const Ask& ask;
  ReferralMemory referrals;
  std::map<std::string, v1::Answer, std::less<>> answers;
  bool no_answer = false;
  Change change;
  std::vector<std::pair<Sequence, std::string>> addressed;
  Found found;
};

/// Empty: there is no telling now.
std::optional<RouteFinder::Verdict> RouteFinder::route_of(Pass& pass, const v1::Envelope& envelope) {
  if (!envelope.has_referral_requested()) {  // it goes where its request went
    const auto referral = pass.referrals.find(envelope.referral_id());
    if (!referral) return base::refuse(base::RefusalCode::referral_unknown, "referral_id").to_wire({});
    if (referral->recipient.empty()) return std::nullopt;
    return Route{referral->recipient, {}};
  }
  const auto question = route_question(envelope);
  const auto* answer = pass.answer(question);
  if (answer == nullptr) return std::nullopt;
  if (answer->has_refused()) return answer->refused();
  auto route = choose_route(question, answer->route());
  if (!route) return route.refusal().to_wire({});
  return std::move(*route);
}

void RouteFinder::look_at(Pass& pass, Sequence sequence, const std::string& kept) {
  v1::Submit submit;
  v1::Envelope envelope;
  base::check(submit.ParseFromString(kept) && envelope.ParseFromString(submit.envelope()), "a kept draft parses");
  if (!envelope.recipients().empty()) {  // we were stopped when it was on the disk already
    pass.found.routed.push_back(sequence);
    return;
  }
  const auto refuse = [&](v1::Refused refusal) {
    refusal.set_message_id(envelope.message_id());
    pass.found.unroutable.push_back({sequence, std::move(refusal)});
  };
  auto verdict = route_of(pass, envelope);
  if (!verdict) return;
  if (auto* const refused = std::get_if<v1::Refused>(&*verdict)) return refuse(std::move(*refused));
  auto ready = preparation_.address(submit, std::get<Route>(*verdict), pass.referrals, pass.change);
  if (ready)
    pass.addressed.emplace_back(sequence, std::move(*ready));
  else if (base::info(ready.refusal().code).retry)
    pass.found.network_is_old = true;
  else
    refuse(ready.refusal().to_wire({}));
}

base::Result<RouteFinder::Found> RouteFinder::find(const Ask& ask) {
  std::vector<std::pair<Sequence, std::string>> waiting;
  Pass pass(store_, ask);
  outbox_.scan_unrouted([&](Sequence sequence, std::string_view kept) {
    pass.found.more = waiting.size() == kPassMax;
    if (!pass.found.more) waiting.emplace_back(sequence, kept);
    return !pass.found.more;
  });
  for (const auto& [sequence, kept] : waiting) {
    if (pass.no_answer) break;
    look_at(pass, sequence, kept);
  }
  if (pass.no_answer || pass.found.network_is_old) pass.found.more = false;
  if (auto said = outbox_.address(std::move(pass.change), pass.addressed); !said) return said.refusal();
  for (const auto& [sequence, submit] : pass.addressed) pass.found.routed.push_back(sequence);
  if (auto said = outbox_.routed(pass.found.routed); !said) return said.refusal();
  return std::move(pass.found);
}

}  // namespace relais::sdk
