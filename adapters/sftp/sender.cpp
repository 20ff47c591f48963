#include "adapters/sftp/sender.h"

#include <algorithm>

#include "adapters/files/packing.h"
#include "adapters/sftp/claim_name.h"

namespace relais::sftp {

namespace {

constexpr std::size_t kSentAtOnce = 64;  // so that what comes in does not wait behind a pile
constexpr std::string_view kComplete = "complete";
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;

bool is_of(const std::string& place, const base::Refusal& refusal) { return refusal.field == place; }

/// A fault of a file here, not of the server.
base::Refusal here(const std::string& place, base::Refusal refusal) {
  refusal.field = place;
  return refusal;
}

}  // namespace

Sender::Sender(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route, Remote& remote)
    : store_(store), remote_(remote) {
  const auto& folders = route.folders;
  const auto add = [&](const std::string& place, const Path& from, const std::string& to) {
    if (!to.empty()) ways_.push_back({place, from, to, "sftp/" + place + "/" + exchange.institution + "/"});
  };
  add("out", exchange.folders.out, folders.out);
  add("rejects", exchange.folders.rejects, folders.rejects);
}

bool Sender::work(Faults& faults) {
  bool more = false;
  for (const auto& way : ways_) {
    if (bring_all(way, faults)) more = true;
    if (!remote_.connected()) return false;
  }
  return more;
}

bool Sender::bring_all(const Way& way, Faults& faults) {
  const auto entries = files::list_folder(way.here);
  if (!entries) {
    note(faults, way.place, entries.refusal());
    return false;
  }
  forget_left(way);
  std::size_t count = 0;
  std::string stuck;
  for (const auto& entry : *entries) {
    if (!entry.regular) continue;
    // The marker of a file that is not there yet.
    if (!stuck.empty() && entry.name.starts_with(stuck)) continue;
    if (count == kSentAtOnce) return true;
    ++count;
    const auto brought = bring(way, entry.name);
    if (brought) {
      ++brought_;
      continue;
    }
    if (!remote_.connected()) return false;
    const bool ours = is_of(way.place, brought.refusal());
    note(faults, ours ? way.place : "server." + way.place, brought.refusal());
    // A name that is taken is a fault of one file, whatever else of the folder as a whole.
    if (files::why(brought.refusal()) != files::kExists) return false;
    stuck = entry.name;
  }
  return false;
}

std::optional<Sender::Attempt> Sender::noted(const Way& way, const std::string& name) const {
  const auto value = store_.get(way.notes + name);
  const auto texts = value ? files::unpack(*value) : std::nullopt;
  if (!texts || texts->size() != 2) return std::nullopt;
  return Attempt{(*texts)[0], (*texts)[1] == kComplete};
}

base::Status Sender::bring(const Way& way, const std::string& name) {
  const auto bytes = files::read_file(way.here / name, kFileBytesMax);
  if (!bytes) return here(way.place, bytes.refusal());
  auto attempt = noted(way, name);
  if (attempt && attempt->complete) {
    const auto stamp = remote_.stamp_of(below(way.there, attempt->unfinished));
    if (!stamp) {
      if (files::why(stamp.refusal()) != files::kNotThere) return stamp.refusal();
      if (auto folder = remote_.look_at_folder(way.there); !folder) return folder;
      return forget(way, name);
    }
    // Less than all: a crash of the server itself took the rest.
    if (stamp->bytes != bytes->size()) attempt->complete = false;
  }
  if (!attempt || !attempt->complete) {
    // First, because the note of the next attempt takes the place of its own.
    if (attempt)
      if (auto removed = remote_.remove(below(way.there, attempt->unfinished)); !removed) return removed;
    auto made = upload(way, name, *bytes);
    if (!made) return made.refusal();
    attempt = std::move(*made);
  }
  if (auto renamed = rename(way, *attempt, name, *bytes); !renamed) return renamed;
  return forget(way, name);
}

base::Result<Sender::Attempt> Sender::upload(const Way& way, const std::string& name, std::string_view bytes) {
  Attempt attempt{new_unfinished_name(), false};
  const auto key = way.notes + name;
  if (auto put = store_.put(key, files::pack({attempt.unfinished, ""})); !put) return here(way.place, put.refusal());
  if (auto put = remote_.put(below(way.there, attempt.unfinished), bytes); !put) {
    // Gives the room back.
    if (remote_.connected()) (void)remote_.remove(below(way.there, attempt.unfinished)).ok();
    return put.refusal();
  }
  if (auto put = store_.put(key, files::pack({attempt.unfinished, std::string(kComplete)})); !put)
    return here(way.place, put.refusal());
  attempt.complete = true;
  return attempt;
}

base::Status Sender::rename(const Way& way, const Attempt& attempt, const std::string& name, std::string_view bytes) {
  const auto unfinished = below(way.there, attempt.unfinished);
  const auto final_name = below(way.there, name);
  auto moved = remote_.move(unfinished, final_name);
  if (moved || files::why(moved.refusal()) != files::kExists) return moved;
  // A server that renames by linking may have died between its two steps: then both names are the same file.
  const auto same = holds(final_name, bytes);
  if (!same) return same.refusal();
  if (!*same) return moved;
  return remote_.remove(unfinished);
}

base::Result<bool> Sender::holds(const std::string& file, std::string_view bytes) {
  const auto stamp = remote_.stamp_of(file);
  if (!stamp) return stamp.refusal();
  if (stamp->bytes != bytes.size()) return false;
  bool same = true;
  std::size_t at = 0;
  const auto read = remote_.fetch(file, 0, [&](std::string_view part) -> base::Status {
    same = same && bytes.substr(std::min(at, bytes.size()), part.size()) == part;
    at += part.size();
    return base::Done{};
  });
  if (!read) return read.refusal();
  return same && at == bytes.size();
}

base::Status Sender::forget(const Way& way, const std::string& name) {
  if (auto removed = files::remove_file(way.here / name); !removed) return here(way.place, removed.refusal());
  if (auto synced = files::sync_folder(way.here); !synced) return here(way.place, synced.refusal());
  if (auto erased = store_.erase(way.notes + name); !erased) return here(way.place, erased.refusal());
  return base::Done{};
}

/// Notes of files that were brought and removed here just before the end of an earlier process.
void Sender::forget_left(const Way& way) {
  sdk::Notes spent;
  store_.scan(way.notes, [&](std::string_view key, std::string_view) {
    if (!files::is_there(way.here / key.substr(way.notes.size()))) spent.push_back({std::string(key), std::nullopt});
    return spent.size() < kSentAtOnce;
  });
  if (!spent.empty()) (void)store_.write(spent).ok();
}

}  // namespace relais::sftp
