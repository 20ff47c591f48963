// What every list of messages takes and answers: which of them, and where the next page begins.
#pragma once

#include <nlohmann/json.hpp>

#include "broker/admin/parameters.h"
#include "broker/engine/message_search.h"

namespace relais::admin {

struct MessagesAsked {
  engine::MessageFilter filter;
  std::uint64_t next = 0;
  std::uint64_t most = 0;
};

/// institution, kind, state, from, until, next, limit.
MessagesAsked messages_asked(Parameters& given);

/// Adds to an answer how far the page went, and where the next one begins.
void add_page_end(const engine::MessagePage& page, nlohmann::json& answer);

}  // namespace relais::admin
