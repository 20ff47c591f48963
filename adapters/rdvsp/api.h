// The REST API v1 of RDV Service Public, as far as this adapter calls it. It signs in as an agent, again when the token
// has run out (after a day), and says of each failure whether it may pass.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/http/caller.h"
#include "adapters/http/problem.h"
#include "adapters/mapping/json_document.h"
#include "adapters/rdvsp/exchange_config.h"
#include "broker/base/clock.h"

namespace relais::rdvsp {

using http::Json;

/// A field that they do not accept, and their code for it: never a value.
struct FieldFault {
  std::string field;
  std::string code;
};

struct ApiFault {
  std::string reason;                  // code for operators: software.away, software.status_503, software.refused, ...
  bool passing = true;                 // the same call may succeed later
  std::chrono::milliseconds pause{0};  // at least, when they said so
  std::vector<FieldFault> fields;
};

template <class T>
using ApiResult = std::variant<T, ApiFault>;

struct Invitation {
  std::string token;
  std::string url;  // may be empty: older versions answer the token alone
};

struct RdvPage {
  std::vector<mapping::JsonValue> rdvs;
  int next = 0;            // 0: this is the last
  std::int64_t at_ms = 0;  // since when this holds at least, by their clock
};

/// Threads: any; one call at a time. Life: stop() ends a call that waits, later ones fail.
class Api {
 public:
  /// `config` and `clock` outlive it.
  Api(const ApiConfig& config, std::unique_ptr<http::Caller> caller, const base::Clock& clock);

  /// Their number of the new person. `person`: the fields as the API names them.
  ApiResult<std::string> create_user(const Json& person);

  ApiResult<Invitation> invite(std::string_view user);

  /// `starts_after`: "2026-01-31"; `page` from 1, of 100 each.
  ApiResult<RdvPage> rdvs(std::string_view organisation, std::string_view starts_after, int page);

  void stop() { caller_->stop(); }

 private:
  ApiResult<http::CallAnswer> call(const std::string& method, const std::string& path, const Json& body);
  ApiResult<http::CallAnswer> call_once(const std::string& method, const std::string& path, const Json& body);
  std::optional<ApiFault> sign_in();

  const ApiConfig& config_;
  const base::Clock& clock_;
  const std::unique_ptr<http::Caller> caller_;
  std::mutex mutex_;
  http::Headers session_;  // empty: not signed in
};

}  // namespace relais::rdvsp
