#include "adapters/sftp/fetcher.h"

#include <algorithm>
#include <set>

#include "adapters/files/file_rule.h"
#include "adapters/files/notices.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::sftp {

namespace {

using What = ClaimName::What;

constexpr std::size_t kEntriesAtOnce = 20'000;
constexpr std::size_t kFilesAtOnce = 64;  // so that what goes out does not wait behind a pile

base::Refusal here(std::string_view place, base::Refusal refusal) {
  refusal.field = std::string(place);
  return refusal;
}

}  // namespace

Fetcher::Fetcher(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route, Remote& remote)
    : store_(store),
      exchange_(exchange),
      route_(route),
      remote_(remote),
      notes_("sftp/in/" + exchange.institution + "/"),
      judge_(route.arrival) {}

std::string Fetcher::claimed(const Claim& claim, What what) const {
  return below(route_.folders.in, text(ClaimName{what, claim.id, claim.name}));
}

Fetcher::Result Fetcher::work(base::Instant now, Faults& faults) {
  Result result;
  if (route_.folders.in.empty()) return result;
  if (auto made = files::make_folder(arriving()); !made) {
    note(faults, "work", made.refusal());
    return result;
  }
  if (!begun_) remove_leftovers();
  auto listing = remote_.list(route_.folders.in, kEntriesAtOnce);
  if (!listing) {
    if (remote_.connected()) note(faults, "server.in", listing.refusal());
    return result;
  }
  // Our own folders may stand in it.
  std::erase_if(listing->entries, [&](const auto& entry) {
    const auto path = below(route_.folders.in, entry.name);
    return path == route_.folders.archive || path == route_.folders.out || path == route_.folders.rejects;
  });
  const auto claims = find_claims(*listing);
  if (!claims) {
    note(faults, claims.refusal().field.empty() ? "store" : claims.refusal().field, claims.refusal());
    return result;
  }
  for (const auto& claim : *claims)
    if (carry_on(claim, faults) == Next::stop) return result;

  const auto arrivals = judge_.judge(listing->entries, std::chrono::steady_clock::now());
  counts_.waiting = arrivals.waiting;
  counts_.strange = arrivals.strange + listing->impossible;
  counts_.listed_whole = listing->whole;
  counts_.held_up = 0;
  result.look_again = arrivals.look_again;
  std::set<std::string_view> there;
  for (const auto& entry : listing->entries) there.insert(entry.name);
  std::erase_if(told_, [&](const auto& one) { return !there.contains(one.first); });
  std::size_t count = 0;
  for (const auto& file : arrivals.complete) {
    if (!fit_to_fetch(file, faults)) {
      if (!remote_.connected()) return result;
      ++counts_.held_up;
      continue;
    }
    if (count == kFilesAtOnce) {
      result.more = true;
      return result;
    }
    ++count;
    if (claim(file, *listing, now, faults) == Next::stop) return result;
  }
  result.more = !listing->whole && count > 0;
  return result;
}

/// What an earlier process fetched and did not note may be in pieces.
void Fetcher::remove_leftovers() {
  begun_ = true;
  if (const auto entries = files::list_folder(arriving()); entries)
    for (const auto& entry : *entries)
      if (!store_.get(key(entry.name))) (void)files::remove_file(arriving() / entry.name).ok();
}

/// Oldest first. Notes of claims that are on the server no more are settled here.
base::Result<std::vector<Fetcher::Claim>> Fetcher::find_claims(const Listing& listing) {
  std::map<std::string, Claim> claims;
  for (const auto& entry : listing.entries) {
    const auto name = claim_name(entry.name);
    if (!name || !entry.regular) continue;
    auto& claim = claims[name->id];
    claim.id = name->id;
    claim.name = name->name;
    (name->what == What::file ? claim.file : claim.marker) = true;
  }
  std::vector<std::pair<std::string, std::string>> left;
  store_.scan(notes_, [&](std::string_view found, std::string_view value) {
    const auto id = std::string(found.substr(notes_.size()));
    if (!claims.contains(id)) left.emplace_back(id, value);
    return true;
  });
  for (const auto& [id, name] : left) {
    if (auto handed = hand_over(id, name); !handed) return handed.refusal();
    if (!listing.whole) continue;
    if (auto erased = store_.erase(key(id)); !erased) return erased.refusal();
  }
  std::vector<Claim> found;
  for (auto& [id, claim] : claims) found.push_back(std::move(claim));
  return found;
}

Fetcher::Next Fetcher::told(Faults& faults, std::string_view place, const base::Refusal& refusal) const {
  if (!remote_.connected()) return Next::stop;
  // Those of this machine concern all files; a fault of the server may concern this one alone.
  const bool ours = !refusal.field.empty();
  note(faults, ours ? std::string_view(refusal.field) : place, refusal);
  return ours ? Next::stop : Next::pass_over;
}

Fetcher::Next Fetcher::carry_on(const Claim& claim, Faults& faults) {
  if (!claim.file) {
    if (const auto refused = take_announced(claim)) {
      if (files::why(*refused) != files::kNotThere) return told(faults, "server.in", *refused);
      // Somebody else took the file: its marker speaks of nothing.
      if (auto removed = remote_.remove(claimed(claim, What::marker)); !removed)
        return told(faults, "server.in", removed.refusal());
      return Next::go_on;
    }
  }
  if (!store_.get(key(claim.id))) {
    if (auto fetched = download(claim); !fetched) {
      // Not whole: its writer goes on, under whatever name. The next look fetches it anew.
      if (remote_.connected() && files::why(fetched.refusal()) == files::kChanging) return Next::pass_over;
      return told(faults, "server.in", fetched.refusal());
    }
    ++counts_.fetched;
  }
  if (auto handed = hand_over(claim.id, claim.name); !handed) return told(faults, "in", handed.refusal());
  if (auto away = put_away(claim); !away) return told(faults, "server.archive", away.refusal());
  if (auto erased = store_.erase(key(claim.id)); !erased) return told(faults, "in", here("store", erased.refusal()));
  return Next::go_on;
}

/// The file whose marker was taken just before the end.
std::optional<base::Refusal> Fetcher::take_announced(const Claim& claim) {
  const auto moved = remote_.move(below(route_.folders.in, claim.name), claimed(claim, What::file));
  if (moved) return std::nullopt;
  return moved.refusal();
}

base::Status Fetcher::download(const Claim& claim) {
  const auto file = claimed(claim, What::file);
  const auto before = remote_.stamp_of(file);
  if (!before) return before.refusal();
  const auto local = arriving() / claim.id;
  std::uint64_t from = 0;
  if (partial_ && partial_->id == claim.id && partial_->of == *before)
    if (const auto stamp = files::stamp_of(local); stamp) from = std::min(stamp->bytes, before->bytes);
  partial_ = Partial{claim.id, *before};
  auto opened = files::GrowingFile::open(local, from);
  if (!opened) return here("work", opened.refusal());
  std::uint64_t bytes = from;
  const auto fetched = remote_.fetch(file, from, [&](std::string_view part) -> base::Status {
    bytes += part.size();
    if (bytes > before->bytes) return failed(files::kChanging);
    if (auto written = opened->write(part); !written) return here("work", written.refusal());
    return base::Done{};
  });
  if (!fetched && !remote_.connected()) return fetched;  // what came so far is kept
  partial_.reset();
  if (!fetched) {
    (void)files::remove_file(local).ok();
    return fetched;
  }
  const auto after = remote_.stamp_of(file);
  if (!after) return after.refusal();
  if (*after != *before || bytes != before->bytes) return failed(files::kChanging);
  if (auto synced = opened->finish(); !synced) return here("work", synced.refusal());
  if (auto synced = files::sync_folder(arriving()); !synced) return here("work", synced.refusal());
  if (auto noted = store_.put(key(claim.id), claim.name); !noted) return here("store", noted.refusal());
  base::log_info("file fetched",
                 {{"institution", exchange_.institution}, {"file", claim.id}, {"bytes", bytes}, {"resumed_at", from}});
  return base::Done{};
}

/// From `arriving` to `in`. What is not in `arriving` was handed over before.
base::Status Fetcher::hand_over(const std::string& id, const std::string& name) {
  const auto from = arriving() / id;
  const auto to = exchange_.folders.in / name;
  if (auto moved = files::move_file(from, to); !moved) {
    const auto code = files::why(moved.refusal());
    // Gone: it was renamed before. The folder itself being gone would say the same, so look.
    if (code != files::kNotThere || !files::is_there(arriving()) || !files::is_there(exchange_.folders.in))
      return here("in", moved.refusal());
  }
  if (auto synced = files::sync_folder(exchange_.folders.in); !synced) return here("in", synced.refusal());
  return base::Done{};
}

base::Status Fetcher::put_away(const Claim& claim) {
  if (claim.marker)
    if (auto removed = remote_.remove(claimed(claim, What::marker)); !removed) return removed;
  const auto file = claimed(claim, What::file);
  if (route_.folders.archive.empty()) return remote_.remove(file);
  auto moved = remote_.move(file, below(route_.folders.archive, files::fitted_name(claim.id + "-", claim.name)));
  // The id makes the name ours: a server that renames by linking died between its two steps.
  if (!moved && files::why(moved.refusal()) == files::kExists) return remote_.remove(file);
  return moved;
}

Fetcher::Next Fetcher::claim(const files::CompleteFile& file, const Listing& listing, base::Instant now,
                             Faults& faults) {
  const auto used = [&](const std::string& id) {
    return store_.get(key(id)) || std::ranges::any_of(listing.entries, [&](const auto& entry) {
             const auto name = claim_name(entry.name);
             return name && name->id == id;
           });
  };
  Claim claim{ids_.next(now), file.name, false, !file.marker.empty()};
  while (used(claim.id)) claim.id = ids_.next(now);
  // The marker first: found alone, it says that the file was complete. The other way round it could stay behind and
  // declare the next file of that name complete before its time.
  if (claim.marker)
    if (auto moved = remote_.move(below(route_.folders.in, file.marker), claimed(claim, What::marker)); !moved)
      return files::why(moved.refusal()) == files::kNotThere ? Next::pass_over
                                                             : told(faults, "server.in", moved.refusal());
  if (const auto refused = take_announced(claim))
    return files::why(*refused) == files::kNotThere && remote_.connected() ? Next::pass_over
                                                                           : told(faults, "server.in", *refused);
  claim.file = true;
  return carry_on(claim, faults);
}

/// Those that are not are left where the software's people see them.
bool Fetcher::fit_to_fetch(const files::CompleteFile& file, Faults& faults) {
  if (file.name.size() > kClaimedNameBytesMax) {
    tell_once(file, "file.not_readable", "name_too_long");
    return false;
  }
  if (file.stamp.bytes > exchange_.file_bytes_max) {
    tell_once(file, "file.too_large", std::to_string(exchange_.file_bytes_max));
    return false;
  }
  const auto readable = remote_.try_to_read(below(route_.folders.in, file.name));
  if (readable) return true;
  if (!remote_.connected()) return false;
  const auto code = files::why(readable.refusal());
  if (code == files::kNotThere) return false;
  note(faults, "server.in", readable.refusal());
  tell_once(file, "file.not_readable", code);
  return false;
}

void Fetcher::tell_once(const files::CompleteFile& file, std::string_view rule, const std::string& detail) {
  const auto told = told_.find(file.name);
  if (told != told_.end() && told->second == file.stamp) return;
  told_[file.name] = file.stamp;
  const auto about = base::hash(file.name, std::to_string(file.stamp.modified_ns));
  const auto reason = files::reason_of(files::broken(rule, detail), {file.name, 0, 0, {}});
  base::log_warning("file left on the server", {{"institution", exchange_.institution}, {"rule", rule}});
  if (!store_.write({files::notice_note(exchange_.institution, base::view(about), reason)})) told_.erase(file.name);
}

}  // namespace relais::sftp
