// What is made durable in one step: records, payloads and the table changes that follow from them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/core/message_key.h"
#include "broker/core/tables.h"

namespace relais::journal {

/// The compartments of one message, as submitted (serialised v1::Compartment each).
struct Payload {
  core::MessageKey key;
  std::vector<std::string> compartments;
};

struct TableWrite {
  core::TableId table;
  std::string key;
  std::optional<std::string> value;  // empty: erase
};

/// Self-contained: applying it to the store of any node that holds everything before gives the same store.
struct Batch {
  core::Position first_position = 0;  // of records[0]; the others follow without a gap
  std::vector<std::string> records;   // serialised v1::Record
  std::vector<Payload> payloads;
  std::vector<core::MessageKey> erased_payloads;
  std::vector<TableWrite> writes;  // in order: a later one to the same key wins

  [[nodiscard]] bool empty() const {
    return records.empty() && payloads.empty() && erased_payloads.empty() && writes.empty();
  }
};

}  // namespace relais::journal
