// What a request is answered when it can not be done: a problem document (RFC 9457) that names each field and rule.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "adapters/mapping/fault.h"
#include "broker/base/refusal.h"

namespace relais::http {

using Json = nlohmann::ordered_json;

/// One thing that is wrong, and where. Never holds a value of the request.
struct ProblemPart {
  std::string code;
  std::string field;       // JSON pointer below the record, parameter or header; empty: the whole
  std::string record;      // JSON pointer of the record in the body; empty: the body itself
  std::size_t line = 0;    // 0: unknown
  std::size_t column = 0;  // 0: unknown
  std::string english;
  std::string french;
};

struct Problem {
  int status = 500;
  std::string code;  // stable: of http_rule.cpp, the mapping's rules, or the broker's catalogue
  std::string english;
  std::string french;
  std::string field;
  std::chrono::seconds retry_after{0};  // 0: the same request will fail again
  std::vector<ProblemPart> parts;
};

/// `code` is one of the catalogue in problem.cpp; `detail` takes the place of {}: a number, a name or a code.
Problem problem(std::string_view code, std::string_view detail = {}, std::string field = {});

/// What the SDK or the broker refused, in its own words.
Problem problem(const base::Refusal& refusal);

ProblemPart part_of(const mapping::Fault& fault, const mapping::Place& place);

Json to_json(const Problem& problem);

}  // namespace relais::http
