// The network definition, indexed for the questions the core asks on every message.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"
#include "broker/core/working_time.h"

#include "relais/v1/network.pb.h"

namespace relais::core {

/// Why an agreement does not cover something; `valid` carries the agreement, the others the nearest one, if any.
struct Coverage {
  enum class Kind { valid, none, purpose_not_covered, expired, not_yet_valid };
  Kind kind = Kind::none;
  const v1::Agreement* agreement = nullptr;
};

/// The agreement of a coverage, or agreement.* with the field `purpose`.
base::Result<const v1::Agreement*> agreement_of(const Coverage& coverage, const std::string& from,
                                                const std::string& to, const std::string& purpose);

/// Immutable; any thread. Answers are pointers into the definition and live as long as the directory.
class Directory {
 public:
  /// `definition` has passed network_check.
  explicit Directory(v1::NetworkDefinition definition);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const v1::NetworkDefinition& definition() const { return definition_; }

  /// Null when there is none of that id.
  [[nodiscard]] const v1::Institution* institution(std::string_view id) const;
  [[nodiscard]] const v1::Agreement* agreement(std::string_view id) const;
  [[nodiscard]] const v1::Mission* mission(std::string_view id) const;
  [[nodiscard]] const v1::Profile* profile(std::string_view id) const;
  [[nodiscard]] const v1::Purpose* purpose(std::string_view id) const;
  [[nodiscard]] const v1::Service* service(std::string_view id) const;
  [[nodiscard]] const v1::Location* location(std::string_view id) const;
  [[nodiscard]] const std::vector<const v1::Service*>& services_of(std::string_view institution) const;

  /// The agreement under which `from` may ask `to` for something with this purpose at this instant.
  [[nodiscard]] Coverage coverage(std::string_view from, std::string_view to, std::string_view purpose,
                                  base::Instant now) const;

  /// The same for two participants of a case: an answer goes back under the agreement that covers the question.
  [[nodiscard]] Coverage coverage_between(std::string_view from, std::string_view to, std::string_view purpose,
                                          base::Instant now) const;

  /// The same, or agreement.* with the field `purpose`.
  [[nodiscard]] base::Result<const v1::Agreement*> agreement_for(const std::string& from, const std::string& to,
                                                                 const std::string& purpose, base::Instant now) const;
  [[nodiscard]] base::Result<const v1::Agreement*> agreement_between(const std::string& one, const std::string& other,
                                                                     const std::string& purpose,
                                                                     base::Instant now) const;

  /// When a term that begins now under this agreement is over.
  [[nodiscard]] base::Instant end_of(const v1::Term& term, const v1::Agreement& agreement, base::Instant now) const;

  /// The deadlines of an agreement for a priority; null when it names none.
  static const v1::DeadlineRule* deadlines(const v1::Agreement& agreement, v1::Priority priority);
  static const v1::PurposeRule* purpose_rule(const v1::Agreement& agreement, std::string_view purpose);
  static bool valid_at(const v1::Agreement& agreement, base::Instant now);
  static bool valid_at(const v1::PublicKey& key, base::Instant now);

 private:
  v1::NetworkDefinition definition_;
  std::unordered_map<std::string_view, const v1::Institution*> institutions_;
  std::unordered_map<std::string_view, const v1::Agreement*> agreements_;
  std::unordered_map<std::string_view, const v1::Mission*> missions_;
  std::unordered_map<std::string_view, const v1::Service*> services_;
  std::unordered_map<std::string_view, const v1::Location*> locations_;
  std::unordered_map<std::string_view, std::vector<const v1::Service*>> services_of_;
  std::unordered_map<std::string_view, WorkingTime> calendars_;
  std::unordered_map<std::string, std::vector<const v1::Agreement*>> directions_;  // from, zero byte, to
};

}  // namespace relais::core
