#include "adapters/rdvsp/api.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "adapters/mapping/times.h"
#include "adapters/rdvsp/event.h"
#include "broker/base/log.h"

namespace relais::rdvsp {

namespace {

using http::CallAnswer;
using mapping::JsonValue;

constexpr std::array kSessionHeaders = {"access-token", "client", "uid"};
constexpr int kUnauthorised = 401;
constexpr std::chrono::milliseconds kPauseMost = std::chrono::hours(1);

ApiFault passing(std::string reason) { return {std::move(reason), true, std::chrono::milliseconds(0), {}}; }

std::chrono::milliseconds retry_after(const CallAnswer& answer) {
  const auto text = answer.header("Retry-After");
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::chrono::milliseconds(0);
  return std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), kPauseMost);
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

/// {"errors": {"last_name": [{"error": "blank"}]}}; what is not a code is left out: it may be a value.
std::vector<FieldFault> field_faults(const std::string& body) {
  std::vector<FieldFault> all;
  auto parsed = mapping::parse_json(body);
  auto* const whole = std::get_if<JsonValue>(&parsed);
  auto* const errors = whole != nullptr && whole->kind == JsonValue::Kind::object ? whole->member("errors") : nullptr;
  if (errors == nullptr || errors->kind != JsonValue::Kind::object) return all;
  for (auto& [field, list] : errors->members) {
    if (!is_code(field)) continue;
    auto* const first = list.kind == JsonValue::Kind::list && !list.items.empty() ? &list.items.front() : nullptr;
    const auto code = first != nullptr ? text_at(*first, "/error") : std::string();
    all.push_back({field, is_code(code) ? code : "refused"});
  }
  return all;
}

ApiFault fault_of(const CallAnswer& answer) {
  const auto status = answer.status;
  ApiFault fault;
  fault.reason = status == kUnauthorised ? "software.not_signed_in" : fmt::format("software.status_{}", status);
  // Of a call that is made as documented only these mean that it will never do.
  fault.passing = status != 400 && status != 404 && status != 422;
  fault.pause = retry_after(answer);
  if (!fault.passing) fault.fields = field_faults(answer.body);
  return fault;
}

bool is_json(const CallAnswer& answer) { return answer.header("Content-Type").starts_with("application/json"); }

/// The object that a good answer holds; a proxy's page comes with 200, too.
ApiResult<JsonValue> object_of(const CallAnswer& answer) {
  if (answer.cut) return passing("software.answer_too_large");
  if (!is_json(answer)) return passing("software.answer_type");
  auto parsed = mapping::parse_json(answer.body);
  auto* const whole = std::get_if<JsonValue>(&parsed);
  if (whole == nullptr || whole->kind != JsonValue::Kind::object) return passing("software.answer_content");
  return std::move(*whole);
}

std::int64_t answered_at(const CallAnswer& answer, const base::Clock& clock) {
  std::string wrong;
  static const auto patterns = mapping::make_patterns("%d %m %Y %H:%M:%S %z", true, wrong);
  // "Thu, 26 Nov 2026 18:33:19 GMT" (RFC 9110, 5.6.7): names of months in English, whatever the locale.
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto date = answer.header("Date");
  const auto ours = base::to_ms(clock.now());
  if (date.size() != 29 || !date.ends_with(" GMT")) return ours;
  const auto* const month = std::ranges::find(kMonths, date.substr(8, 3));
  if (month == kMonths.end()) return ours;
  const auto text = fmt::format("{} {:02} {} {} +0000", date.substr(5, 2), month - kMonths.begin() + 1,
                                date.substr(12, 4), date.substr(17, 8));
  return mapping::parse_moment(text, patterns, {}).value.value_or(ours);
}

}  // namespace

Api::Api(const ApiConfig& config, std::unique_ptr<http::Caller> caller, const base::Clock& clock)
    : config_(config), clock_(clock), caller_(std::move(caller)) {}

std::optional<ApiFault> Api::sign_in() {
  const Json body{{"email", config_.email}, {"password", config_.password}};
  const auto answer = caller_->call({"POST",
                                     "/api/v1/auth/sign_in",
                                     {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                                     body.dump(-1, ' ', false, Json::error_handler_t::replace)});
  if (!answer) return passing("software." + answer.refusal().facts.front().second);
  if (answer->status != 200) {
    auto fault = fault_of(*answer);
    fault.passing = true;  // not the message's fault
    return fault;
  }
  http::Headers session;
  for (const auto* const name : kSessionHeaders) {
    auto value = answer->header(name);
    if (value.empty()) return passing("software.answer_content");
    session.emplace_back(name, std::move(value));
  }
  session_ = std::move(session);
  base::log_info("signed in", {{"origin", config_.target.origin}});
  return std::nullopt;
}

ApiResult<CallAnswer> Api::call_once(const std::string& method, const std::string& path, const Json& body) {
  auto headers = session_;
  headers.emplace_back("Accept", "application/json");
  headers.emplace_back("User-Agent", "relais-rdvsp/" RELAIS_VERSION);
  if (!body.is_null()) headers.emplace_back("Content-Type", "application/json");
  auto answer =
      caller_->call({method, path, std::move(headers),
                     body.is_null() ? std::string() : body.dump(-1, ' ', false, Json::error_handler_t::replace)});
  if (!answer) return passing("software." + answer.refusal().facts.front().second);
  return std::move(*answer);
}

ApiResult<CallAnswer> Api::call(const std::string& method, const std::string& path, const Json& body) {
  const std::lock_guard lock(mutex_);
  if (session_.empty())
    if (auto fault = sign_in()) return std::move(*fault);
  auto said = call_once(method, path, body);
  if (const auto* const answer = std::get_if<CallAnswer>(&said); answer != nullptr && answer->status == kUnauthorised) {
    session_.clear();
    if (auto fault = sign_in()) return std::move(*fault);
    said = call_once(method, path, body);
  }
  if (const auto* const answer = std::get_if<CallAnswer>(&said))
    if (answer->status < 200 || answer->status >= 300) return fault_of(*answer);
  return said;
}

ApiResult<std::string> Api::create_user(const Json& person) {
  auto said = call("POST", "/api/v1/users", person);
  if (auto* const fault = std::get_if<ApiFault>(&said)) return std::move(*fault);
  auto object = object_of(std::get<CallAnswer>(said));
  if (auto* const fault = std::get_if<ApiFault>(&object)) return std::move(*fault);
  auto id = text_at(std::get<JsonValue>(object), "/user/id");
  if (id.empty()) return passing("software.answer_content");
  return id;
}

ApiResult<Invitation> Api::invite(std::string_view user) {
  auto said = call("POST", "/api/v1/users/" + std::string(user) + "/rdv_invitation_token", Json());
  if (auto* const fault = std::get_if<ApiFault>(&said)) return std::move(*fault);
  auto object = object_of(std::get<CallAnswer>(said));
  if (auto* const fault = std::get_if<ApiFault>(&object)) return std::move(*fault);
  auto& invitation = std::get<JsonValue>(object);
  Invitation made{text_at(invitation, "/invitation_token"), text_at(invitation, "/invitation_url")};
  if (made.token.empty()) return passing("software.answer_content");
  return made;
}

ApiResult<RdvPage> Api::rdvs(std::string_view organisation, std::string_view starts_after, int page) {
  const auto begun = std::chrono::steady_clock::now();
  auto said = call(
      "GET", fmt::format("/api/v1/organisations/{}/rdvs?page={}&starts_after={}", organisation, page, starts_after),
      Json());
  // What was read holds since the call began: a change made while it ran has a later time, and is heard.
  const auto took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  if (auto* const fault = std::get_if<ApiFault>(&said)) return std::move(*fault);
  auto& answer = std::get<CallAnswer>(said);
  auto object = object_of(answer);
  if (auto* const fault = std::get_if<ApiFault>(&object)) return std::move(*fault);
  auto& whole = std::get<JsonValue>(object);
  auto* const list = whole.member("rdvs");
  if (list == nullptr || list->kind != JsonValue::Kind::list) return passing("software.answer_content");
  RdvPage made{std::move(list->items), 0, answered_at(answer, clock_) - took.count()};
  const auto next = text_at(whole, "/meta/next_page");
  std::from_chars(next.data(), next.data() + next.size(), made.next);
  return made;
}

}  // namespace relais::rdvsp
