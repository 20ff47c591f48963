// Where a submitted message came from, kept until the broker has taken it: should it refuse, people are told the line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/files/packing.h"
#include "adapters/sdk/local_store.h"

namespace relais::files {

/// Holds no content: ids, places, and the software's own number.
struct SentNote {
  std::string institution;
  std::string claim;
  std::size_t line = 0;
  std::size_t record = 0;
  std::string element;
  std::string reference;
  Texts undo;  // keys to forget when the broker refuses
};

std::string sent_key(std::string_view message_id);
sdk::Note note_of(const SentNote& sent, std::string_view message_id);
std::optional<SentNote> sent_note(const sdk::LocalStore& store, std::string_view message_id);

}  // namespace relais::files
