#include "tests/bench/consumer.h"

#include <stdexcept>

namespace relais::bench {

namespace {
constexpr std::uint64_t kCreditBytes = 32u << 20;

/// The message id without parsing the envelope's other fields would be a trick no adapter plays: parse it whole.
std::string message_id_in(const std::string& envelope) {
  v1::Envelope parsed;
  if (!parsed.ParseFromString(envelope)) throw std::runtime_error("an envelope does not parse");
  return parsed.message_id();
}
}  // namespace

Consumer::Consumer(void* context, const Options& options, int queue, std::chrono::milliseconds patience)
    : client_(context, options, World::queue(queue), patience) {
  v1::AdapterFrame grant;
  grant.mutable_grant()->set_messages(static_cast<std::uint32_t>(options.window));
  grant.mutable_grant()->set_bytes(kCreditBytes);
  client_.send(std::move(grant));
}

void Consumer::receive(std::chrono::milliseconds patience, const std::function<void(const Stamp&)>& on) {
  auto frame = client_.receive(patience);
  while (frame) {
    v1::AdapterFrame answer;
    std::uint64_t bytes = 0;
    for (const auto& delivery : frame->deliveries()) {
      on(stamp_of(message_id_in(delivery.envelope())));
      if (answer.settles().empty()) answer.add_settles()->mutable_acknowledge();
      answer.mutable_settles(0)->add_delivery_ids(delivery.delivery_id());
      bytes += delivery.ByteSizeLong();
    }
    if (!answer.settles().empty()) {
      answer.mutable_grant()->set_messages(static_cast<std::uint32_t>(frame->deliveries_size()));
      answer.mutable_grant()->set_bytes(bytes);
      client_.send(std::move(answer));
    }
    frame = client_.receive(std::chrono::milliseconds(0));
  }
}

}  // namespace relais::bench
