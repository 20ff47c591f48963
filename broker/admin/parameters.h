// Reads what a request was given, and says what is wrong with it: every parameter and every field must be one that is
// known, of its type, within its limits.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/admin/api.h"
#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::admin {

/// The parameters of a GET. Read each, then finish(): the first fault found, or one that nobody asked for.
class Parameters {
 public:
  explicit Parameters(const Request& request) : given_(request.parameters) {}

  /// Empty when absent.
  std::string text(const std::string& name);
  /// One of `allowed`, or empty when absent.
  std::string word(const std::string& name, const std::vector<std::string>& allowed);
  std::uint64_t number(const std::string& name, std::uint64_t absent, std::uint64_t least, std::uint64_t most);
  /// How long a page is: 50 when absent, 500 at most.
  std::uint64_t limit() { return number("limit", 50, 1, 500); }
  /// 16 bytes; empty when absent.
  std::string id(const std::string& name);
  /// Bytes given as hexadecimal digits: a cursor of ours.
  std::string cursor(const std::string& name);
  std::optional<base::Instant> time(const std::string& name);

  [[nodiscard]] base::Status finish() const;

 private:
  const std::string* find(const std::string& name);
  void fault(const std::string& name, std::string why);

  const std::map<std::string, std::string>& given_;
  std::set<std::string> known_;
  std::optional<base::Refusal> fault_;
};

/// The fields of a JSON object, likewise. `where` stands before the name of a field at fault.
class Fields {
 public:
  explicit Fields(const nlohmann::json& object, std::string where = {}) : object_(object), where_(std::move(where)) {}

  std::string text(const std::string& name);
  std::string word(const std::string& name, const std::vector<std::string>& allowed);  // must be there
  /// None when absent; each of them once.
  std::vector<std::string> texts(const std::string& name);
  bool boolean(const std::string& name);
  std::string cursor(const std::string& name);  // as that of Parameters
  std::optional<base::Instant> time(const std::string& name);
  /// An empty object when absent.
  nlohmann::json object(const std::string& name);

  [[nodiscard]] base::Status finish() const;

 private:
  const nlohmann::json* find(const std::string& name);
  void fault(const std::string& name, std::string why);

  const nlohmann::json& object_;
  const std::string where_;
  std::set<std::string> known_;
  std::optional<base::Refusal> fault_;
};

}  // namespace relais::admin
