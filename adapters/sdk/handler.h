// What a connector gets from the SDK: messages for its institutions, and what became of those it submitted.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sdk/contents.h"
#include "adapters/sdk/draft.h"
#include "adapters/sdk/notes.h"
#include "broker/base/clock.h"
#include "broker/base/ids.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/refusal.pb.h"

namespace relais::sdk {

/// One message for one of our institutions. Its signature, its digests and its compartments were verified.
struct Incoming {
  v1::Envelope envelope;
  std::string recipient;  // which of our institutions it is for
  /// It is not addressed to `recipient`, which is told because it stands on one side of the referral: the sender acts
  /// for it, or it is the member of a team that must act. Nobody waits for its answer to this message.
  bool copy = false;
  std::vector<OpenedContent> contents;  // those sealed for `recipient`
  /// Categories that the message has for others only: it can be shown that they exist, and were withheld.
  std::vector<v1::Category> withheld;
  std::uint32_t attempt = 1;  // of the broker to deliver it
  /// The handler may have been called with this message before, by a process that was killed before it could note that
  /// it was handled; then an effect outside the LocalStore may be there already. False is certain unless the machine
  /// itself lost its power (see README, "Handled once").
  bool maybe_repeated = false;
  std::uint64_t position = 0;   // in the broker's journal
  base::Instant accepted_at{};  // by the broker

  [[nodiscard]] base::MessageId message_id() const;

  /// The content of this type, null when the message brings none; e.g. content<v1::Identity>().
  template <class Content>
  [[nodiscard]] const Content* content() const {
    for (const auto& opened : contents)
      if (const auto* found = std::get_if<Content>(&opened.content)) return found;
    return nullptr;
  }
};

/// What the handler did with a message.
class Verdict {
 public:
  /// The institution's software holds it. In one atomic write with the mark that it was handled: `notes`, and
  /// `replies`, sent after the SDK's own automatic message (so that ReferralReceived precedes a ReferralAccepted).
  static Verdict handled(Notes notes = {}, std::vector<Draft> replies = {});

  /// Not now: the software is away, a lock is held. The broker offers it again `after` at the earliest (0: it chooses,
  /// with growing pauses; at most an hour), and meanwhile holds back only the other messages of the same case.
  /// `reason` is a code [a-z0-9][a-z0-9_.-]{0,63} for operators, e.g. "software.down".
  static Verdict retry(std::chrono::milliseconds after, std::string reason);

  /// Never: dead letter, and its sender is told.
  static Verdict reject(std::string reason);

  enum class Kind { handled, retry, reject };
  Kind kind = Kind::handled;
  Notes notes;
  std::vector<Draft> replies;
  std::chrono::milliseconds after{0};
  std::string reason;
};

/// Implemented by the connector; outlives the Adapter.
///
/// Threads: all calls come from one thread of the SDK (never two at once). They may take their time: the session lives
/// on another thread. They may call submit(), store() and referral() of the adapter, never stop().
/// Order: messages of one case come in the order of the journal, each after the one before was settled.
/// An exception leaving on_message() is logged by its type and becomes retry("handler.exception"); one leaving the
/// others is logged, and the call is not repeated.
class Handler {
 public:
  virtual ~Handler() = default;

  virtual Verdict on_message(const Incoming& message) = 0;

  /// The broker's durable promise for one of our submissions. May come twice for one message, after a crash.
  virtual void on_receipt(const base::MessageId& message, std::uint64_t position) = 0;

  /// The broker refused it for good; it is in Adapter::refused() from now on. May come twice, after a crash.
  virtual void on_refused(const base::MessageId& message, const v1::Refused& refusal) = 0;
};

}  // namespace relais::sdk
