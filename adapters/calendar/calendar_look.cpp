// The half that looks at the calendar: what people changed there, and what must be put back.
#include <algorithm>
#include <set>

#include "adapters/calendar/calendar.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::calendar {

namespace {

constexpr std::size_t kEventsAtOnce = 50;
constexpr std::size_t kRefusedAtOnce = 1'000;
constexpr std::chrono::hours kForgetEvery{24};

}  // namespace

base::Status Calendar::observe(Link& link, const StoredEvent* found) {
  const auto before = link;
  if (found == nullptr) {
    link.on_server = false;
    link.etag.clear();
    return tell(link, before, nullptr, before.etag + " gone");
  }
  link.on_server = true;
  link.etag = found->etag;
  const auto document = IcalDocument::read(found->text);
  std::variant<Event, IcalFault> event = IcalFault{};
  if (const auto* const readable = std::get_if<IcalDocument>(&document))
    event = read_event(*readable, config_.rules);
  else
    event = std::get<IcalFault>(document);
  if (const auto* const fault = std::get_if<IcalFault>(&event)) {
    // Not its property: of a line that is badly folded that is a word of somebody's text.
    base::log_warning("event can not be read", {{"institution", config_.institution},
                                                {"appointment", base::id_text(link.appointment_id)},
                                                {"line", fault->line},
                                                {"rule", fault->rule}});
    link.shown = {EventStatus::tentative, 0, 0};  // no appointment is like that: it is written anew
    return put_back_later(link, before, fault->rule, notice_of(fault->rule));
  }
  const auto& read = std::get<Event>(event);
  link.shown = read.state;
  if (read.sequence < before.sequence) {
    ++counts_.older;
    return keep(link, &before, !link.satisfied());
  }
  link.sequence = read.sequence;
  const bool as_before = before.on_server && same(read.state, before.shown);
  if (as_before || (before.writing && same(read.state, *before.writing))) {
    if (!as_before) link.writing.reset();
    return keep(link, &before, !link.satisfied());
  }
  return tell(link, before, &read.state, found->etag);
}

base::Status Calendar::tell(Link& link, const Link& before, const EventState* seen, const std::string& name) {
  const auto referral = post_.known_referral(link.referral_id);
  const Standing standing{referral && referral->recipient == config_.institution, config_.cancelled_by,
                          config_.cancelled_reason, base::to_ms(clock_.now())};
  const auto said = difference(link, seen, standing);
  if (std::holds_alternative<NoNews>(said)) {
    link.writing.reset();
    return keep(link, &before, seen != nullptr && !link.satisfied());
  }
  if (const auto* const wrong = std::get_if<Unsayable>(&said))
    return put_back_later(link, before, wrong->rule, notice_of(wrong->rule));
  const auto& news = std::get<News>(said);
  std::vector<sdk::Draft> drafts;
  for (const auto& message : news.messages) {
    auto& envelope = drafts.emplace_back().envelope;
    envelope = message;
    envelope.set_sender(config_.institution);
    envelope.set_referral_id(link.referral_id);
    envelope.set_appointment_id(link.appointment_id);
    envelope.set_message_id(sdk::named_id("calendar " + config_.institution, link.href + " " + name + " " +
                                                                                 std::to_string(drafts.size()) + " " +
                                                                                 std::to_string(news.state.start_ms) +
                                                                                 " " + std::to_string(link.position)));
  }
  link.writing.reset();
  link.asked.push_back({drafts.back().envelope.message_id(), news.state});
  auto notes = links_.notes(link, &before);
  notes.push_back(links_.mark_unfinished(link, !link.satisfied()));
  const auto sent = post_.submit(drafts, notes);
  if (sent) {
    counts_.told += drafts.size();
    base::log_info("change at the calendar", {{"institution", config_.institution},
                                              {"appointment", base::id_text(link.appointment_id)},
                                              {"status", name_of(news.state.status)}});
    return base::Done{};
  }
  link.asked.pop_back();
  // Later it may be taken: then the calendar is looked at again.
  if (base::info(sent.refusal().code).retry) {
    link = before;
    return sent.refusal();
  }
  return put_back_later(link, before, std::string(sent.refusal().name()), sent.refusal().french());
}

base::Status Calendar::put_back_later(Link& link, const Link& before, const std::string& rule,
                                      const std::string& notice) {
  link.notice = notice;
  link.writing.reset();
  ++counts_.put_back;
  base::log_warning(
      "change at the calendar is put back",
      {{"institution", config_.institution}, {"appointment", base::id_text(link.appointment_id)}, {"rule", rule}});
  return keep(link, &before, !link.satisfied());
}

base::Status Calendar::take_refused() {
  for (const auto& refused : post_.refused(kRefusedAtOnce)) {
    if (refused.envelope.sender() != config_.institution) continue;
    const std::string id(refused.message_id.bytes());
    const std::lock_guard lock(mutex_);
    base::log_warning("message refused", {{"institution", config_.institution},
                                          {"message", base::id_text(id)},
                                          {"trace", base::trace_id(refused.envelope.trace_parent())},
                                          {"code", refused.refusal.code()}});
    if (auto link = links_.asked_by(id)) {
      const auto before = *link;
      std::erase_if(link->asked, [&](const Asked& one) { return one.message_id == id; });
      if (auto kept = put_back_later(*link, before, refused.refusal.code(), refused.refusal.french()); !kept)
        return kept;
    }
    if (auto forgotten = post_.forget_refused(refused.message_id);
        !forgotten && forgotten.refusal().code != base::RefusalCode::not_found)
      return forgotten;
  }
  return base::Done{};
}

base::Status Calendar::finish_unfinished() {
  const std::lock_guard lock(mutex_);
  base::Status worst = base::Done{};
  for (const auto& id : links_.unfinished()) {
    auto link = links_.find(id);
    if (!link) continue;
    if (auto done = bring_up_to_date(*link, nullptr, nullptr); !done) {
      // The server as a whole, or this event alone: the others are still tried.
      std::chrono::milliseconds pause{};
      if (failed(done.refusal(), pause)) return done;
      worst = done;
    }
  }
  return worst;
}

base::Status Calendar::look() {
  for (bool again = true; again;) {
    const auto token = links_.token();
    base::Result<std::optional<Changes>> changes = std::optional<Changes>();
    {
      const std::lock_guard lock(mutex_);
      if (!token.empty()) changes = server_->changes(token);
    }
    if (!changes) return changes.refusal();
    if (*changes) {
      const auto& some = **changes;
      // What was moved to another place in the calendar is there before it is gone from here.
      if (auto looked = look_at(some.changed); !looked) return looked;
      if (auto looked = look_for_gone(some.gone); !looked) return looked;
      if (some.token != token)
        if (auto kept = links_.set_token(some.token); !kept) return kept;
      again = some.more && some.token != token;
      continue;
    }
    if (!token.empty()) base::log_info("sync token refused, all is looked at", {{"institution", config_.institution}});
    base::Result<Changes> all = Changes{};
    // Written while the list was on its way: not in it, and not gone.
    std::vector<Link> ours;
    {
      const std::lock_guard lock(mutex_);
      ours = links_.on_server();
      all = server_->everything();
    }
    if (!all) return all.refusal();
    if (auto looked = look_at(all->changed); !looked) return looked;
    std::set<std::string> there;
    for (const auto& one : all->changed) there.insert(plain_href(one.href));
    std::vector<std::string> gone;
    for (const auto& link : ours)
      if (!there.contains(plain_href(link.href))) gone.push_back(link.href);
    if (auto looked = look_for_gone(gone); !looked) return looked;
    if (all->token != token)
      if (auto kept = links_.set_token(all->token); !kept) return kept;
    again = false;
  }
  return base::Done{};
}

base::Status Calendar::look_at(const std::vector<Listed>& listed) {
  std::vector<std::string> hrefs;
  for (const auto& one : listed) {
    const auto link = links_.at(one.href);
    if (link && link->on_server && !one.etag.empty() && link->etag == one.etag) continue;
    hrefs.push_back(one.href);
    if (hrefs.size() < kEventsAtOnce) continue;
    if (auto looked = look_at_some(hrefs); !looked) return looked;
    hrefs.clear();
  }
  return hrefs.empty() ? base::Status(base::Done{}) : look_at_some(hrefs);
}

base::Status Calendar::look_at_some(const std::vector<std::string>& hrefs) {
  const std::lock_guard lock(mutex_);
  const auto events = server_->get_many(hrefs);
  if (!events) return events.refusal();
  for (const auto& [href, stored] : *events) {
    auto link = links_.at(href);
    if (!link) {
      // Whose it is says its UID alone, wherever it stands.
      const auto document = IcalDocument::read(stored.text);
      const auto* const readable = std::get_if<IcalDocument>(&document);
      const auto id = readable == nullptr ? std::nullopt : appointment_of_uid(uid_of(*readable));
      if (id) link = links_.find(*id);
      if (!link) {
        ++counts_.foreign;
        continue;
      }
      const auto before = *link;
      link->href = href;
      if (auto kept = keep(*link, &before, !link->satisfied()); !kept) return kept;
    }
    if (link->on_server && link->etag == stored.etag) continue;
    if (auto observed = observe(*link, &stored); !observed) return observed;
  }
  return base::Done{};
}

base::Status Calendar::look_for_gone(const std::vector<std::string>& hrefs) {
  for (const auto& href : hrefs) {
    const std::lock_guard lock(mutex_);
    auto link = links_.at(href);
    if (!link || !link->on_server) continue;
    // Asked once more: it may have been put there since the list was made.
    const auto found = server_->get(link->href);
    if (!found) return found.refusal();
    if (*found && (**found).etag == link->etag) continue;
    if (auto observed = observe(*link, *found ? &**found : nullptr); !observed) return observed;
  }
  return base::Done{};
}

base::Status Calendar::forget_old() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  if (now < forget_at_) return base::Done{};
  forget_at_ = now + kForgetEvery;
  return links_.forget_ended(base::to_ms(now - config_.forget_after));
}

std::chrono::milliseconds Calendar::round() {
  {
    const std::lock_guard lock(mutex_);
    if (const auto now = clock_.now(); now < not_before_) return not_before_ - now;
  }
  const auto before = counts();
  auto done = take_refused();
  auto finished = done ? finish_unfinished() : done;
  if (finished) finished = look();
  // What was seen may have to be put back at once.
  if (finished) finished = finish_unfinished();
  if (finished) finished = forget_old();
  const std::lock_guard lock(mutex_);
  if (counts_.foreign != before.foreign || counts_.older != before.older)
    base::log_info("calendar looked at", {{"institution", config_.institution},
                                          {"foreign", counts_.foreign - before.foreign},
                                          {"older", counts_.older - before.older},
                                          {"told", counts_.told - before.told}});
  if (!finished) {
    auto pause = config_.look_every;
    failed(finished.refusal(), pause);
    return std::min(pause, config_.look_every);
  }
  if (!fault_.empty()) base::log_info("calendar goes on", {{"institution", config_.institution}});
  fault_.clear();
  failures_ = 0;
  not_before_ = {};
  return config_.look_every;
}

}  // namespace relais::calendar
