// The acknowledgement that an adapter with receipts of its own sends once the broker has taken a message.
#pragma once

#include <optional>

#include "adapters/files/post.h"

namespace relais::files {

/// To be written with the message; most need none.
std::optional<sdk::Note> note_after_receipt(const v1::Envelope& submitted);

/// The broker has taken the message: what was noted goes out, and the note with it.
void send_after_receipt(Post& post, const base::MessageId& message);

}  // namespace relais::files
