#include "broker/app/door.h"

#include <algorithm>

#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"
#include "broker/core/envelope_check.h"

namespace relais::app {

namespace {

constexpr std::size_t kToVerifyMax = 16'384;

/// Empty when the signature is the sender's, by a key that counted when the message was sent.
std::optional<base::Refusal> signature_fault(const core::Directory* network, const core::Submission& submission) {
  const auto no = [] { return base::refuse(base::RefusalCode::signature_invalid, "signature"); };
  const auto* sender = network == nullptr ? nullptr : network->institution(submission.envelope.sender());
  if (sender == nullptr) return no();
  const auto key = std::find_if(sender->signing_keys().begin(), sender->signing_keys().end(), [&](const auto& k) {
    return k.id() == submission.envelope.signing_key() &&
           core::Directory::valid_at(k, base::from_ms(submission.envelope.sent_at_ms()));
  });
  if (key == sender->signing_keys().end()) return no();
  base::PublicKeyBytes bytes{};
  base::check(key->key().size() == bytes.size(), "a checked network definition has whole keys");
  std::copy(key->key().begin(), key->key().end(), bytes.begin());
  if (!base::verify(bytes, base::kEnvelopeDomain, submission.envelope_bytes, submission.signature)) return no();
  return std::nullopt;
}

void log_received(transport::SessionId session, const core::Submission& submission) {
  const auto& envelope = submission.envelope;
  base::log_debug("message received", {{"message", base::id_text(envelope.message_id())},
                                       {"trace", base::trace_id(envelope.trace_parent())},
                                       {"sender", envelope.sender()},
                                       {"session", session}});
}

void log_offered(engine::SessionId session, const v1::Deliver& delivery) {
  v1::Envelope envelope;
  base::check(envelope.ParseFromString(delivery.envelope()), "a stored envelope parses");
  base::log_debug("message offered", {{"message", base::id_text(envelope.message_id())},
                                      {"trace", base::trace_id(envelope.trace_parent())},
                                      {"recipient", delivery.recipient()},
                                      {"attempt", delivery.attempt()},
                                      {"session", session}});
}

}  // namespace

Door::Door(const base::Clock& clock, bool verify_signatures)
    : clock_(clock), verify_signatures_(verify_signatures), adapters_(clock), to_verify_(kToVerifyMax) {}

Door::~Door() { close(); }

void Door::connect(transport::Router& router, engine::Engine& engine) {
  router_ = &router;
  engine_ = &engine;
  if (verify_signatures_) verifier_ = std::thread([this] { verify(); });
}

void Door::close() {
  to_verify_.close();
  if (verifier_.joinable()) verifier_.join();
}

void Door::session_opened(const transport::SessionInfo& session) {
  std::string institutions;
  for (const auto& institution : session.institutions) institutions += (institutions.empty() ? "" : ",") + institution;
  base::log_info("session opened", {{"session", session.id},
                                    {"adapter", session.adapter},
                                    {"version", session.adapter_version},
                                    {"institutions", institutions}});
  adapters_.opened(session);
  engine_->tell(engine::SessionOpened{session.id, session.institutions});
}

void Door::session_closed(transport::SessionId session, std::string_view why) {
  base::log_info("session closed", {{"session", session}, {"why", why}});
  adapters_.closed(session, why);
  engine_->tell(engine::SessionClosed{session});
}

void Door::frame_received(transport::SessionId session, v1::AdapterFrame&& frame) {
  if (frame.has_grant() || !frame.settles().empty() || !frame.queries().empty()) {
    engine::Asked asked{session, std::nullopt, {}, {}};
    if (frame.has_grant()) asked.grant = std::move(*frame.mutable_grant());
    asked.settles.assign(std::make_move_iterator(frame.mutable_settles()->begin()),
                         std::make_move_iterator(frame.mutable_settles()->end()));
    asked.queries.assign(std::make_move_iterator(frame.mutable_queries()->begin()),
                         std::make_move_iterator(frame.mutable_queries()->end()));
    engine_->tell(std::move(asked));
  }
  if (frame.submits().empty()) return;
  const auto now = clock_.now();
  engine::Submitted submitted{session, {}};
  submitted.submissions.reserve(static_cast<std::size_t>(frame.submits_size()));
  v1::BrokerFrame refusals;
  for (auto& submit : *frame.mutable_submits()) {
    std::string message_id;
    auto checked = core::check_submission(std::move(submit), now, message_id);
    if (checked)
      submitted.submissions.push_back(std::move(*checked));
    else
      *refusals.add_refusals() = checked.refusal().to_wire(message_id);
  }
  if (!refusals.refusals().empty()) router_->send(session, std::move(refusals));
  if (submitted.submissions.empty()) return;
  if (base::logs(base::LogLevel::debug))
    for (const auto& submission : submitted.submissions) log_received(session, submission);
  if (!verify_signatures_) return pass_on(std::move(submitted));
  // A full queue leaves what it does not take untouched.
  if (!to_verify_.push(std::move(submitted))) overloaded(submitted);  // NOLINT(bugprone-use-after-move)
}

void Door::verify() {
  while (true) {
    auto batch = to_verify_.take(64, std::chrono::steady_clock::now() + std::chrono::seconds(1));
    if (batch.empty() && to_verify_.closed()) return;
    std::shared_ptr<const core::Directory> network;
    {
      const std::lock_guard lock(network_mutex_);
      network = network_;
    }
    for (auto& submitted : batch) {
      v1::BrokerFrame refusals;
      std::erase_if(submitted.submissions, [&](const core::Submission& submission) {
        const auto fault = signature_fault(network.get(), submission);
        if (fault) *refusals.add_refusals() = fault->to_wire(submission.envelope.message_id());
        return fault.has_value();
      });
      if (!refusals.refusals().empty()) router_->send(submitted.session, std::move(refusals));
      if (!submitted.submissions.empty()) pass_on(std::move(submitted));
    }
  }
}

void Door::pass_on(engine::Submitted&& submitted) {
  engine::Input input(std::move(submitted));
  if (!engine_->offer(std::move(input))) overloaded(std::get<engine::Submitted>(input));
}

void Door::overloaded(const engine::Submitted& submitted) {
  v1::BrokerFrame refusals;
  for (const auto& submission : submitted.submissions)
    *refusals.add_refusals() =
        base::refuse(base::RefusalCode::broker_overloaded).to_wire(submission.envelope.message_id());
  router_->send(submitted.session, std::move(refusals));
}

bool Door::send(engine::SessionId session, v1::BrokerFrame&& frame) {
  if (base::logs(base::LogLevel::debug))
    for (const auto& delivery : frame.deliveries()) log_offered(session, delivery);
  return router_->send(session, std::move(frame));
}

void Door::use_network(std::shared_ptr<const core::Directory> network) {
  {
    const std::lock_guard lock(network_mutex_);
    network_ = network;
  }
  const auto& definition = network->definition();
  base::log_info("network definition in force", {{"network", definition.network()}, {"version", definition.version()}});
  router_->use_network(std::shared_ptr<const v1::NetworkDefinition>(std::move(network), &definition));
}

}  // namespace relais::app
