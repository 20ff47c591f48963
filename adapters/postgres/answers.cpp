#include "adapters/postgres/answers.h"

#include <charconv>
#include <map>

#include "broker/base/check.h"

namespace relais::postgres {

namespace {

constexpr std::string_view kSent = "sent/";
constexpr std::string_view kAnswer = "answer/";
constexpr std::size_t kIdBytes = base::MessageId::kBytes;
// A row makes as many messages as a code table's value names: a handful.
constexpr std::size_t kMessagesMax = 255;

std::string key(std::string_view prefix, std::string_view message_id) {
  return std::string(prefix) + std::string(message_id);
}

/// Value of a "sent/" note: the row's message id, this message's place, how many there are, its envelope.
struct Sent {
  std::string row;
  std::size_t place = 0;
  std::size_t count = 0;
  v1::Envelope envelope;
};

std::string pack(const Sent& sent) {
  std::string bytes = sent.row;
  bytes += static_cast<char>(sent.place);
  bytes += static_cast<char>(sent.count);
  return bytes + sent.envelope.SerializeAsString();
}

Sent unpack_sent(const std::string& bytes) {
  base::check(bytes.size() >= kIdBytes + 2, "a note of a sent message is whole");
  Sent sent;
  sent.row = bytes.substr(0, kIdBytes);
  sent.place = static_cast<unsigned char>(bytes[kIdBytes]);
  sent.count = static_cast<unsigned char>(bytes[kIdBytes + 1]);
  base::check(sent.envelope.ParseFromString(bytes.substr(kIdBytes + 2)), "a note of a sent message is readable");
  return sent;
}

/// Value of an "answer/" note: "+" and the position in digits, or "-" and the refusal.
void unpack_answer(std::string_view bytes, Answer& answer) {
  base::check(!bytes.empty(), "a note of an answer is whole");
  const auto rest = bytes.substr(1);
  if (bytes.front() == '+') {
    std::from_chars(rest.data(), rest.data() + rest.size(), answer.position);
    return;
  }
  base::check(answer.refused.emplace().ParseFromArray(rest.data(), static_cast<int>(rest.size())),
              "a note of a refusal is readable");
}

}  // namespace

sdk::Notes Answers::sent(const std::vector<v1::Envelope>& messages) {
  base::check(!messages.empty() && messages.size() <= kMessagesMax, "a row makes a few messages");
  sdk::Notes notes;
  for (std::size_t place = 0; place < messages.size(); ++place)
    notes.push_back({key(kSent, messages[place].message_id()),
                     pack({messages.front().message_id(), place, messages.size(), messages[place]})});
  return notes;
}

bool Answers::has(std::string_view row_message_id) const { return store_.get(key(kSent, row_message_id)).has_value(); }

bool Answers::keep_receipt(const base::MessageId& message, std::uint64_t position) {
  if (!has(message.bytes())) return false;
  // A failure stops the store for good, and the SDK tells again after the restart.
  (void)store_.put(key(kAnswer, message.bytes()), "+" + std::to_string(position));
  return true;
}

bool Answers::keep_refusal(const base::MessageId& message, const v1::Refused& refusal) {
  if (!has(message.bytes())) return false;
  (void)store_.put(key(kAnswer, message.bytes()), "-" + refusal.SerializeAsString());
  return true;
}

std::vector<AnsweredRow> Answers::complete(std::size_t most, const std::set<std::string, std::less<>>& without) const {
  struct Found {
    std::map<std::size_t, Answer> messages;
    std::size_t count = 0;
  };
  std::map<std::string, Found> rows;
  std::size_t whole = 0;
  store_.scan(kAnswer, [&](std::string_view note, std::string_view value) {
    Answer answer;
    answer.message_id = note.substr(kAnswer.size());
    const auto known = store_.get(key(kSent, answer.message_id));
    if (!known) return true;
    auto sent = unpack_sent(*known);
    if (without.contains(sent.row)) return true;
    answer.envelope = std::move(sent.envelope);
    unpack_answer(value, answer);
    auto& row = rows[sent.row];
    row.count = sent.count;
    row.messages.emplace(sent.place, std::move(answer));
    if (row.messages.size() == row.count) ++whole;
    return whole < most;
  });
  std::vector<AnsweredRow> complete;
  for (auto& [message_id, found] : rows) {
    if (found.messages.size() != found.count) continue;
    auto& row = complete.emplace_back(AnsweredRow{message_id, {}});
    for (auto& [place, answer] : found.messages) {
      name_recipient(answer);
      row.messages.push_back(std::move(answer));
    }
  }
  return complete;
}

void Answers::name_recipient(Answer& answer) const {
  if (answer.refused || !answer.envelope.recipients().empty()) return;
  const auto known = adapter_.known_referral(answer.envelope.referral_id());
  if (known && !known->recipient.empty()) answer.envelope.add_recipients(known->recipient);
}

base::Status Answers::forget(const AnsweredRow& row) {
  sdk::Notes notes;
  for (const auto& message : row.messages) {
    notes.push_back({key(kAnswer, message.message_id), std::nullopt});
    notes.push_back({key(kSent, message.message_id), std::nullopt});
  }
  return store_.write(notes);
}

}  // namespace relais::postgres
