// Completion, sealing and opening together: what one adapter submits, another opens.
#include <gtest/gtest.h>

#include "adapters/sdk/automatic.h"
#include "adapters/sdk/completion.h"
#include "adapters/sdk/opener.h"
#include "adapters/sdk/preparation.h"
#include "adapters/sdk/sealer.h"
#include "adapters/sdk/trace_parent.h"
#include "tests/support/small_network.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

using base::RefusalCode;

class SealingTest : public ::testing::Test {
 protected:
  SealingTest() {
    auto opened = Store::open(folder.path() / "adapter", clock);
    base::check(opened.ok(), "a store");
    store = std::move(*opened);
    renew();
  }

  void renew() {
    auto read = Network::verify(net.signed_network(), net.pins());
    base::check(read.ok(), "a network");
    network = *read;
  }

  Draft draft(const std::string& recipient = "caf-25") {
    Draft made;
    made.envelope = tests::request(recipient);
    v1::Identity identity;
    identity.set_family_name("Exemple");
    add_content(made, identity);
    return made;
  }

  base::Result<v1::Envelope> completed(const Draft& what) {
    return complete(what, keyring, ReferralMemory(*store), *network, clock.now());
  }

  v1::Deliver deliver(const Draft& what, const std::string& recipient = "caf-25") {
    auto envelope = completed(what);
    base::check(envelope.ok(), "a complete draft");
    auto sealed = Sealer(keyring).seal(*envelope, what.contents, *network, 0, clock.now());
    base::check(sealed.ok(), "a sealed draft");
    v1::Submit submit;
    submit.ParseFromString(sealed->submit);
    v1::Deliver made;
    made.set_envelope(submit.envelope());
    made.set_signature(submit.signature());
    for (int i = 0; i < submit.compartments_size(); ++i)
      for (const auto& reader : envelope->compartments(i).recipients())
        if (reader == recipient) made.add_compartments(submit.compartments(i));
    made.set_recipient(recipient);
    made.set_attempt(1);
    made.set_position(7);
    made.set_accepted_at_ms(8);
    return made;
  }

  Unreadable unreadable(const v1::Deliver& what) {
    auto opened = opener.open(what, *network);
    if (auto* no = std::get_if<Unreadable>(&opened)) return *no;
    ADD_FAILURE() << "it was opened";
    return {};
  }

  tests::TemporaryFolder folder;
  base::SystemClock clock;
  tests::SmallNetwork net;
  static std::vector<ServedInstitution> only(ServedInstitution one) {
    std::vector<ServedInstitution> list;
    list.push_back(std::move(one));
    return list;
  }
  const std::vector<ServedInstitution> ccas = only(net.served("ccas-25056"));
  const std::vector<ServedInstitution> caf = only(net.served("caf-25"));
  const std::vector<ServedInstitution> cpam = only(net.served("cpam-25"));
  Keyring keyring{ccas};
  Keyring theirs{caf};
  Keyring third{cpam};
  Opener opener{theirs};
  std::unique_ptr<Store> store;
  std::shared_ptr<const Network> network;
};

TEST_F(SealingTest, a_message_has_the_trace_of_its_referral_unless_the_software_gives_one) {
  Draft asked = draft();
  const auto made = completed(asked);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trace_parent(), trace_parent_for(*made));
  asked.envelope.set_trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(completed(asked)->trace_parent(), asked.envelope.trace_parent());
}

TEST_F(SealingTest, what_is_sealed_for_a_recipient_opens_there_and_nowhere_else) {
  const auto made = deliver(draft());
  auto opened = opener.open(made, *network);
  ASSERT_TRUE(std::holds_alternative<Incoming>(opened)) << std::get<Unreadable>(opened).reason;
  const auto& message = std::get<Incoming>(opened);
  EXPECT_EQ(message.envelope.sender(), "ccas-25056");
  EXPECT_EQ(message.position, 7u);
  ASSERT_NE(message.content<v1::Identity>(), nullptr);
  EXPECT_EQ(message.content<v1::Identity>()->family_name(), "Exemple");
  EXPECT_EQ(message.content<v1::Contact>(), nullptr);
  EXPECT_EQ(made.SerializeAsString().find("Exemple"), std::string::npos);
}

TEST_F(SealingTest, a_content_for_another_recipient_is_seen_to_exist) {
  Draft made = draft();
  made.envelope = tests::request("caf-25");
  made.envelope.clear_referral_requested();
  made.envelope.mutable_referral_forwarded()->set_to("cpam-25");
  made.envelope.mutable_referral_forwarded()->set_new_referral_id(new_id());
  made.envelope.add_recipients("cpam-25");
  made.envelope.set_referral_id(new_id());
  made.envelope.set_case_id(new_id());
  made.contents[0].recipients = {"cpam-25"};
  auto opened = opener.open(deliver(made), *network);
  ASSERT_TRUE(std::holds_alternative<Incoming>(opened));
  EXPECT_TRUE(std::get<Incoming>(opened).contents.empty());
  EXPECT_EQ(std::get<Incoming>(opened).withheld, std::vector{v1::CATEGORY_IDENTITY});
  Opener at_third(third);
  opened = at_third.open(deliver(made, "cpam-25"), *network);
  ASSERT_TRUE(std::holds_alternative<Incoming>(opened));
  EXPECT_NE(std::get<Incoming>(opened).content<v1::Identity>(), nullptr);
}

TEST_F(SealingTest, a_forged_signature_is_rejected_for_good) {
  auto made = deliver(draft());
  made.mutable_signature()->back() ^= 1;
  EXPECT_EQ(unreadable(made).reason, "signature.invalid");
  EXPECT_TRUE(unreadable(made).final);
}

TEST_F(SealingTest, a_changed_compartment_is_rejected_for_good) {
  auto made = deliver(draft());
  made.mutable_compartments(0)->back() ^= 1;
  EXPECT_EQ(unreadable(made).reason, "compartment.digest_mismatch");
  made.clear_compartments();
  EXPECT_EQ(unreadable(made).reason, "compartment.digest_mismatch");
  made.add_compartments("x");
  made.add_compartments("y");
  EXPECT_TRUE(unreadable(made).final);
}

TEST_F(SealingTest, a_compartment_of_another_message_does_not_open) {
  const auto envelope = completed(draft());
  auto stolen = base::seal(new_id(), v1::CATEGORY_IDENTITY, "x");
  const auto shared =
      keyring.agree(*keyring.sealing_key("ccas-25056", "sealing-1"), net.keys.at("caf-25").sealing.public_key);
  base::add_wrap(stolen, "caf-25", "sealing-1", "sealing-1", **shared);
  v1::Envelope changed = *envelope;
  changed.set_signing_key("signing-1");
  const auto bytes = stolen.compartment.SerializeAsString();
  auto& digest = *changed.add_compartments();
  digest.set_category(v1::CATEGORY_IDENTITY);
  digest.set_digest(std::string(base::view(base::hash(bytes))));
  digest.add_recipients("caf-25");
  v1::Deliver made;
  changed.SerializeToString(made.mutable_envelope());
  made.set_signature(std::string(
      base::view(base::Signer(net.keys.at("ccas-25056").signing.secret).sign(base::kEnvelopeDomain, made.envelope()))));
  made.add_compartments(bytes);
  made.set_recipient("caf-25");
  EXPECT_EQ(unreadable(made).reason, "compartment.does_not_open");
  EXPECT_TRUE(unreadable(made).final);
}

TEST_F(SealingTest, who_is_not_named_gets_a_copy_in_which_nothing_is_sealed_for_it) {
  const auto of_another = [&](v1::Deliver made) {
    v1::Envelope changed;
    changed.ParseFromString(made.envelope());
    changed.set_recipients(0, "cpam-25");
    changed.SerializeToString(made.mutable_envelope());
    made.set_signature(std::string(base::view(
        base::Signer(net.keys.at("ccas-25056").signing.secret).sign(base::kEnvelopeDomain, made.envelope()))));
    return made;
  };
  Draft bare = draft();
  bare.contents.clear();
  const auto copy = opener.open(of_another(deliver(bare)), *network);
  ASSERT_TRUE(std::holds_alternative<Incoming>(copy));
  EXPECT_TRUE(std::get<Incoming>(copy).copy);
  EXPECT_EQ(unreadable(of_another(deliver(draft()))).reason, "identity.not_served");
  EXPECT_FALSE(unreadable(of_another(deliver(draft()))).final);
}

TEST_F(SealingTest, an_unknown_sender_or_key_waits_for_a_newer_network) {
  const auto made = deliver(draft());
  net.definition.mutable_institutions(1)->mutable_signing_keys(0)->set_id("signing-0");
  renew();
  EXPECT_EQ(unreadable(made).reason, "identity.unknown");
  EXPECT_FALSE(unreadable(made).final);
  EXPECT_TRUE(unreadable(made).network_is_old);
  net.definition.mutable_institutions(1)->mutable_signing_keys(0)->set_id("signing-1");
  net.definition.mutable_institutions(1)->mutable_sealing_keys(0)->set_id("sealing-0");
  renew();
  EXPECT_EQ(unreadable(made).reason, "key.unknown");
}

TEST_F(SealingTest, a_key_counts_at_the_time_of_sending) {
  const auto made = deliver(draft());
  auto& key = *net.definition.mutable_institutions(1)->mutable_signing_keys(0);
  key.set_valid_until_ms(base::to_ms(clock.now()) - 86'400'000);
  renew();
  EXPECT_EQ(unreadable(made).reason, "identity.unknown");
  key.set_valid_until_ms(base::to_ms(clock.now()) + 86'400'000);
  renew();
  EXPECT_TRUE(std::holds_alternative<Incoming>(opener.open(made, *network)));
}

TEST_F(SealingTest, a_message_of_the_broker_is_verified_with_the_brokers_key) {
  v1::Envelope notice;
  notice.set_version(1);
  notice.set_message_id(new_id());
  notice.set_sender("relais");
  notice.add_recipients("caf-25");
  notice.set_signing_key("broker-signing-1");
  notice.mutable_referral_expired();
  v1::Deliver made;
  notice.SerializeToString(made.mutable_envelope());
  made.set_recipient("caf-25");
  made.set_signature(
      std::string(base::view(base::Signer(net.broker.signing.secret).sign(base::kEnvelopeDomain, made.envelope()))));
  EXPECT_TRUE(std::holds_alternative<Incoming>(opener.open(made, *network)));
  made.set_signature(std::string(
      base::view(base::Signer(net.keys.at("ccas-25056").signing.secret).sign(base::kEnvelopeDomain, made.envelope()))));
  EXPECT_EQ(unreadable(made).reason, "signature.invalid");
}

TEST_F(SealingTest, a_kind_of_a_later_version_is_never_lost) {
  Draft made = draft();
  auto envelope = *completed(made);
  envelope.clear_body();
  envelope.set_signing_key("signing-1");
  v1::Deliver later;
  envelope.SerializeToString(later.mutable_envelope());
  later.set_recipient("caf-25");
  later.set_signature(std::string(base::view(
      base::Signer(net.keys.at("ccas-25056").signing.secret).sign(base::kEnvelopeDomain, later.envelope()))));
  EXPECT_EQ(unreadable(later).reason, "kind.unknown");
  EXPECT_FALSE(unreadable(later).final);
}

TEST_F(SealingTest, uses_the_newest_valid_keys_of_both_sides) {
  const auto next = base::new_sealing_pair();
  auto& key = *net.definition.mutable_institutions(0)->add_sealing_keys();
  key.set_id("sealing-2");
  key.set_key(tests::text(next.public_key));
  key.set_valid_from_ms(5);
  renew();
  v1::Compartment compartment;
  compartment.ParseFromString(deliver(draft()).compartments(0));
  EXPECT_EQ(compartment.wraps(0).recipient_key(), "sealing-2");
  key.set_valid_until_ms(6);
  renew();
  compartment.ParseFromString(deliver(draft()).compartments(0));
  EXPECT_EQ(compartment.wraps(0).recipient_key(), "sealing-1");
}

TEST_F(SealingTest, without_a_valid_key_nothing_is_sealed) {
  net.definition.mutable_institutions(0)->clear_sealing_keys();
  renew();
  auto envelope = completed(draft());
  ASSERT_TRUE(envelope);
  auto sealed = Sealer(keyring).seal(*envelope, draft().contents, *network, 0, clock.now());
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.refusal().code, RefusalCode::key_invalid);
  net.definition.mutable_institutions(1)->clear_signing_keys();
  renew();
  sealed = Sealer(keyring).seal(*envelope, {}, *network, 0, clock.now());
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.refusal().code, RefusalCode::key_invalid);
}

TEST_F(SealingTest, knows_the_brokers_limit) {
  auto envelope = completed(draft());
  const auto sealed = Sealer(keyring).seal(*envelope, draft().contents, *network, 100, clock.now());
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.refusal().code, RefusalCode::message_too_large);
}

TEST_F(SealingTest, fills_in_ids_sender_and_time) {
  const auto envelope = completed(draft());
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->version(), 1u);
  EXPECT_EQ(envelope->sender(), "ccas-25056");
  EXPECT_EQ(envelope->message_id().size(), 16u);
  EXPECT_EQ(envelope->referral_id().size(), 16u);
  EXPECT_EQ(envelope->case_id().size(), 16u);
  EXPECT_GT(envelope->sent_at_ms(), 0);
}

TEST_F(SealingTest, names_what_is_missing_or_does_not_fit) {
  const auto code = [&](const Draft& what, const std::string& field) {
    const auto said = completed(what);
    EXPECT_FALSE(said) << field;
    EXPECT_EQ(said.refusal().field, field);
    return said.refusal().code;
  };
  Draft bad = draft();
  bad.envelope.clear_body();
  EXPECT_EQ(code(bad, "body"), RefusalCode::envelope_malformed);
  bad = draft();
  bad.envelope.set_message_id("short");
  EXPECT_EQ(code(bad, "message_id"), RefusalCode::envelope_malformed);
  bad = draft();
  bad.envelope.clear_purpose();
  EXPECT_EQ(code(bad, "purpose"), RefusalCode::envelope_malformed);
  bad = draft();
  bad.envelope.clear_recipients();
  EXPECT_EQ(code(bad, "recipients"), RefusalCode::envelope_malformed);
  bad = draft("nobody-25");
  EXPECT_EQ(code(bad, "recipients[0]"), RefusalCode::route_none);
  bad = draft();
  bad.envelope.set_sender("caf-25");
  EXPECT_EQ(code(bad, "sender"), RefusalCode::identity_not_served);
  bad = Draft{};
  bad.envelope.mutable_referral_accepted();
  EXPECT_EQ(code(bad, "referral_id"), RefusalCode::envelope_malformed);
}

TEST_F(SealingTest, fills_in_a_message_about_a_known_referral) {
  Change change;
  ReferralMemory memory(*store);
  v1::Envelope opening = tests::request("ccas-25056");
  opening.set_sender("caf-25");
  opening.set_referral_id(new_id());
  opening.set_case_id(new_id());
  opening.set_exercise(true);
  opening.set_priority(v1::PRIORITY_URGENT);
  memory.learn(change, opening);
  ASSERT_TRUE(store->write(change));
  Draft answer;
  answer.envelope.set_referral_id(opening.referral_id());
  answer.envelope.mutable_referral_accepted();
  const auto envelope = completed(answer);
  ASSERT_TRUE(envelope) << envelope.refusal().field;
  EXPECT_EQ(envelope->sender(), "ccas-25056");
  EXPECT_EQ(envelope->recipients(0), "caf-25");
  EXPECT_EQ(envelope->case_id(), opening.case_id());
  EXPECT_EQ(envelope->purpose(), "access_to_rights");
  EXPECT_EQ(envelope->priority(), v1::PRIORITY_URGENT);
  EXPECT_TRUE(envelope->exercise());

  Draft forward;
  forward.envelope.set_referral_id(opening.referral_id());
  forward.envelope.mutable_referral_forwarded()->set_to("cpam-25");
  forward.envelope.mutable_referral_forwarded()->set_new_referral_id(new_id());
  const auto onward = completed(forward);
  ASSERT_TRUE(onward);
  EXPECT_EQ(onward->recipients(0), "caf-25");
  EXPECT_EQ(onward->recipients(1), "cpam-25");
}

TEST_F(SealingTest, learns_the_new_leg_of_a_forward_and_forgets_what_is_closed) {
  Change change;
  ReferralMemory memory(*store);
  v1::Envelope forward = tests::request("caf-25");
  forward.add_recipients("cpam-25");
  forward.set_sender("ccas-25056");
  forward.set_referral_id(new_id());
  forward.set_case_id(new_id());
  forward.mutable_referral_forwarded()->set_to("cpam-25");
  forward.mutable_referral_forwarded()->set_new_referral_id(new_id());
  memory.learn(change, forward);
  const auto leg = memory.find(forward.referral_forwarded().new_referral_id());
  ASSERT_TRUE(leg);
  EXPECT_EQ(leg->sender, "caf-25");
  EXPECT_EQ(leg->recipient, "cpam-25");
  v1::Envelope closing;
  closing.set_referral_id(leg->referral_id);
  closing.mutable_outcome_acknowledged();
  memory.learn(change, closing);
  EXPECT_FALSE(memory.find(leg->referral_id));
}

Incoming incoming(const v1::Envelope& envelope, const std::string& recipient) {
  Incoming message;
  message.envelope = envelope;
  message.recipient = recipient;
  return message;
}

TEST(Automatic, answers_a_request_with_received_and_an_end_with_acknowledged) {
  v1::Envelope envelope = tests::request("caf-25");
  envelope.set_sender("ccas-25056");
  envelope.set_referral_id("r");
  envelope.set_exercise(true);
  auto reply = automatic_reply(incoming(envelope, "caf-25"), Side::unknown);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->envelope.has_referral_received());
  EXPECT_EQ(reply->envelope.sender(), "caf-25");
  EXPECT_EQ(reply->envelope.recipients(0), "ccas-25056");
  EXPECT_TRUE(reply->envelope.exercise());
  envelope.mutable_referral_rejected();
  reply = automatic_reply(incoming(envelope, "caf-25"), Side::unknown);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->envelope.has_outcome_acknowledged());
  envelope.mutable_referral_accepted();
  EXPECT_FALSE(automatic_reply(incoming(envelope, "caf-25"), Side::unknown));
}

TEST(Automatic, a_forward_is_received_by_the_new_recipient_and_acknowledged_by_the_sender) {
  v1::Envelope envelope = tests::request("caf-25");
  envelope.add_recipients("cpam-25");
  envelope.set_sender("ccas-25056");
  envelope.set_referral_id("old");
  envelope.mutable_referral_forwarded()->set_to("cpam-25");
  envelope.mutable_referral_forwarded()->set_new_referral_id("new");
  auto reply = automatic_reply(incoming(envelope, "cpam-25"), Side::unknown);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->envelope.has_referral_received());
  EXPECT_EQ(reply->envelope.referral_id(), "new");
  EXPECT_EQ(reply->envelope.recipients(0), "caf-25");
  reply = automatic_reply(incoming(envelope, "caf-25"), Side::unknown);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->envelope.has_outcome_acknowledged());
  EXPECT_EQ(reply->envelope.referral_id(), "old");
  EXPECT_EQ(reply->envelope.recipients(0), "ccas-25056");
}

TEST(Automatic, an_expiry_is_acknowledged_by_the_sender_of_the_referral_only) {
  v1::Envelope envelope = tests::request("caf-25");
  envelope.add_recipients("ccas-25056");
  envelope.set_sender("relais");
  envelope.mutable_referral_expired();
  EXPECT_TRUE(needs_side(envelope));
  EXPECT_FALSE(automatic_reply(incoming(envelope, "caf-25"), Side::other));
  EXPECT_FALSE(automatic_reply(incoming(envelope, "caf-25"), Side::unknown));
  const auto reply = automatic_reply(incoming(envelope, "caf-25"), Side::sender);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->envelope.recipients(0), "ccas-25056");
}

TEST(Contents, every_category_parses_as_its_own_type) {
  v1::Nir nir;
  nir.set_number("1");
  const auto parsed = parse_content(v1::CATEGORY_NIR, nir.SerializeAsString());
  EXPECT_TRUE(std::holds_alternative<v1::Nir>(parsed));
  for (int category = v1::CATEGORY_IDENTITY; category <= v1::CATEGORY_NIR; ++category) {
    EXPECT_TRUE(is_known(static_cast<v1::Category>(category)));
    EXPECT_FALSE(std::holds_alternative<std::monostate>(parse_content(static_cast<v1::Category>(category), "")));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_content(static_cast<v1::Category>(category), "\xff")));
  }
  EXPECT_FALSE(is_known(static_cast<v1::Category>(99)));
}

TEST(NamedId, is_the_same_for_the_same_names_and_another_for_others) {
  base::crypto_init();
  EXPECT_EQ(named_id("a", "b"), named_id("a", "b"));
  EXPECT_NE(named_id("a", "b"), named_id("ab", ""));
  EXPECT_NE(named_id("a", "b"), named_id("", "ab"));
  EXPECT_EQ(named_id("a", "b").size(), 16u);
}

}  // namespace
}  // namespace relais::sdk
