#include "broker/engine/indicators.h"

#include <algorithm>
#include <map>

#include "broker/core/state.h"
#include "broker/core/suppression.h"
#include "broker/core/territory.h"

namespace relais::engine {

namespace {

using core::Counts2d;
using core::Hidden2d;

struct Fate {
  std::string agreement;
  std::string service;
  std::string territory;
  std::size_t end = 0;  // of kReferralEnds
  std::int64_t requested_ms = 0;
  std::int64_t decided_ms = 0;
  std::int64_t met_ms = 0;
  std::int64_t ended_ms = 0;
  std::map<std::string, std::size_t> appointments;  // id -> of kAppointmentEnds
};

using Fates = std::map<std::string, Fate>;

std::size_t end_of(const v1::ReferralMoved& moved) {
  switch (moved.status()) {
    case v1::REFERRAL_STATUS_COMPLETED:
      return moved.outcome() == v1::OUTCOME_CONNECTED ? 1 : 2;
    case v1::REFERRAL_STATUS_REJECTED:
      return 3;
    case v1::REFERRAL_STATUS_FORWARDED:
    case v1::REFERRAL_STATUS_CANCELLED:
    case v1::REFERRAL_STATUS_EXPIRED:
      return 4;
    default:
      return 0;
  }
}

/// Empty for one that was only proposed or held.
std::optional<std::size_t> end_of(v1::AppointmentStatus status, bool booked) {
  switch (status) {
    case v1::APPOINTMENT_STATUS_BOOKED:
    case v1::APPOINTMENT_STATUS_ARRIVED:
      return 0;
    case v1::APPOINTMENT_STATUS_FULFILLED:
      return 1;
    case v1::APPOINTMENT_STATUS_NOSHOW:
      return 2;
    case v1::APPOINTMENT_STATUS_CANCELLED:
      return booked ? std::optional<std::size_t>(3) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// Follows the referrals that the period opened, through the period.
class Follower {
 public:
  void take(const v1::Record& record) {
    const auto at = record.at_ms();
    for (const auto& event : record.events()) {
      if (event.has_message_accepted()) note_request(event.message_accepted());
      if (event.has_referral_opened()) open(event.referral_opened(), at);
      if (event.has_referral_moved()) move(event.referral_moved(), at);
      if (event.has_referral_handed_on()) hand_on(event.referral_handed_on());
      if (event.has_appointment_moved()) meet(event.appointment_moved(), at);
    }
  }

  Fates take_fates() { return std::move(fates_); }

 private:
  void note_request(const v1::MessageAccepted& accepted) {
    const auto envelope = core::State::parse<v1::Envelope>(accepted.envelope());
    if (!envelope.has_referral_requested()) return;
    const auto& body = envelope.referral_requested();
    service_ = body.service_id().empty() ? body.service_need() : body.service_id();
    territory_ = core::Territory::france().commune_today(body.commune()).value_or("");
  }

  void open(const v1::ReferralOpened& opened, std::int64_t at) {
    if (!opened.exercise()) {
      auto& fate = fates_[opened.referral_id()];
      fate.agreement = opened.agreement();
      fate.service = service_;
      fate.territory = territory_;
      fate.requested_ms = at;
    }
    service_.clear();
    territory_.clear();
  }

  void move(const v1::ReferralMoved& moved, std::int64_t at) {
    const auto found = fates_.find(moved.referral_id());
    if (found == fates_.end()) return;
    auto& fate = found->second;
    fate.end = end_of(moved);
    const bool decided =
        moved.status() == v1::REFERRAL_STATUS_ACCEPTED || moved.status() == v1::REFERRAL_STATUS_REJECTED;
    if (decided && fate.decided_ms == 0) fate.decided_ms = at;
    if (fate.end != 0) fate.ended_ms = at;
  }

  void hand_on(const v1::ReferralHandedOn& handed) {
    if (const auto found = fates_.find(handed.referral_id()); found != fates_.end())
      found->second.agreement = handed.agreement();
  }

  void meet(const v1::AppointmentMoved& moved, std::int64_t at) {
    const auto found = fates_.find(moved.referral_id());
    if (found == fates_.end()) return;
    auto& fate = found->second;
    const auto end = end_of(moved.status(), fate.appointments.contains(moved.appointment_id()));
    if (!end) return;
    fate.appointments[moved.appointment_id()] = *end;
    if (fate.met_ms == 0) fate.met_ms = at;
  }

  Fates fates_;
  std::string service_;  // of the request that the next referral is opened by
  std::string territory_;
};

/// Of what came to pass; empty for too few.
std::optional<base::Milliseconds> median(const std::vector<const Fate*>& fates, std::int64_t Fate::*when) {
  std::vector<std::int64_t> lengths;
  for (const auto* fate : fates)
    if (fate->*when != 0) lengths.push_back(fate->*when - fate->requested_ms);
  if (lengths.size() < core::kSmallestGroup) return std::nullopt;
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  return base::Milliseconds(*middle);
}

/// One breakdown before it is known what may be shown.
struct Draft {
  std::string by;
  std::vector<std::string> names;
  std::vector<std::vector<const Fate*>> members;
  Counts2d referrals;
  Counts2d appointments;
};

Draft draft(const Fates& fates, std::string by, std::string Fate::*group) {
  std::map<std::string, std::vector<const Fate*>> groups;
  for (const auto& [id, fate] : fates) groups[fate.*group].push_back(&fate);
  Draft made{std::move(by), {}, {}, {}, {}};
  for (auto& [name, members] : groups) {
    auto& referrals = made.referrals.emplace_back(kReferralEnds.size(), 0);
    auto& appointments = made.appointments.emplace_back(kAppointmentEnds.size(), 0);
    for (const auto* fate : members) {
      ++referrals[fate->end];
      for (const auto& [id, end] : fate->appointments) ++appointments[end];
    }
    made.names.push_back(name);
    made.members.push_back(std::move(members));
  }
  return made;
}

/// The breakdowns have the same totals: what one must hide of them, none may show.
std::vector<Hidden2d> suppress_together(const std::vector<Draft>& drafts, Counts2d Draft::*counts) {
  std::vector<Hidden2d> hidden;
  for (const auto& one : drafts) hidden.push_back(core::nothing_hidden(one.*counts));
  while (true) {
    const auto before = hidden;
    for (std::size_t i = 0; i < drafts.size(); ++i) hidden[i] = core::suppress(drafts[i].*counts, std::move(hidden[i]));
    for (const auto& from : hidden)
      for (auto& to : hidden)
        for (std::size_t column = 0; column < to.back().size(); ++column)
          if (from.back()[column]) to.back()[column] = true;
    if (hidden == before) return hidden;
  }
}

using Shown = std::vector<std::optional<std::uint64_t>>;

/// A row and its sum, as far as they may be shown.
std::pair<Shown, std::optional<std::uint64_t>> shown(const std::vector<std::uint64_t>& counts,
                                                     const std::vector<bool>& hidden) {
  std::pair<Shown, std::optional<std::uint64_t>> row;
  std::uint64_t sum = 0;
  for (std::size_t column = 0; column < counts.size(); ++column) {
    row.first.push_back(hidden[column] ? std::nullopt : std::optional(counts[column]));
    sum += counts[column];
  }
  if (!hidden.back()) row.second = sum;
  return row;
}

std::vector<std::uint64_t> sums(const Counts2d& counts) {
  std::vector<std::uint64_t> sums(counts.front().size(), 0);
  for (const auto& row : counts)
    for (std::size_t column = 0; column < row.size(); ++column) sums[column] += row[column];
  return sums;
}

IndicatorGroup group(std::string name, const std::vector<const Fate*>& members,
                     std::pair<Shown, std::optional<std::uint64_t>> referrals,
                     std::pair<Shown, std::optional<std::uint64_t>> appointments) {
  IndicatorGroup made{std::move(name),
                      std::move(referrals.first),
                      referrals.second,
                      std::move(appointments.first),
                      appointments.second,
                      {},
                      {},
                      {}};
  made.to_decision = median(members, &Fate::decided_ms);
  made.to_appointment = median(members, &Fate::met_ms);
  made.to_end = median(members, &Fate::ended_ms);
  return made;
}

Breakdown publish(Draft&& draft, const Hidden2d& referrals, const Hidden2d& appointments) {
  Breakdown made;
  made.by = std::move(draft.by);
  std::vector<const Fate*> all;
  for (std::size_t i = 0; i < draft.names.size(); ++i) {
    made.groups.push_back(group(std::move(draft.names[i]), draft.members[i], shown(draft.referrals[i], referrals[i]),
                                shown(draft.appointments[i], appointments[i])));
    all.insert(all.end(), draft.members[i].begin(), draft.members[i].end());
  }
  made.total = group({}, all, shown(sums(draft.referrals), referrals.back()),
                     shown(sums(draft.appointments), appointments.back()));
  return made;
}

}  // namespace

base::Result<std::vector<Breakdown>> indicators(const journal::Store& store, const Period& month) {
  Follower follower;
  if (auto read = each_record(store, month, [&](const v1::Record& record) { follower.take(record); }); !read)
    return read.refusal();
  const auto fates = follower.take_fates();
  std::vector<Breakdown> published;
  if (fates.empty()) return published;
  std::vector<Draft> drafts;
  drafts.push_back(draft(fates, "agreement", &Fate::agreement));
  drafts.push_back(draft(fates, "service", &Fate::service));
  drafts.push_back(draft(fates, "territory", &Fate::territory));
  const auto referrals = suppress_together(drafts, &Draft::referrals);
  const auto appointments = suppress_together(drafts, &Draft::appointments);
  for (std::size_t i = 0; i < drafts.size(); ++i)
    published.push_back(publish(std::move(drafts[i]), referrals[i], appointments[i]));
  return published;
}

}  // namespace relais::engine
