#include "adapters/files/sent_note.h"

#include "broker/base/ids.h"

namespace relais::files {

namespace {
constexpr std::size_t kTexts = 7;
}

std::string sent_key(std::string_view message_id) { return "sent/" + base::hex(message_id); }

sdk::Note note_of(const SentNote& sent, std::string_view message_id) {
  return {sent_key(message_id), pack({sent.institution, sent.claim, std::to_string(sent.line),
                                      std::to_string(sent.record), sent.element, sent.reference, pack(sent.undo)})};
}

std::optional<SentNote> sent_note(const sdk::LocalStore& store, std::string_view message_id) {
  const auto noted = store.get(sent_key(message_id));
  auto texts = noted ? unpack(*noted) : std::nullopt;
  if (!texts || texts->size() != kTexts) return std::nullopt;
  auto& t = *texts;
  return SentNote{t[0],
                  t[1],
                  static_cast<std::size_t>(number_of(t[2]).value_or(0)),
                  static_cast<std::size_t>(number_of(t[3]).value_or(0)),
                  t[4],
                  t[5],
                  unpack(t[6]).value_or(Texts())};
}

}  // namespace relais::files
