// One refusal, with the facts that make its sentence useful.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/base/refusal_code.h"

#include "relais/v1/refusal.pb.h"

namespace relais::base {

/// Facts are ids, codes, numbers, file names: never a personal datum, never a part of a content.
struct Refusal {
  RefusalCode code;
  std::string field;                                       // path of the field at fault; may be empty
  std::vector<std::pair<std::string, std::string>> facts;  // fill the {name}s of the sentence
  std::vector<std::string> allowed;                        // lifecycle.invalid_transition only
  std::string present;                                     // lifecycle.invalid_transition only

  [[nodiscard]] std::string_view name() const { return info(code).name; }

  /// The catalogue's sentence with the facts in place; those it has no place for stand in parentheses at its end.
  [[nodiscard]] std::string english() const;
  [[nodiscard]] std::string french() const;

  /// As it goes to an adapter; `message_id` may be empty.
  [[nodiscard]] v1::Refused to_wire(std::string_view message_id) const;
};

inline Refusal refuse(RefusalCode code, std::string field = {},
                      std::vector<std::pair<std::string, std::string>> facts = {}) {
  return Refusal{code, std::move(field), std::move(facts), {}, {}};
}

}  // namespace relais::base
