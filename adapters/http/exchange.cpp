#include "adapters/http/exchange.h"

#include "adapters/files/incoming_links.h"
#include "adapters/http/keys.h"
#include "adapters/http/old_notes.h"
#include "adapters/sdk/automatic.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::http {

namespace {

using sdk::Verdict;

constexpr std::chrono::seconds kRetryAfter{30};

}  // namespace

Exchange::Exchange(files::Post& post, Questions& questions, const ExchangeConfig& config, const Vault& vault,
                   const base::Clock& clock, std::unique_ptr<Poster> poster)
    : post_(post),
      questions_(questions),
      config_(config),
      clock_(clock),
      submitter_(post, config.institution, config.own_receipts),
      inbox_(post, config.institution, vault),
      problems_(post, config.institution),
      losses_(config.institution, [&post](std::uint64_t values) { post.count_not_carried(values); }) {
  if (config.webhook)
    webhook_ = std::make_unique<Webhook>(*config.webhook, config.institution, post.store(), std::move(poster));
}

std::optional<sdk::Draft> Exchange::own_receipt(const sdk::Incoming& message) const {
  if (!config_.own_receipts) return std::nullopt;
  const auto known = post_.known_referral(message.envelope.referral_id());
  const auto side = !known                               ? sdk::Side::unknown
                    : known->sender == message.recipient ? sdk::Side::sender
                                                         : sdk::Side::other;
  return sdk::automatic_reply(message, side);
}

sdk::Verdict Exchange::take(const sdk::Incoming& message) {
  auto notes = files::bookkeeping(post_.store(), message);
  const auto made = item_of(message, config_.receive, post_.store());
  if (const auto* const fault = std::get_if<mapping::Fault>(&made)) return not_written(message, *fault);
  const auto& item = std::get<Item>(made);
  if (webhook_) return send(message, item, std::move(notes));
  tell_loss(item);
  const auto reply = own_receipt(message);
  for (auto& note : inbox_.put(message, item.json, reply ? reply->envelope.SerializeAsString() : std::string()))
    notes.push_back(std::move(note));
  return Verdict::handled(std::move(notes));
}

void Exchange::tell_loss(const Item& item) {
  if (config_.receive) losses_.tell(config_.receive->name(), mapping::LossLog::Way::out, item.lost);
}

sdk::Verdict Exchange::send(const sdk::Incoming& message, const Item& item, sdk::Notes notes) {
  auto delivery = webhook_->deliver(message, item.json, clock_.now());
  const auto& judged = delivery.judged;
  if (judged.judgement != Judgement::success)
    base::log_warning("message not taken by the software", {{"institution", config_.institution},
                                                            {"message", base::id_text(message.envelope.message_id())},
                                                            {"trace", base::trace_id(message.envelope.trace_parent())},
                                                            {"attempt", message.attempt},
                                                            {"reason", judged.reason}});
  if (judged.judgement == Judgement::refused) return Verdict::reject(judged.reason);
  if (judged.judgement != Judgement::success) return Verdict::retry(delivery.pause, judged.reason);
  tell_loss(item);
  const auto linked =
      link_numbers(post_, config_.institution, files::referral_of(message.envelope, config_.institution),
                   message.envelope.appointment_id(), {delivery.reference, {}});
  if (const auto* const links = std::get_if<sdk::Notes>(&linked))
    notes.insert(notes.end(), links->begin(), links->end());
  else
    base::log_warning("number not linked", {{"institution", config_.institution},
                                            {"message", base::id_text(message.envelope.message_id())},
                                            {"trace", base::trace_id(message.envelope.trace_parent())},
                                            {"code", std::get<Problem>(linked).code}});
  std::vector<sdk::Draft> replies;
  if (auto reply = own_receipt(message)) replies.push_back(std::move(*reply));
  return Verdict::handled(std::move(notes), std::move(replies));
}

sdk::Verdict Exchange::not_written(const sdk::Incoming& message, const mapping::Fault& fault) {
  const auto& envelope = message.envelope;
  const auto local = files::local_references(post_.store(), message);
  base::log_warning("message has no valid record", {{"institution", config_.institution},
                                                    {"message", base::id_text(envelope.message_id())},
                                                    {"trace", base::trace_id(envelope.trace_parent())},
                                                    {"rule", fault.rule}});
  const auto note = problems_.note({clock_.now(), "mapping", base::hex(envelope.message_id()), fault.rule, fault.field,
                                    fault.english, fault.french, local.reference, envelope.referral_id()});
  if (!post_.store().write({note})) return Verdict::retry(kRetryAfter, "store.failed");
  return Verdict::reject("mapping." + fault.rule);
}

base::Status Exchange::forget_old() {
  const auto before = base::to_ms(clock_.now() - config_.remember_for);
  for (const auto* const kind : {"request", "message", "taken"})
    if (auto done = forget_notes(post_.store(), note_prefix(kind, config_.institution), before); !done) return done;
  return base::Done{};
}

void Exchange::stop() {
  stopping_ = true;
  if (webhook_) webhook_->stop();
}

}  // namespace relais::http
