#include "tests/bench/messages.h"

#include <chrono>
#include <cstring>
#include <stdexcept>

#include "relais/v1/envelope.pb.h"

namespace relais::bench {

namespace {

std::string id_of(const Stamp& stamp) {
  std::string id(16, '\0');
  std::memcpy(id.data(), &stamp.run, 4);
  std::memcpy(id.data() + 4, &stamp.producer, 4);
  std::memcpy(id.data() + 8, &stamp.number, 8);
  id[3] = static_cast<char>(id[3] | 0x40);  // never all zeros
  return id;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Stamp stamp_of(std::string_view message_id) {
  Stamp stamp;
  std::string id(message_id);
  id[3] = static_cast<char>(id[3] & ~0x40);
  std::memcpy(&stamp.run, id.data(), 4);
  std::memcpy(&stamp.producer, id.data() + 4, 4);
  std::memcpy(&stamp.number, id.data() + 8, 8);
  return stamp;
}

std::vector<v1::Submit> prepare_messages(const Options& options, std::uint32_t run, int producer, std::uint64_t count) {
  const World world(options.data);
  const auto name = World::producer(producer);
  const base::Signer signer(world.secret(name + "-signing"));
  const auto sealing = world.secret(name + "-sealing");
  std::vector<base::SharedKey> shared;
  for (int q = 0; q < options.queues; ++q) {
    auto key = base::SharedKey::agree(sealing, base::sealing_public(world.secret(World::queue(q) + "-sealing")));
    if (!key) throw std::runtime_error(key.refusal().english());
    shared.push_back(std::move(*key));
  }
  const auto content = base::random_bytes(options.size);
  std::vector<v1::Submit> messages(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const int queue =
        static_cast<int>((static_cast<std::uint64_t>(producer) + i) % static_cast<std::uint64_t>(options.queues));
    const auto recipient = World::queue(queue);
    v1::Envelope envelope;
    envelope.set_version(1);
    envelope.set_message_id(id_of({run, static_cast<std::uint32_t>(producer), i}));
    envelope.set_sender(name);
    envelope.add_recipients(recipient);
    envelope.set_case_id(base::random_bytes(16));
    envelope.set_referral_id(base::random_bytes(16));
    envelope.set_purpose("access_to_rights");
    envelope.set_priority(v1::PRIORITY_ROUTINE);
    envelope.set_sent_at_ms(now_ms());
    envelope.set_exercise(true);
    envelope.set_signing_key(name + "-signing");
    envelope.mutable_referral_requested();
    auto sealed = base::seal(envelope.message_id(), v1::CATEGORY_NOTE, content);
    base::add_wrap(sealed, recipient, recipient + "-sealing", name + "-sealing",
                   shared[static_cast<std::size_t>(queue)]);
    auto& submit = messages[i];
    const auto& bytes = *submit.add_compartments() = sealed.compartment.SerializeAsString();
    auto& digest = *envelope.add_compartments();
    digest.set_category(v1::CATEGORY_NOTE);
    digest.set_digest(std::string(base::view(base::hash(bytes))));
    digest.add_recipients(recipient);
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(base::view(signer.sign(base::kEnvelopeDomain, submit.envelope()))));
  }
  return messages;
}

}  // namespace relais::bench
