#include "adapters/http/inbox.h"

#include <algorithm>

#include "adapters/files/incoming_links.h"
#include "adapters/files/packing.h"
#include "adapters/http/keys.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::http {

namespace {

constexpr std::size_t kPartBytes = std::size_t{512} << 10;  // a value of the local store has at most 1 MiB
constexpr std::size_t kEntryTexts = 5;
constexpr std::size_t kReferenceBytesMax = 200;

}  // namespace

/// What is known of an item without opening it.
struct Inbox::Entry {
  std::size_t parts = 0;
  std::string message_id;
  std::string referral_id;
  std::string appointment_id;
  std::string reply;
};

Inbox::Inbox(files::Post& post, std::string institution, const Vault& vault)
    : post_(post),
      institution_(std::move(institution)),
      vault_(vault),
      items_(note_prefix("item", institution_)),
      contents_(note_prefix("content", institution_)),
      taken_(note_prefix("taken", institution_)) {}

std::string Inbox::part_key(std::string_view id, std::size_t part) const {
  return contents_ + std::string(id) + "/" + files::ordered(part);
}

sdk::Notes Inbox::put(const sdk::Incoming& message, const Json& item, const std::string& reply) const {
  const auto& envelope = message.envelope;
  const auto id = files::ordered(message.position) + "-" + base::hex(envelope.message_id());
  const auto locked = vault_.lock(envelope.message_id(), item.dump());
  sdk::Notes notes;
  std::size_t parts = 0;
  for (std::size_t at = 0; at < locked.size(); at += kPartBytes)
    notes.push_back({part_key(id, parts++), locked.substr(at, kPartBytes)});
  notes.push_back(
      {items_ + id, files::pack({std::to_string(parts), envelope.message_id(),
                                 files::referral_of(envelope, institution_), envelope.appointment_id(), reply})});
  return notes;
}

std::optional<Inbox::Entry> Inbox::entry(std::string_view id) const {
  const auto noted = post_.store().get(items_ + std::string(id));
  const auto texts = noted ? files::unpack(*noted) : std::nullopt;
  if (!texts || texts->size() != kEntryTexts) return std::nullopt;
  const auto parts = files::number_of((*texts)[0]);
  return Entry{static_cast<std::size_t>(parts.value_or(0)), (*texts)[1], (*texts)[2], (*texts)[3], (*texts)[4]};
}

std::optional<std::string> Inbox::content(std::string_view id, const Entry& entry) const {
  std::string locked;
  for (std::size_t part = 0; part < entry.parts; ++part)
    locked += post_.store().get(part_key(id, part)).value_or(std::string());
  auto text = vault_.unlock(entry.message_id, locked);
  if (text) return std::move(*text);
  base::log_error(
      "inbox item can not be opened",
      {{"institution", institution_}, {"message", base::id_text(entry.message_id)}, {"code", text.refusal().name()}});
  return std::nullopt;
}

Inbox::Listing Inbox::list(std::string_view after, std::size_t count, std::size_t bytes_max) const {
  Listing listing;
  std::vector<std::string> ids;
  post_.store().scan(items_, [&](std::string_view key, std::string_view) {
    const auto id = key.substr(items_.size());
    if (id > after) ids.emplace_back(id);
    return ids.size() <= count;
  });
  std::size_t bytes = 0;
  for (const auto& id : ids) {
    listing.more = listing.items.size() == count || bytes >= bytes_max;
    if (listing.more) break;
    const auto found = entry(id);
    if (!found) continue;  // taken meanwhile
    const auto text = content(id, *found);
    if (!text) {
      ++listing.unreadable;
      continue;
    }
    bytes += text->size();
    Json item{{"id", id}};
    item.update(Json::parse(*text));
    listing.items.push_back(std::move(item));
  }
  return listing;
}

bool Inbox::waits(std::string_view after) const {
  bool found = false;
  post_.store().scan(items_, [&](std::string_view key, std::string_view) {
    found = key.substr(items_.size()) > after;
    return !found;
  });
  return found;
}

std::size_t Inbox::count(std::size_t most) const {
  std::size_t count = 0;
  post_.store().scan(items_, [&](std::string_view, std::string_view) { return ++count < most; });
  return count;
}

std::optional<Problem> Inbox::take(std::string_view id, const OwnNumbers& numbers, base::Instant now) {
  const auto found = entry(id);
  const auto taken = taken_ + std::string(id);
  if (!found) {
    if (post_.store().get(taken)) return std::nullopt;
    return problem("item.unknown");
  }
  auto linked = link_numbers(post_, institution_, found->referral_id, found->appointment_id, numbers);
  if (auto* const wrong = std::get_if<Problem>(&linked)) return std::move(*wrong);
  auto notes = std::get<sdk::Notes>(std::move(linked));
  notes.push_back({items_ + std::string(id), std::nullopt});
  for (std::size_t part = 0; part < found->parts; ++part) notes.push_back({part_key(id, part), std::nullopt});
  notes.push_back({taken, files::pack({std::to_string(base::to_ms(now))})});
  sdk::Draft reply;
  if (!found->reply.empty() && reply.envelope.ParseFromString(found->reply)) {
    if (const auto sent = post_.submit(std::span(&reply, 1), notes); !sent) return problem(sent.refusal());
  } else if (const auto written = post_.store().write(notes); !written) {
    return problem(written.refusal());
  }
  return std::nullopt;
}

std::variant<sdk::Notes, Problem> link_numbers(files::Post& post, const std::string& institution,
                                               const std::string& referral_id, const std::string& appointment_id,
                                               const OwnNumbers& numbers) {
  const sdk::Links links(post.store());
  sdk::Notes notes;
  const auto add = [&](sdk::LinkKind kind, const std::string& number, const std::string& id) {
    if (links.id(institution, kind, number) == id) return;
    for (auto& note : links.link(institution, kind, number, id)) notes.push_back(std::move(note));
  };
  for (const auto* const number : {&numbers.reference, &numbers.appointment})
    if (number->size() > kReferenceBytesMax) return problem("field.invalid", "a number of at most 200 bytes");
  if (!numbers.reference.empty() && !referral_id.empty()) {
    const auto before = links.id(institution, sdk::LinkKind::referral, numbers.reference);
    if (before && *before != referral_id && post.known_referral(*before))
      return problem("reference.already_open", {}, "/reference");
    add(sdk::LinkKind::referral, numbers.reference, referral_id);
  }
  if (!numbers.appointment.empty() && !appointment_id.empty())
    add(sdk::LinkKind::appointment, numbers.appointment, appointment_id);
  return notes;
}

}  // namespace relais::http
