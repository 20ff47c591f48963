// Self-tests: the exercise message that core::TestConnections sends, and how far it has come.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/core/message_key.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

/// The id of the message that the command at this position of the journal sent.
std::string self_test_id(core::Position position);

/// Its row, with a delivery for each institution; nothing where the id is that of another message, or of none.
/// Any thread. Sees the durable state.
std::optional<v1::MessageRow> find_self_test(const journal::Store& store, std::string_view message_id);

}  // namespace relais::engine
