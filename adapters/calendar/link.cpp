#include "adapters/calendar/link.h"

#include <algorithm>

#include "adapters/calendar/calendar_server.h"
#include "adapters/files/packing.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::calendar {

namespace {

constexpr std::string_view kUidEnds = "@relais";
constexpr std::size_t kTexts = 14;
constexpr std::size_t kForgottenAtOnce = 1'000;

std::string packed(const EventState& state) {
  return files::pack({std::string(name_of(state.status)), files::ordered(static_cast<std::uint64_t>(state.start_ms)),
                      files::ordered(static_cast<std::uint64_t>(state.end_ms))});
}

std::optional<EventState> state_in(std::string_view text) {
  const auto texts = files::unpack(text);
  if (!texts || texts->size() != 3) return std::nullopt;
  const auto status = event_status((*texts)[0]);
  const auto start = files::number_of((*texts)[1]);
  const auto end = files::number_of((*texts)[2]);
  if (!status || !start || !end) return std::nullopt;
  return EventState{*status, static_cast<std::int64_t>(*start), static_cast<std::int64_t>(*end)};
}

std::string packed(const Link& link) {
  files::Texts asked;
  for (const auto& one : link.asked) asked.push_back(files::pack({one.message_id, packed(one.state)}));
  return files::pack({link.appointment_id, link.referral_id, link.href, packed(link.agreed),
                      files::ordered(link.position), link.meeting.SerializeAsString(), files::pack(asked),
                      link.on_server ? "1" : "", link.etag, files::ordered(static_cast<std::uint64_t>(link.sequence)),
                      packed(link.shown), link.writing ? packed(*link.writing) : std::string(), link.notice, "1"});
}

std::optional<Link> link_in(std::string_view text) {
  const auto texts = files::unpack(text);
  if (!texts || texts->size() != kTexts) return std::nullopt;
  const auto& t = *texts;
  Link link;
  link.appointment_id = t[0];
  link.referral_id = t[1];
  link.href = t[2];
  const auto agreed = state_in(t[3]);
  const auto asked = files::unpack(t[6]);
  const auto shown = state_in(t[10]);
  if (!agreed || !asked || !shown || !link.meeting.ParseFromString(t[5])) return std::nullopt;
  link.agreed = *agreed;
  link.position = files::number_of(t[4]).value_or(0);
  for (const auto& one : *asked) {
    const auto parts = files::unpack(one);
    const auto state = parts && parts->size() == 2 ? state_in((*parts)[1]) : std::nullopt;
    if (!state) return std::nullopt;
    link.asked.push_back({parts->front(), *state});
  }
  link.on_server = !t[7].empty();
  link.etag = t[8];
  link.sequence = static_cast<std::int64_t>(files::number_of(t[9]).value_or(0));
  link.shown = *shown;
  link.writing = state_in(t[11]);
  link.notice = t[12];
  return link;
}

std::string place_of(std::string_view href) { return base::hex(base::view(base::hash(plain_href(href)))); }

}  // namespace

bool Link::satisfied() const {
  if (!on_server) return is_final(wanted().status);
  return same(shown, wanted());
}

std::string uid_of_appointment(std::string_view appointment_id) {
  return base::id_text(appointment_id) + std::string(kUidEnds);
}

std::optional<std::string> appointment_of_uid(std::string_view uid) {
  if (!uid.ends_with(kUidEnds)) return std::nullopt;
  return base::id_bytes(uid.substr(0, uid.size() - kUidEnds.size()));
}

std::string Links::key(std::string_view kind, std::string_view name) const {
  return "calendar/" + std::string(kind) + "/" + institution_ + "/" + std::string(name);
}

std::optional<Link> Links::find(std::string_view appointment_id) const {
  const auto noted = store_.get(key("link", base::hex(appointment_id)));
  return noted ? link_in(*noted) : std::nullopt;
}

std::optional<Link> Links::at(std::string_view href) const {
  const auto noted = store_.get(key("place", place_of(href)));
  return noted ? find(*noted) : std::nullopt;
}

std::optional<Link> Links::asked_by(std::string_view message_id) const {
  const auto noted = store_.get(key("asked", base::hex(message_id)));
  return noted ? find(*noted) : std::nullopt;
}

sdk::Notes Links::notes(const Link& link, const Link* before) const {
  sdk::Notes notes;
  if (before != nullptr) {
    if (before->href != link.href) notes.push_back({key("place", place_of(before->href)), std::nullopt});
    for (const auto& one : before->asked)
      if (std::ranges::count(link.asked, one.message_id, &Asked::message_id) == 0)
        notes.push_back({key("asked", base::hex(one.message_id)), std::nullopt});
  }
  notes.push_back({key("link", base::hex(link.appointment_id)), packed(link)});
  notes.push_back({key("place", place_of(link.href)), link.appointment_id});
  for (const auto& one : link.asked) notes.push_back({key("asked", base::hex(one.message_id)), link.appointment_id});
  return notes;
}

std::vector<std::string> Links::unfinished() const {
  std::vector<std::string> ids;
  store_.scan(key("unfinished", ""), [&](std::string_view, std::string_view value) {
    ids.emplace_back(value);
    return true;
  });
  return ids;
}

sdk::Note Links::mark_unfinished(const Link& link, bool unfinished) const {
  return {key("unfinished", base::hex(link.appointment_id)),
          unfinished ? std::optional(link.appointment_id) : std::nullopt};
}

std::vector<Link> Links::on_server() const {
  std::vector<Link> all;
  store_.scan(key("link", ""), [&](std::string_view, std::string_view value) {
    if (auto link = link_in(value); link && link->on_server) all.push_back(std::move(*link));
    return true;
  });
  return all;
}

base::Status Links::forget_ended(std::int64_t before_ms) {
  for (bool again = true; again;) {
    sdk::Notes old;
    store_.scan(key("link", ""), [&](std::string_view found, std::string_view value) {
      const auto link = link_in(value);
      if (link && link->agreed.end_ms < before_ms && link->asked.empty() && link->satisfied()) {
        old.push_back({std::string(found), std::nullopt});
        old.push_back({key("place", place_of(link->href)), std::nullopt});
      }
      return old.size() < kForgottenAtOnce;
    });
    again = old.size() >= kForgottenAtOnce;
    if (old.empty()) break;
    if (auto written = store_.write(old); !written) return written;
  }
  return base::Done{};
}

std::string Links::token() const { return store_.get(key("token", "")).value_or(""); }

base::Status Links::set_token(const std::string& token) { return store_.put(key("token", ""), token); }

}  // namespace relais::calendar
