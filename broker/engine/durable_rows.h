// Single rows and records of the durable state, parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/core/message_kinds.h"
#include "broker/core/state.h"
#include "broker/journal/store.h"

namespace relais::engine {

template <class Row>
std::optional<Row> find_row(const journal::Store& store, core::TableId table, std::string_view key) {
  const auto bytes = store.get(table, key);
  if (!bytes) return std::nullopt;
  return core::State::parse<Row>(*bytes);
}

inline std::optional<v1::Record> record_at(const journal::Store& store, core::Position position) {
  const auto stored = store.record(position);
  if (!stored) return std::nullopt;
  return core::State::parse<v1::Record>(stored->bytes);
}

inline std::string kind_name(std::uint32_t field) {
  return std::string(core::kind_of(static_cast<core::Body>(field)).name);
}

}  // namespace relais::engine
