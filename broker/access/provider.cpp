#include "broker/access/provider.h"

#include <algorithm>

#include <fmt/format.h>

#include "broker/access/claims.h"
#include "broker/access/jws.h"
#include "broker/access/login_fault.h"
#include "broker/base/crypto_sha256.h"
#include "broker/base/ids.h"
#include "broker/base/turn.h"

namespace relais::access {

namespace {

constexpr std::size_t kRandomBytes = 32;

std::string random_text() { return base::hex(base::random_bytes(kRandomBytes)); }

/// The code challenge of PKCE (RFC 7636, 4.2), method S256.
std::string challenge_of(const std::string& verifier) {
  auto text = base::base64(base::view(base::sha256(verifier)));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize(text.find('='));
  return text;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string first(const std::multimap<std::string, std::string>& answer, const char* name) {
  const auto found = answer.find(name);
  return found == answer.end() ? std::string() : found->second;
}

/// "access_denied": a code of the protocol, and nothing else that somebody may have written there.
std::string error_code(const std::string& said) {
  const bool code =
      said.size() <= 64 && std::ranges::all_of(said, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return code ? said : "an error";
}

base::Refusal busy() { return refuse_login(LoginFault::busy, "others are logging in, and the provider is slow"); }

/// OpenID Connect RP-Initiated Logout 1.0, 2.
std::string leaving_address(const std::string& end_session, const std::string& id_token, const std::string& back) {
  if (end_session.empty()) return {};
  return with_parameters(end_session,
                         {{"id_token_hint", id_token}, {"post_logout_redirect_uri", back}, {"state", random_text()}});
}

}  // namespace

base::Result<Provider::Begun> Provider::begin(const Addresses& ours) {
  const base::Turn turn(asking_, kAtATimeMost);
  if (!turn.granted()) return busy();
  auto doors = ProviderRequests(config_).find_doors();
  if (!doors) return doors.refusal();
  const auto state = random_text(), browser = random_text(), nonce = random_text(), verifier = random_text();
  std::vector<std::pair<std::string_view, std::string>> fields{{"response_type", "code"},
                                                               {"client_id", config_.client_id},
                                                               {"redirect_uri", ours.arrival},
                                                               {"scope", joined(config_.scopes)},
                                                               {"state", state},
                                                               {"nonce", nonce},
                                                               {"code_challenge", challenge_of(verifier)},
                                                               {"code_challenge_method", "S256"}};
  if (!config_.acr_values.empty()) fields.emplace_back("acr_values", joined(config_.acr_values));
  auto address = with_parameters(doors->authorization, fields);
  keep(state, {base::hash(browser), nonce, verifier, ours, std::move(*doors), clock_.now() + kPatience});
  return Begun{std::move(address), browser};
}

void Provider::keep(const std::string& state, Pending pending) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  std::erase_if(pending_, [&](const auto& entry) { return entry.second.ends <= now; });
  if (pending_.size() >= kPendingMost)
    pending_.erase(std::ranges::min_element(pending_, {}, [](const auto& entry) { return entry.second.ends; }));
  pending_.emplace(state, std::move(pending));
}

std::optional<Provider::Pending> Provider::take(const std::string& state, const std::string& browser) {
  const std::lock_guard lock(mutex_);
  const auto found = pending_.find(state);
  if (found == pending_.end() || found->second.browser != base::hash(browser)) return std::nullopt;
  auto pending = std::move(found->second);
  pending_.erase(found);
  if (pending.ends <= clock_.now()) return std::nullopt;
  return pending;
}

base::Result<Person> Provider::finish(const std::multimap<std::string, std::string>& answer,
                                      const std::string& browser) {
  const base::Turn turn(asking_, kAtATimeMost);
  if (!turn.granted()) return busy();
  const auto pending = take(first(answer, "state"), browser);
  if (!pending)
    return refuse_login(LoginFault::stale, "a login that is over, took too long, or was not begun in this browser");
  if (answer.contains("iss") && first(answer, "iss") != config_.issuer)
    return refuse_login(LoginFault::untrusted, "the answer is of another provider");
  if (answer.contains("error"))
    return refuse_login(LoginFault::declined, "the provider says " + error_code(first(answer, "error")));
  const auto code = first(answer, "code");
  if (code.empty()) return refuse_login(LoginFault::untrusted, "the answer has no code");
  return identify(*pending, code);
}

base::Result<Person> Provider::identify(const Pending& pending, const std::string& code) {
  ProviderRequests requests(config_);
  const auto tokens = requests.exchange_code(pending.doors, code, pending.ours.arrival, pending.verifier);
  if (!tokens) return tokens.refusal();
  // Asked for each time: they change whenever the provider wants.
  const auto keys = requests.keys(pending.doors);
  if (!keys) return keys.refusal();
  auto claims = verified_claims(tokens->id, *keys);
  if (!claims) return claims.refusal();
  if (const auto said = check_id_token(*claims, config_, pending.nonce, clock_.now()); !said) return said.refusal();
  if (!pending.doors.user_info.empty()) {
    const auto more = requests.user_info(pending.doors, tokens->access, *keys);
    if (!more) return more.refusal();
    if (const auto said = add_user_info(*claims, *more, config_, clock_.now()); !said) return said.refusal();
  }
  auto person = person_of(*claims, config_);
  if (person) person->leaving = leaving_address(pending.doors.end_session, tokens->id, pending.ours.departure);
  return person;
}

}  // namespace relais::access
