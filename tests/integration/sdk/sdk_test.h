// An adapter of the CCAS against a fake broker, and a CAF that seals what the broker delivers.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/completion.h"
#include "adapters/sdk/sealer.h"
#include "tests/integration/sdk/fake_broker.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {

/// Remembers what it is told; `decide` gives the verdict.
class Remembering : public sdk::Handler {
 public:
  struct Seen {
    sdk::Incoming message;
  };

  sdk::Verdict on_message(const sdk::Incoming& message) override {
    std::function<sdk::Verdict(const sdk::Incoming&)> how;
    {
      const std::lock_guard lock(mutex);
      messages.push_back(message);
      how = decide;
    }
    return how ? how(message) : sdk::Verdict::handled();
  }
  void on_receipt(const base::MessageId& message, std::uint64_t) override {
    const std::lock_guard lock(mutex);
    receipts.emplace_back(message.bytes());
  }
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override {
    const std::lock_guard lock(mutex);
    refused.emplace_back(std::string(message.bytes()), refusal.code());
  }

  template <class T>
  std::size_t count(const std::vector<T>& list) {
    const std::lock_guard lock(mutex);
    return list.size();
  }

  std::mutex mutex;
  std::function<sdk::Verdict(const sdk::Incoming&)> decide;
  std::vector<sdk::Incoming> messages;
  std::vector<std::string> receipts;
  std::vector<std::pair<std::string, std::string>> refused;
};

class SdkTest : public ::testing::Test {
 protected:
  void SetUp() override { broker.start(); }
  void TearDown() override {
    adapter.reset();
    broker.stop();
  }

  sdk::AdapterConfig config() { return net.config("ccas-25056", folder.path() / "ccas", broker.endpoint()); }

  void start(sdk::AdapterConfig with) {
    adapter.reset();
    adapter = std::make_unique<sdk::Adapter>(std::move(with), handler, clock);
    const auto said = adapter->start();
    ASSERT_TRUE(said) << said.refusal().english();
  }
  void start() { start(config()); }
  void start_ready() {
    start();
    ASSERT_TRUE(adapter->wait_for_network(kPatience));
  }

  sdk::Draft draft(const std::string& parcours = {}) {
    sdk::Draft made;
    made.envelope = request("caf-25");
    if (!parcours.empty()) made.envelope.set_case_id(parcours);
    v1::Identity identity;
    identity.set_family_name("Exemple");
    sdk::add_content(made, identity);
    return made;
  }

  /// A delivery of the CAF (or of another institution, or the broker) to the CCAS. The envelope's body is set.
  v1::Deliver from(const std::string& sender, v1::Envelope envelope, bool with_content = true) {
    const auto network = *sdk::Network::verify(net.signed_network(), net.pins());
    std::vector<sdk::ServedInstitution> secrets;
    secrets.push_back(net.served(sender));
    sdk::Keyring keyring(secrets);
    envelope.set_version(1);
    envelope.set_sender(sender);
    if (envelope.recipients().empty()) envelope.add_recipients("ccas-25056");
    if (envelope.message_id().empty()) envelope.set_message_id(sdk::new_id());
    if (envelope.case_id().empty()) envelope.set_case_id(sdk::new_id());
    if (envelope.referral_id().empty()) envelope.set_referral_id(sdk::new_id());
    envelope.set_purpose("access_to_rights");
    envelope.set_sent_at_ms(base::to_ms(clock.now()));
    std::vector<sdk::DraftContent> contents;
    if (with_content) {
      v1::Note note;
      note.set_text("Synthétique");
      contents.push_back({v1::CATEGORY_NOTE, note.SerializeAsString(), {"ccas-25056"}});
    }
    auto sealed = sdk::Sealer(keyring).seal(envelope, contents, *network, 0, clock.now());
    base::check(sealed.ok(), "a partner can seal");
    v1::Submit submit;
    submit.ParseFromString(sealed->submit);
    return deliver_of(submit, envelope);
  }

  static v1::Deliver deliver_of(const v1::Submit& submit, const v1::Envelope& envelope) {
    v1::Deliver deliver;
    deliver.set_envelope(submit.envelope());
    deliver.set_signature(submit.signature());
    for (const auto& compartment : submit.compartments()) deliver.add_compartments(compartment);
    deliver.set_recipient("ccas-25056");
    deliver.set_attempt(1);
    deliver.set_position(1);
    deliver.set_accepted_at_ms(envelope.sent_at_ms());
    return deliver;
  }

  v1::Deliver from_broker(v1::Envelope envelope) {
    envelope.set_version(1);
    envelope.set_message_id(sdk::new_id());
    envelope.set_sender("relais");
    envelope.set_purpose("access_to_rights");
    envelope.set_signing_key("broker-signing-1");
    envelope.set_sent_at_ms(base::to_ms(clock.now()));
    v1::Submit submit;
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(
        base::view(base::Signer(net.broker.signing.secret).sign(base::kEnvelopeDomain, submit.envelope()))));
    return deliver_of(submit, envelope);
  }

  static v1::Envelope accepted_body() {
    v1::Envelope envelope;
    envelope.mutable_referral_accepted();
    return envelope;
  }

  static std::string id_of(const v1::Deliver& deliver) {
    v1::Envelope envelope;
    envelope.ParseFromString(deliver.envelope());
    return envelope.message_id();
  }

  /// Waits until `count` messages were settled for good.
  bool wait_settled(std::size_t count) {
    return broker.wait([&] {
      return static_cast<std::size_t>(std::count_if(broker.settled.begin(), broker.settled.end(), [](const auto& one) {
               return one.second.back().verdict != "retry";
             })) >= count;
    });
  }

  bool wait_accepted(std::size_t count) {
    return broker.wait([&] { return broker.accepted.size() >= count; });
  }

  bool wait_until(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  [[nodiscard]] std::size_t accepted_of_kind(v1::Envelope::BodyCase kind) {
    return static_cast<std::size_t>(std::count_if(broker.accepted.begin(), broker.accepted.end(), [&](const auto& one) {
      return one.second.envelope.body_case() == kind;
    }));
  }

  TemporaryFolder folder;
  SmallNetwork net;
  base::SystemClock clock;
  FakeBroker broker{net};
  Remembering handler;
  std::unique_ptr<sdk::Adapter> adapter;
};

}  // namespace relais::tests
