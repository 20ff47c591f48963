// Messages that were submitted for the software: what became of them can be asked for, and a refusal is undone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/files/packing.h"
#include "adapters/files/post.h"
#include "broker/base/clock.h"

namespace relais::http {

/// Holds no content: ids, codes, the software's own number.
struct SentMessage {
  base::Instant at{};
  std::string kind;
  std::string referral_id;
  std::string reference;
  std::string request;  // key of the note by which the request is known again; may be empty
  std::string code;     // of the broker's refusal; empty: none
  std::string english;
  std::string french;
  files::Texts undo;  // keys to forget when the broker refuses it: then a corrected request is a new one
};

std::string sent_key(std::string_view institution, std::string_view message_id);
sdk::Note note_of(std::string_view institution, std::string_view message_id, const SentMessage& sent);
std::optional<SentMessage> sent_message(const sdk::LocalStore& store, std::string_view institution,
                                        std::string_view message_id);

}  // namespace relais::http
