#include "adapters/http/sent_messages.h"

#include "adapters/http/keys.h"
#include "broker/base/ids.h"

namespace relais::http {

namespace {
constexpr std::size_t kFixedTexts = 8;  // then the keys to forget
}

std::string sent_key(std::string_view institution, std::string_view message_id) {
  return note_prefix("message", institution) + base::hex(message_id);
}

sdk::Note note_of(std::string_view institution, std::string_view message_id, const SentMessage& sent) {
  files::Texts texts{std::to_string(base::to_ms(sent.at)),
                     sent.kind,
                     sent.referral_id,
                     sent.reference,
                     sent.request,
                     sent.code,
                     sent.english,
                     sent.french};
  texts.insert(texts.end(), sent.undo.begin(), sent.undo.end());
  return {sent_key(institution, message_id), files::pack(texts)};
}

std::optional<SentMessage> sent_message(const sdk::LocalStore& store, std::string_view institution,
                                        std::string_view message_id) {
  const auto noted = store.get(sent_key(institution, message_id));
  const auto texts = noted ? files::unpack(*noted) : std::nullopt;
  if (!texts || texts->size() < kFixedTexts) return std::nullopt;
  const auto& t = *texts;
  SentMessage sent;
  sent.at = base::from_ms(static_cast<std::int64_t>(files::number_of(t[0]).value_or(0)));
  sent.kind = t[1];
  sent.referral_id = t[2];
  sent.reference = t[3];
  sent.request = t[4];
  sent.code = t[5];
  sent.english = t[6];
  sent.french = t[7];
  sent.undo.assign(t.begin() + kFixedTexts, t.end());
  return sent;
}

}  // namespace relais::http
