#include "adapters/sdk/handler.h"

namespace relais::sdk {

base::MessageId Incoming::message_id() const {
  return base::MessageId::from_bytes(envelope.message_id()).value_or(base::MessageId());
}

Verdict Verdict::handled(Notes notes, std::vector<Draft> replies) {
  Verdict verdict;
  verdict.notes = std::move(notes);
  verdict.replies = std::move(replies);
  return verdict;
}

Verdict Verdict::retry(std::chrono::milliseconds after, std::string reason) {
  Verdict verdict;
  verdict.kind = Kind::retry;
  verdict.after = after;
  verdict.reason = std::move(reason);
  return verdict;
}

Verdict Verdict::reject(std::string reason) {
  Verdict verdict;
  verdict.kind = Kind::reject;
  verdict.reason = std::move(reason);
  return verdict;
}

}  // namespace relais::sdk
