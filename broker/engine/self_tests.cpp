#include "broker/engine/self_tests.h"

#include "broker/core/notice.h"
#include "broker/engine/durable_rows.h"

namespace relais::engine {

std::string self_test_id(core::Position position) { return core::notice_id({position, 0}); }

std::optional<v1::MessageRow> find_self_test(const journal::Store& store, std::string_view message_id) {
  auto row = find_row<v1::MessageRow>(store, core::TableId::messages, message_id);
  if (!row || static_cast<core::Body>(row->kind()) != core::Body::kConnectionTested) return std::nullopt;
  return row;
}

}  // namespace relais::engine
