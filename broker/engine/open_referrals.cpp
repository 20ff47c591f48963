#include "broker/engine/open_referrals.h"

#include <algorithm>

#include "broker/engine/durable_rows.h"
#include "broker/engine/views.h"

namespace relais::engine {

namespace {

using core::TableId;

/// Calls visit(referral) for each open referral from `from` on, until it answers false or the limits are reached.
/// Answers the key that was not looked at any more; empty at the end of the table.
template <class VisitReferral>
std::string walk(const journal::Store& store, std::string_view from, WalkLimits limits, const VisitReferral& visit) {
  return walk_rows(store, TableId::timers, from, {}, limits, [&](std::string_view key, std::string_view) {
    const auto timer = core::keys::read_timer(key);
    if (timer.kind != core::keys::Timer::referral_deadline) return true;
    auto row = find_row<v1::ReferralRow>(store, TableId::referrals, timer.subject);
    // The engine may have moved it on since the walk began.
    if (!row || row->closed() || row->deadline_ms() != base::to_ms(timer.due)) return true;
    return visit(OpenReferral{timer.subject, std::move(*row)});
  });
}

bool fits(const OpenReferralFilter& filter, const v1::ReferralRow& row) {
  if (!filter.institution.empty() && row.sender() != filter.institution && row.recipient() != filter.institution &&
      row.holder() != filter.institution)
    return false;
  if (filter.orphans && !is_orphan(row)) return false;
  if (!filter.agreement.empty() && row.agreement() != filter.agreement) return false;
  return filter.status.empty() || views::status_name(row.status()) == filter.status;
}

}  // namespace

bool is_orphan(const v1::ReferralRow& row) { return row.holder().empty() || row.reminders() > 0; }

OpenReferralPage OpenReferrals::page(const OpenReferralFilter& filter, std::string_view from, std::size_t most,
                                     WalkLimits limits) const {
  OpenReferralPage page;
  page.next = walk(store_, from, limits, [&](OpenReferral&& referral) {
    if (!fits(filter, referral.row)) return true;
    if (page.referrals.size() >= most) return false;
    page.referrals.push_back(std::move(referral));
    return true;
  });
  return page;
}

OpenReferralTally OpenReferrals::tally(base::Instant now, WalkLimits limits) const {
  OpenReferralTally tally;
  const auto rest = walk(store_, {}, limits, [&](OpenReferral&& referral) {
    const auto& row = referral.row;
    if (row.exercise()) {
      ++tally.exercise;
      return true;
    }
    ++tally.real;
    if (is_orphan(row)) ++tally.orphans;
    ++tally.by_status[std::string(views::status_name(row.status()))];
    ++tally.by_agreement[row.agreement()];
    if (row.reminders() > 0 || row.deadline_ms() < base::to_ms(now)) ++tally.overdue[row.holder()];
    tally.oldest_opened_ms = std::min(tally.oldest_opened_ms.value_or(row.opened_at_ms()), row.opened_at_ms());
    return true;
  });
  tally.complete = rest.empty();
  return tally;
}

}  // namespace relais::engine
