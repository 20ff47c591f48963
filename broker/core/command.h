// Everything that can happen to the broker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/network.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::core {

/// A submission that passed envelope_check: the shape is right, what it says is not yet judged.
struct Submission {
  v1::Envelope envelope;
  std::string envelope_bytes;             // as signed; stored and handed on unchanged
  std::string signature;                  // 64 bytes
  std::vector<std::string> compartments;  // sealed; their digests match the envelope
  std::uint64_t payload_bytes = 0;        // of the compartments together
};

struct SubmitMessage {
  Submission submission;
};

struct AcknowledgeDeliveries {
  std::vector<v1::DeliveryRef> deliveries;
};

struct RetryDelivery {
  v1::DeliveryRef delivery;
  base::Milliseconds after{0};  // 0: the broker's growing pauses
  std::string reason;           // code
};

struct RejectDelivery {
  v1::DeliveryRef delivery;
  std::string reason;  // code
};

/// Time passes: the first timer that is due goes off, if any.
struct PassTime {};

struct Operator {
  std::string name;
  std::string reason;  // never empty: an action without a reason is refused
};

struct ApplyNetwork {
  Operator by;
  v1::SignedNetwork network;
};

struct RequeueDeadLetter {
  Operator by;
  v1::DeliveryRef delivery;
};

struct DiscardDeadLetter {
  Operator by;
  v1::DeliveryRef delivery;
};

/// What an operator does outside the tables, such as a backup: nothing changes but the journal, which knows of it.
struct NoteAction {
  Operator by;
  std::string action;        // code
  std::string account = {};  // of a person who may use the console: the one it was about
};

/// Sends each of these institutions a message that its adapter acknowledges at once.
struct TestConnections {
  Operator by;
  std::vector<std::string> institutions;  // at least one, each once
};

/// Nothing is offered to this institution for a while. While a pause is in force, it can be given another end only.
struct PauseInstitution {
  Operator by;
  std::string institution;
  std::optional<base::Instant> from;  // none: at once
  base::Instant until{};
};

/// Ends a pause before its time, or takes back one that was announced.
struct ResumeInstitution {
  Operator by;
  std::string institution;
};

using Command = std::variant<SubmitMessage, AcknowledgeDeliveries, RetryDelivery, RejectDelivery, PassTime,
                             ApplyNetwork, RequeueDeadLetter, DiscardDeadLetter, NoteAction, TestConnections,
                             PauseInstitution, ResumeInstitution>;

}  // namespace relais::core
