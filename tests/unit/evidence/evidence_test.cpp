// Evidence about one message: it holds whatever became of the message, and to its end.
#include "broker/evidence/evidence.h"

#include <gmock/gmock.h>

#include "tests/unit/journal/rocks_support.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::evidence {
namespace {

using testing::Contains;

constexpr const char* kRecipient = "caf-25";
const std::string kMessage(16, 'm');

base::SecretKey secret() {
  std::array<unsigned char, base::kKeyBytes> bytes{};
  bytes.fill(7);
  return base::SecretKey(bytes);
}

class EvidenceTest : public testing::Test {
 protected:
  EvidenceTest() : signer_(secret()), store_(journal::open_store(folder_.path())) {
    store_->sign_with(signer_, "broker-1");
    v1::Envelope envelope;
    envelope.set_message_id(kMessage);
    v1::Event event;
    event.mutable_message_accepted()->set_envelope(envelope.SerializeAsString());
    row_.set_position(happens(event));
    row_.add_deliveries()->set_recipient(kRecipient);
    row_.mutable_deliveries(0)->set_at_position(row_.position());
  }

  /// Answers the record in which it stands.
  core::Position happens(const v1::Event& event) {
    v1::Record record;
    *record.add_events() = event;
    journal::Batch batch;
    batch.first_position = store_->durable().position + 1;
    batch.records = {record.SerializeAsString()};
    batch.writes = {{core::TableId::messages, kMessage, row_.SerializeAsString()}};
    EXPECT_TRUE(store_->append(batch));
    return batch.first_position;
  }

  static void name(v1::DeliveryRef& delivery, const std::string& recipient = kRecipient) {
    delivery.set_message_id(kMessage);
    delivery.set_recipient(recipient);
  }

  /// What it shows, once it was written, read again and verified.
  std::vector<std::string> shown() {
    happens({});  // with the row as it is now
    EXPECT_TRUE(store_->sign_now());
    const auto gathered = gather_evidence(*store_, kMessage);
    EXPECT_TRUE(gathered) << gathered.refusal().english();
    const auto evidence = read_evidence(write_evidence(*gathered));
    EXPECT_TRUE(evidence) << evidence.refusal().english();
    const auto said = verify_evidence(*evidence, {base::signing_public(secret())});
    EXPECT_TRUE(said) << said.refusal().english();
    std::vector<std::string> steps;
    for (const auto& record : evidence->records)
      for (const auto& step : steps_in(record.bytes, kMessage)) steps.push_back(step.event + " " + step.recipient);
    return steps;
  }

  tests::TemporaryFolder folder_;
  base::Signer signer_;
  std::unique_ptr<journal::RocksStore> store_;
  v1::MessageRow row_;
};

TEST_F(EvidenceTest, follows_a_request_to_the_member_of_the_team_that_got_it) {
  v1::Event event;
  name(*event.mutable_referral_moved()->mutable_delivery(), "ccas-25056");
  row_.add_history(happens(event));
  EXPECT_THAT(shown(), Contains("referral_moved ccas-25056"));
}

TEST_F(EvidenceTest, is_short_however_much_was_written_at_once) {
  journal::Batch batch;
  batch.first_position = store_->durable().position + 1;
  v1::Record record;
  name(*record.add_events()->mutable_delivery_settled()->add_deliveries());
  batch.records.assign(1'000, record.SerializeAsString());
  ASSERT_TRUE(store_->append(batch));
  for (const core::Position at : {0U, 255U, 256U, 700U, 999U}) {
    row_.mutable_deliveries(0)->set_at_position(batch.first_position + at);
    shown();
    const auto evidence = gather_evidence(*store_, kMessage);
    ASSERT_TRUE(evidence) << evidence.refusal().english();
    for (const auto& stretch : evidence->stretches) EXPECT_LE(stretch.links.size(), 257u) << at;
  }
  core::Position next = 1;
  store_->anchors(0, [&](const journal::Anchor& anchor) {
    EXPECT_EQ(anchor.first, next) << "no record is left out, none signed twice";
    next = anchor.last + 1;
    return true;
  });
  EXPECT_EQ(next, store_->durable().position + 1);
}

TEST_F(EvidenceTest, shows_the_end_of_a_message_that_was_put_off_for_long) {
  v1::Event parked;
  name(*parked.mutable_delivery_parked()->mutable_delivery());
  for (int i = 0; i < 64; ++i) row_.add_history(happens(parked));
  v1::Event settled;
  name(*settled.mutable_delivery_settled()->add_deliveries());
  row_.mutable_deliveries(0)->set_at_position(happens(settled));
  EXPECT_THAT(shown(), Contains("delivery_settled caf-25"));
}

}  // namespace
}  // namespace relais::evidence
