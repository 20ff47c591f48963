#include "adapters/http/webhook.h"

#include <charconv>

#include "adapters/files/packing.h"
#include "adapters/http/item.h"
#include "adapters/http/keys.h"
#include "adapters/http/pace.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::http {

namespace {

using std::chrono::milliseconds;

// The software as a whole is tried again after this at the latest; each message has a longer pause of its own.
constexpr milliseconds kSoftwarePauseMost{60'000};

std::uint32_t random_number() {
  const auto bytes = base::random_bytes(2);
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[0])) << 8U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[1]));
}

/// Seconds only; a date is as good as nothing.
milliseconds retry_after(const std::string& text) {
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return milliseconds(0);
  return std::min<milliseconds>(std::chrono::seconds(seconds), kPauseMost);
}

/// The same for each attempt, and another for each of our institutions.
std::string webhook_id(const sdk::Incoming& message) {
  return "msg_" + base::hex(message.envelope.message_id()) + "_" + message.recipient;
}

}  // namespace

Webhook::Webhook(const WebhookConfig& config, std::string institution, sdk::LocalStore& store,
                 std::unique_ptr<Poster> poster)
    : config_(config),
      institution_(std::move(institution)),
      store_(store),
      // Another address is another webhook: nobody said that it is gone.
      key_(note_prefix("webhook", institution_) +
           base::hex(base::view(base::hash(config.poster.target.origin, config.poster.target.path)))),
      poster_(std::move(poster)) {
  const auto noted = store_.get(key_);
  const auto texts = noted ? files::unpack(*noted) : std::nullopt;
  health_.enabled = !noted;
  if (texts && !texts->empty())
    health_.disabled_at = base::from_ms(static_cast<std::int64_t>(files::number_of(texts->front()).value_or(0)));
}

bool Webhook::disabled() const {
  const std::lock_guard lock(mutex_);
  return !health_.enabled;
}

Delivery Webhook::deliver(const sdk::Incoming& message, const Json& item, base::Instant now) {
  const auto pause = pause_after(message.attempt, config_.retry_first, random_number());
  if (disabled()) return {{Judgement::failure, "webhook.disabled", true}, {}, kPauseMost};
  {
    const std::lock_guard lock(mutex_);
    if (now < not_before_)
      return {{Judgement::failure, "software.away", true}, {}, std::max<milliseconds>(pause, not_before_ - now)};
  }
  const Json event{{"type", item.at("kind")}, {"timestamp", item.at("accepted_at")}, {"data", item}};
  const auto body = event.dump();
  const auto signed_by = sign(config_.secrets, webhook_id(message), now, body);
  Headers headers{{"Content-Type", "application/json"},
                  {"User-Agent", "relais-http/" RELAIS_VERSION},
                  {"webhook-id", signed_by.id},
                  {"webhook-timestamp", signed_by.timestamp},
                  {"webhook-signature", signed_by.signature}};
  if (!config_.bearer.empty()) headers.emplace_back("Authorization", "Bearer " + config_.bearer);
  const auto answer = poster_->post(headers, body);
  if (!answer) {
    const auto& facts = answer.refusal().facts;
    const auto why = facts.empty() ? std::string("broken") : facts.front().second;
    return failed({Judgement::failure, "software." + why, true}, message.attempt, now, milliseconds(0));
  }
  auto judged = judge(config_.judge, *answer);
  switch (judged.judgement) {
    case Judgement::success: {
      const std::lock_guard lock(mutex_);
      health_.failures = 0;
      health_.last_success_at = now;
      not_before_ = {};
      break;
    }
    case Judgement::gone:
      disable(now);
      return {std::move(judged), {}, kPauseMost};
    case Judgement::failure:
      return failed(std::move(judged), message.attempt, now, retry_after(answer->retry_after));
    case Judgement::refused:
      break;
  }
  const auto number = config_.reference.empty() ? std::nullopt : value_at(answer->body, config_.reference);
  return {std::move(judged), number.value_or(std::string()), milliseconds(0)};
}

Delivery Webhook::failed(Judged judged, std::uint32_t attempt, base::Instant now, milliseconds least) {
  const std::lock_guard lock(mutex_);
  health_.last_failure = judged.reason;
  health_.last_failure_at = now;
  if (judged.of_the_software) {
    ++health_.failures;
    const auto rest = pause_after(health_.failures, config_.retry_first, random_number());
    not_before_ = now + std::max(least, std::min(rest, kSoftwarePauseMost));
  }
  const auto pause = std::max(least, pause_after(attempt, config_.retry_first, random_number()));
  return {std::move(judged), {}, pause};
}

void Webhook::disable(base::Instant now) {
  base::log_error("webhook switched off: the software answers that it is gone",
                  {{"institution", institution_}, {"again", "POST /v1/webhook/enable"}});
  // Not kept: the next answer of 410 switches it off again.
  (void)store_.put(key_, files::pack({std::to_string(base::to_ms(now))}));
  const std::lock_guard lock(mutex_);
  health_.enabled = false;
  health_.disabled_at = now;
  health_.last_failure = "webhook.gone";
  health_.last_failure_at = now;
}

base::Status Webhook::enable() {
  if (auto erased = store_.erase(key_); !erased) return erased;
  const std::lock_guard lock(mutex_);
  health_.enabled = true;
  health_.failures = 0;
  not_before_ = {};
  return base::Done{};
}

WebhookHealth Webhook::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace relais::http
