#include "broker/core/slot_search.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <vector>

#include "broker/core/routing.h"
#include "broker/core/slot_rules.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;
using base::Status;

constexpr base::Milliseconds kSpanMax{366LL * 86'400'000};
constexpr std::size_t kPage = 32;

base::Refusal invalid(const std::string& field, std::string why) {
  return refuse(RefusalCode::input_invalid, "slots." + field, {{"field", "slots." + field}, {"why", std::move(why)}});
}

/// The question with everything that it leaves open filled in.
struct Search {
  const State& state;
  const Directory& directory;
  const v1::SlotsQuery& query;
  base::Instant now;
  std::int64_t from_ms = 0;  // of the start
  std::int64_t until_ms = 0;
  std::uint32_t at_most = 0;
};

/// The free slots of one service of one host, by start, read in pages.
class Stream {
 public:
  Stream(const Search& search, const std::string& institution, const std::string& service)
      : institution_(institution),
        prefix_bytes_(keys::free_slots(institution, service).size()),
        next_(keys::free_slots_from(institution, service, search.from_ms)),
        end_(keys::free_slots_from(institution, service, search.until_ms)) {}

  /// Whether there is a further one; front() is it.
  bool read_on(const Tables& tables) {
    if (page_.empty() && !over_) read_page(tables);
    return !page_.empty();
  }
  [[nodiscard]] const keys::FreeSlot& front() const { return page_.front(); }
  void pop() { page_.pop_front(); }
  [[nodiscard]] const std::string& institution() const { return institution_; }

 private:
  void read_page(const Tables& tables) {
    over_ = true;
    tables.scan(TableId::free_slots, next_, end_, [&](std::string_view key, std::string_view) {
      if (page_.size() == kPage) {
        next_ = key;
        over_ = false;
        return false;
      }
      page_.push_back(keys::read_free_slot(key, prefix_bytes_));
      return true;
    });
  }

  std::string institution_;
  std::size_t prefix_bytes_;
  std::string next_;
  std::string end_;
  std::deque<keys::FreeSlot> page_;
  bool over_ = false;
};

/// From when until when, before anything is added to numbers that come from outside.
Status check_times(const v1::SlotsQuery& query, base::Instant now) {
  const auto latest = base::to_ms(now + kSlotAheadMax);
  if (query.from_ms() < 0 || query.from_ms() > latest) return invalid("from_ms", "is not within two years");
  const auto from = std::max(query.from_ms(), base::to_ms(now));
  if (query.until_ms() == 0) return base::Done{};
  if (query.until_ms() <= from) return invalid("until_ms", "is not after from_ms, or is in the past");
  if (query.until_ms() - from > kSpanMax.count()) return invalid("until_ms", "is more than 366 days after from_ms");
  return base::Done{};
}

Status check(const Search& search) {
  const auto& query = search.query;
  if (!query.commune().empty() && !Territory::france().commune_today(query.commune()))
    return refuse(RefusalCode::commune_unknown, "slots.commune", {{"commune", query.commune()}});
  if (search.directory.institution(query.institution()) == nullptr)
    return refuse(RefusalCode::identity_unknown, "slots.institution", {{"institution", query.institution()}});
  if (search.directory.purpose(query.purpose()) == nullptr)
    return refuse(RefusalCode::purpose_unknown, "slots.purpose", {{"purpose", query.purpose()}});
  if (!query.host().empty() && search.directory.institution(query.host()) == nullptr)
    return refuse(RefusalCode::route_none, "slots.host", {{"recipient", query.host()}});
  if (const auto* service = search.directory.service(query.service_id());
      !query.service_id().empty() &&
      (service == nullptr || (!query.host().empty() && service->institution() != query.host())))
    return refuse(RefusalCode::not_found, "slots.service_id", {{"what", query.service_id()}});
  return base::Done{};
}

bool may_ask(const Search& search, const std::string& host) {
  return host == search.query.institution() ||
         search.directory.coverage(search.query.institution(), host, search.query.purpose(), search.now).kind ==
             Coverage::Kind::valid;
}

/// The hosts that come into question: the one that is named, by itself or by its service, or all with an agreement.
Result<std::vector<const v1::Institution*>> hosts(const Search& search) {
  std::vector<const v1::Institution*> found;
  auto named = search.query.host();
  if (named.empty() && !search.query.service_id().empty())
    named = search.directory.service(search.query.service_id())->institution();
  if (!named.empty()) {
    if (named != search.query.institution()) {
      const auto& query = search.query;
      const auto coverage = search.directory.coverage(query.institution(), named, query.purpose(), search.now);
      const auto agreement = agreement_of(coverage, query.institution(), named, query.purpose());
      if (!agreement) return agreement.refusal();
    }
    found.push_back(search.directory.institution(named));
    return found;
  }
  for (const auto& institution : search.directory.definition().institutions())
    if (may_ask(search, institution.id())) found.push_back(&institution);
  return found;
}

/// Whether slots of this service, or with null those of no service, are what is asked for.
bool is_wanted(const Search& search, const v1::Institution& host, const v1::Service* service) {
  const auto& query = search.query;
  if (!query.service_id().empty() && (service == nullptr || service->id() != query.service_id())) return false;
  if (!query.service_need().empty() && (service == nullptr || !offers_need(*service, query.service_need())))
    return false;
  return query.commune().empty() || serves_commune(host, service, query.commune(), Territory::france());
}

Result<std::vector<Stream>> streams(const Search& search) {
  const auto from = hosts(search);
  if (!from) return from.refusal();
  std::vector<Stream> found;
  for (const auto* host : *from) {
    if (is_wanted(search, *host, nullptr)) found.emplace_back(search, host->id(), std::string());
    for (const auto* service : search.directory.services_of(host->id()))
      if (is_wanted(search, *host, service)) found.emplace_back(search, host->id(), service->id());
    if (found.size() > kSlotStreamsMax) return refuse(RefusalCode::slot_search_too_wide, "slots");
  }
  return found;
}

bool is_wanted(const Search& search, const v1::Slot& slot) {
  const auto& query = search.query;
  if (!query.location_id().empty() && slot.location_id() != query.location_id()) return false;
  const bool began = slot.start_ms() <= base::to_ms(search.now);
  if (query.open_now()) return began && is_bookable(slot, search.now);
  return is_bookable(slot, search.now);
}

/// The streams side by side, in order of time; of equal instants, in order of the streams.
Result<v1::SlotsAnswer> merge(const Search& search, std::vector<Stream> streams) {
  using Head = std::pair<std::int64_t, std::size_t>;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  const auto& tables = search.state.tables();
  const auto push = [&](std::size_t at) {
    if (streams[at].read_on(tables)) heads.emplace(streams[at].front().start_ms, at);
  };
  for (std::size_t i = 0; i < streams.size(); ++i) push(i);
  v1::SlotsAnswer answer;
  for (std::size_t examined = 0; !heads.empty(); ++examined) {
    if (examined == kSlotsExaminedMax) {
      if (answer.slots().empty()) return refuse(RefusalCode::slot_search_too_wide, "slots");
      answer.set_more(true);
      break;
    }
    const auto at = heads.top().second;
    heads.pop();
    auto& stream = streams[at];
    const auto row = find_slot(search.state, stream.institution(), stream.front().slot_id);
    base::check(row.has_value(), "a free slot has a row");
    stream.pop();
    push(at);
    if (!is_wanted(search, row->slot())) continue;
    if (static_cast<std::uint32_t>(answer.slots_size()) == search.at_most) {
      answer.set_more(true);
      break;
    }
    auto& view = *answer.add_slots();
    view.set_institution(stream.institution());
    *view.mutable_slot() = row->slot();
    view.set_free(row->slot().capacity() - row->taken());
  }
  return answer;
}

}  // namespace

Result<v1::SlotsAnswer> find_slots(const State& state, const v1::SlotsQuery& query, base::Instant now) {
  if (state.directory() == nullptr) return refuse(RefusalCode::network_none);
  if (query.at_most() > kSlotsAnsweredMax) return invalid("at_most", "is more than 200");
  if (auto said = check_times(query, now); !said) return said.refusal();
  Search search{state, *state.directory(), query, now};
  const auto now_ms = base::to_ms(now);
  const bool later = query.from_ms() > now_ms && !query.open_now();
  // What began up to a day ago may still go on, and be open.
  search.from_ms = later ? query.from_ms() : std::max<std::int64_t>(0, now_ms - kMeetingMsMax);
  search.until_ms = query.until_ms() != 0 ? query.until_ms() : std::max(query.from_ms(), now_ms) + kSpanMax.count();
  if (query.open_now()) search.until_ms = now_ms + 1;
  search.at_most = query.at_most() == 0 ? kSlotsAnsweredMax : query.at_most();
  if (auto said = check(search); !said) return said.refusal();
  auto found = streams(search);
  if (!found) return found.refusal();
  return merge(search, std::move(*found));
}

}  // namespace relais::core
