// Reads what a request was given, and says everything that is wrong with it: each parameter and field must be one that
// is known, of its type, within its limits.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "adapters/http/problem.h"
#include "broker/base/clock.h"

namespace relais::http {

/// Parameters of a query. Read each, then finish(). An empty value counts as absent.
class Parameters {
 public:
  explicit Parameters(const std::multimap<std::string, std::string>& given) : given_(given) {}

  std::string text(const std::string& name);
  std::uint64_t number(const std::string& name, std::uint64_t absent, std::uint64_t least, std::uint64_t most);
  bool flag(const std::string& name);
  /// Milliseconds since 1970; 0 when absent.
  std::int64_t time(const std::string& name);

  /// Every fault at once; empty when there is none.
  [[nodiscard]] std::optional<Problem> finish();

 private:
  const std::string* find(const std::string& name);
  void fault(const std::string& name, std::string_view expected);

  const std::multimap<std::string, std::string>& given_;
  std::set<std::string> known_;
  std::vector<ProblemPart> faults_;
};

/// Texts of a JSON object in a body; an empty body is an empty object. `allowed` are the names it may have.
std::variant<std::map<std::string, std::string>, Problem> text_fields(const std::string& content_type,
                                                                      const std::string& body,
                                                                      const std::vector<std::string>& allowed);

/// application/json, or one that ends with +json; a charset other than UTF-8 is none.
bool is_json(const std::string& content_type);

/// 16 bytes of an id in a path or parameter.
std::optional<std::string> id_of(const std::string& text);

}  // namespace relais::http
