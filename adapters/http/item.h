// A delivered message as the institution's software gets it: in the inbox, or by webhook.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/http/problem.h"
#include "adapters/mapping/mapping.h"
#include "adapters/sdk/handler.h"
#include "adapters/sdk/local_store.h"
#include "broker/base/clock.h"

namespace relais::http {

struct Item {
  Json json;
  std::vector<mapping::LostField> lost;  // what the mapping's record has no place for
};

/// What the envelope says is the same for every institution; `record` and `data` are the mapping's. Without a mapping,
/// or without a record for this kind, `record` is null and `data` is the message's body and contents by their names.
/// The fault, when the mapping has a record that can not be written.
std::variant<Item, mapping::Fault> item_of(const sdk::Incoming& message, const std::optional<mapping::Mapping>& mapping,
                                           sdk::LocalStore& store);

/// "2026-01-31T14:05:00.000Z".
std::string time_text(base::Instant at);

/// null when there is none: an empty text, the instant zero.
Json or_null(const std::string& text);
Json time_or_null(base::Instant at);

/// The text of an enumeration's value without its prefix, in lower case: "no_show"; empty for the first, which means
/// none.
std::string word_of(const google::protobuf::EnumDescriptor& type, int value);

}  // namespace relais::http
