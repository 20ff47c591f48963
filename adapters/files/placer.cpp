#include "adapters/files/placer.h"

#include <set>

#include "adapters/files/packing.h"
#include "broker/base/check.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::files {

namespace {

// An intent is packed as: placements, notes. A placement: temporary name, folder, final name. A note: key, "1" and
// value to write, "0" and nothing to erase.
constexpr std::size_t kPlacementTexts = 3;
constexpr std::size_t kNoteTexts = 3;

std::string packed_notes(const sdk::Notes& notes) {
  Texts texts;
  for (const auto& note : notes) {
    texts.push_back(note.key);
    texts.emplace_back(note.value ? "1" : "0");
    texts.push_back(note.value.value_or(""));
  }
  return pack(texts);
}

sdk::Notes notes_of(const Texts& texts) {
  sdk::Notes notes;
  for (std::size_t i = 0; i + kNoteTexts <= texts.size(); i += kNoteTexts) {
    sdk::Note note{texts[i], std::nullopt};
    if (texts[i + 1] == "1") note.value = texts[i + 2];
    notes.push_back(std::move(note));
  }
  return notes;
}

Texts unpacked(std::string_view packed) {
  auto texts = unpack(packed);
  base::check(texts.has_value(), "an intent in the local store is whole");
  return std::move(*texts);
}

}  // namespace

Placer::Placer(sdk::LocalStore& store, const Folders& folders, const std::string& institution)
    : store_(store), folders_(folders), intents_("place/" + institution + "/"), number_key_("number/" + institution) {
  if (const auto noted = store_.get(number_key_)) next_number_ = number_of(*noted).value_or(0) + 1;
}

Path Placer::target_of(const std::string& folder) const { return folder == "out" ? folders_.out : folders_.rejects; }

base::Status Placer::place(const std::vector<Placement>& placements, const sdk::Notes& done) {
  if (auto finished = finish(); !finished) return finished;
  Texts moves;
  std::vector<Path> written;
  const auto give_up = [&](const base::Refusal& refusal) -> base::Status {
    for (const auto& file : written) (void)remove_file(file).ok();
    return refusal;
  };
  for (const auto& placement : placements) {
    const auto temporary = base::hex(base::random_bytes(8));
    const auto file = folders_.temporary() / temporary;
    if (const auto status = write_new_file(file, placement.bytes); !status) return give_up(status.refusal());
    written.push_back(file);
    moves.push_back(temporary);
    moves.emplace_back(placement.target == Target::out ? "out" : "rejects");
    moves.push_back(placement.name);
  }
  if (const auto synced = sync_folder(folders_.temporary()); !synced) return give_up(synced.refusal());
  const auto key = intents_ + ordered(next_number_);
  const auto packed = pack({pack(moves), packed_notes(done)});
  if (const auto noted = store_.write({{key, packed}, {number_key_, std::to_string(next_number_)}}); !noted)
    return give_up(noted.refusal());
  ++next_number_;
  return carry_out(key, packed);
}

base::Status Placer::carry_out(const std::string& key, const std::string& packed) {
  const auto parts = unpacked(packed);
  base::check(parts.size() == 2, "an intent has placements and notes");
  const auto moves = unpacked(parts[0]);
  std::set<std::string> touched;
  for (std::size_t i = 0; i + kPlacementTexts <= moves.size(); i += kPlacementTexts) {
    const auto moved = move_file(folders_.temporary() / moves[i], target_of(moves[i + 1]) / moves[i + 2]);
    // Gone: it was renamed before. The folder itself being gone would say the same, so look.
    if (!moved &&
        (why(moved.refusal()) != kNotThere || !is_there(folders_.temporary()) || !is_there(target_of(moves[i + 1]))))
      return moved;
    touched.insert(moves[i + 1]);
  }
  for (const auto& folder : touched)
    if (auto synced = sync_folder(target_of(folder)); !synced) return synced;
  auto notes = notes_of(unpacked(parts[1]));
  notes.push_back({key, std::nullopt});
  return store_.write(notes);
}

std::vector<std::pair<std::string, std::string>> Placer::intents() const {
  std::vector<std::pair<std::string, std::string>> found;
  store_.scan(intents_, [&](std::string_view key, std::string_view value) {
    found.emplace_back(key, value);
    return true;
  });
  return found;
}

void Placer::remove_leftovers() {
  std::set<std::string> wanted;
  for (const auto& [key, packed] : intents()) {
    const auto moves = unpacked(unpacked(packed).front());
    for (std::size_t i = 0; i + kPlacementTexts <= moves.size(); i += kPlacementTexts) wanted.insert(moves[i]);
  }
  if (const auto entries = list_folder(folders_.temporary()); entries)
    for (const auto& entry : *entries)
      if (entry.regular && !wanted.contains(entry.name)) (void)remove_file(folders_.temporary() / entry.name).ok();
}

base::Status Placer::finish() {
  for (const auto& [key, packed] : intents())
    if (auto status = carry_out(key, packed); !status) return status;
  return base::Done{};
}

}  // namespace relais::files
