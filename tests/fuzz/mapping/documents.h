// What the targets of this folder share: the mappings that are shipped, and what must hold of every document they read.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "adapters/mapping/mapping.h"
#include "broker/base/check.h"
#include "relais_paths.h"

namespace relais::mapping::fuzz {

/// `name` below config/, without its extension.
inline Mapping load(const std::string& name) {
  auto loaded = Mapping::load(std::string(RELAIS_SOURCE) + "/config/" + name + ".toml");
  base::check(loaded.mapping.has_value(), "a shipped mapping is good");
  return std::move(*loaded.mapping);
}

/// Whole or not at all, every record accounted for, nothing said twice, no message without a body.
inline void read(const Mapping& mapping, std::string_view bytes) {
  const auto result = mapping.read(bytes, "fuzz");
  if (result.refused()) {
    base::check(result.messages.empty() && result.rejects.empty(), "a refused document makes nothing");
    return;
  }
  base::check(result.rejects.size() + result.silent <= result.records, "records are counted once");
  for (const auto& reject : result.rejects) base::check(!reject.faults.empty(), "a reject has a fault");
  for (const auto& message : result.messages)
    base::check(message.envelope.body_case() != v1::Envelope::BODY_NOT_SET, "a message has a kind");
}

}  // namespace relais::mapping::fuzz
