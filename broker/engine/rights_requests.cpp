#include "broker/engine/rights_requests.h"

#include "broker/base/ids.h"
#include "broker/core/parcours.h"
#include "broker/engine/durable_rows.h"

namespace relais::engine {

using core::TableId;

PendingRightsPage RightsRequests::pending(std::string_view from, std::size_t most, WalkLimits limits) const {
  PendingRightsPage page;
  page.next = walk_rows(store_, TableId::timers, from, {}, limits, [&](std::string_view key, std::string_view) {
    const auto timer = core::keys::read_timer(key);
    if (timer.kind != core::keys::Timer::rights_due) return true;
    const auto case_id = timer.subject.substr(0, base::MessageId::kBytes);
    const auto parcours = find_row<v1::CaseRow>(store_, TableId::cases, case_id);
    const auto* request =
        parcours ? core::rights_request(*parcours, timer.subject.substr(base::MessageId::kBytes)) : nullptr;
    // The engine may have moved it on since the walk began.
    if (request == nullptr || request->due_ms() != base::to_ms(timer.due)) return true;
    if (page.requests.size() >= most) return false;
    page.requests.push_back({case_id, *request});
    return true;
  });
  return page;
}

}  // namespace relais::engine
