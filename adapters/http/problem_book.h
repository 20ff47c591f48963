// What the institution's own people must see though no answer of ours told them: refusals by the broker, messages that
// the mapping can not write, webhooks of others that could not be read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/problem.h"
#include "broker/base/clock.h"

namespace relais::http {

/// Holds ids, codes and sentences, never a value.
struct BookedProblem {
  base::Instant at{};
  std::string source;  // "broker", "mapping", "hook"
  std::string about;   // message id in hexadecimal digits, or the digest of a webhook's id
  std::string code;
  std::string field;
  std::string english;
  std::string french;
  std::string reference;
  std::string referral_id;  // 16 bytes, or empty
};

/// Threads: any. Everything given outlives it.
class ProblemBook {
 public:
  ProblemBook(files::Post& post, std::string institution);

  /// One for each `about`: a later one takes the place of the earlier.
  [[nodiscard]] sdk::Note note(const BookedProblem& problem) const;

  [[nodiscard]] std::vector<Json> list(std::size_t count) const;

  /// A person has seen it. problem.unknown (as false).
  base::Result<bool> settle(std::string_view about);

  /// Books what the broker refused of this institution's messages, undoes what was noted with them, and lets the SDK
  /// forget them. Repeatable at any point.
  base::Status take_refused(base::Instant now);

 private:
  [[nodiscard]] sdk::Notes notes_of(const sdk::RefusedMessage& refused, base::Instant now) const;

  files::Post& post_;
  const std::string institution_;
  const std::string prefix_;
};

}  // namespace relais::http
