#include "adapters/files/after_receipt.h"

#include "adapters/sdk/automatic.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::files {

namespace {
std::string key_of(std::string_view message_id) { return "after-receipt/" + base::hex(message_id); }
}  // namespace

std::optional<sdk::Note> note_after_receipt(const v1::Envelope& submitted) {
  const auto reply = sdk::automatic_after_receipt(submitted);
  if (!reply) return std::nullopt;
  return sdk::Note{key_of(submitted.message_id()), reply->envelope.SerializeAsString()};
}

void send_after_receipt(Post& post, const base::MessageId& message) {
  const auto key = key_of(message.bytes());
  const auto noted = post.store().get(key);
  sdk::Draft draft;
  if (!noted || !draft.envelope.ParseFromString(*noted)) return;
  const sdk::Notes done{{key, std::nullopt}};
  // It may be taken later: the note stays, and when the deadline passes the broker tells people.
  if (const auto sent = post.submit(std::span(&draft, 1), done); !sent)
    base::log_warning("acknowledgement can not be sent", {{"message", base::id_text(message.bytes())},
                                                          {"trace", base::trace_id(draft.envelope.trace_parent())},
                                                          {"code", sent.refusal().name()}});
}

}  // namespace relais::files
