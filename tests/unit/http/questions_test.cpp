#include "tests/unit/http/http_fixture.h"

namespace relais::http {
namespace {

/// A broker that knows one referral, one message and one slot, and notes what it was asked.
class Knows final : public Questions {
 public:
  base::Result<v1::ReferralView> referral(std::string_view id) override {
    if (id != known) return base::refuse(base::RefusalCode::not_found);
    v1::ReferralView view;
    view.set_referral_id(known);
    view.set_case_id(known);
    view.set_status(v1::REFERRAL_STATUS_ACCEPTED);
    view.set_sender("ccas-25056");
    view.set_recipient("caf-25");
    view.set_holder("caf-25");
    view.set_deadline_ms(1'800'000'000'000);
    auto& appointment = *view.add_appointments();
    appointment.set_appointment_id(known);
    appointment.set_status(v1::APPOINTMENT_STATUS_BOOKED);
    appointment.mutable_meeting()->set_start_ms(1'800'000'000'000);
    appointment.mutable_meeting()->set_mode(v1::APPOINTMENT_MODE_ON_SITE);
    return view;
  }
  base::Result<v1::MessageView> message(std::string_view) override {
    v1::MessageView view;
    view.set_position(42);
    view.set_accepted_at_ms(1'800'000'000'000);
    auto& delivery = *view.add_deliveries();
    delivery.set_recipient("caf-25");
    delivery.set_state("dead");
    delivery.set_attempts(200);
    delivery.set_reason("delivery.too_many_attempts");
    return view;
  }
  base::Result<v1::SlotsAnswer> slots(const v1::SlotsQuery& query) override {
    asked = query;
    v1::SlotsAnswer answer;
    auto& view = *answer.add_slots();
    view.set_institution("caf-25");
    view.set_free(2);
    view.mutable_slot()->set_slot_id("s-1");
    view.mutable_slot()->set_capacity(3);
    view.mutable_slot()->set_start_ms(1'800'000'000'000);
    view.mutable_slot()->set_end_ms(1'800'001'800'000);
    answer.set_more(true);
    return answer;
  }
  [[nodiscard]] sdk::Health health() const override {
    sdk::Health health;
    health.connected = true;
    health.network_version = 3;
    health.outbox_oldest = base::from_ms(1'800'000'000'000);
    return health;
  }

  const std::string known = sdk::named_id("test", "known");
  v1::SlotsQuery asked;
};

class QuestionsTest : public HttpTest {
 protected:
  void SetUp() override {
    exchange_ = std::make_unique<Exchange>(post_, knows_, config_.exchanges.front(), *vault_, clock_, nullptr);
    start();
  }
  Knows knows_;
};

TEST_F(QuestionsTest, a_referral_is_told_in_words_with_the_softwares_own_number) {
  ASSERT_TRUE(post_.store()
                  .write(sdk::Links(post_.store()).link("ccas-25056", sdk::LinkKind::referral, "A-1", knows_.known))
                  .ok());
  const auto said = get("/v1/referrals?reference=A-1").body;
  EXPECT_EQ(base::id_text(knows_.known), said["referral_id"].get<std::string>());
  EXPECT_EQ("A-1", said["reference"]);
  EXPECT_EQ("accepted", said["status"]);
  EXPECT_EQ("2027-01-15T08:00:00.000Z", said["deadline"]);
  EXPECT_EQ("booked", said["appointments"][0]["status"]);
  EXPECT_EQ("on_site", said["appointments"][0]["meeting"]["mode"]);
  EXPECT_EQ(nullptr, said["appointments"][0]["meeting"]["end"]);
  EXPECT_EQ(said, get("/v1/referrals/" + base::id_text(knows_.known)).body);
  const auto unknown = get("/v1/referrals/" + base::id_text(sdk::new_id()));
  EXPECT_EQ(404, unknown.status);
  EXPECT_EQ("not.found", unknown.body["code"]);
}

TEST_F(QuestionsTest, slots_are_asked_for_with_every_parameter_and_in_the_institutions_name) {
  const auto said =
      get("/v1/slots?purpose=access_to_rights&host=caf-25&service_need=logement&commune=25056&from=2027-01-15T08:00:00Z"
          "&until=2027-01-16T08:00:00Z&open_now=true&limit=7");
  ASSERT_EQ(200, said.status) << said.body;
  EXPECT_EQ(2, said.body["slots"][0]["free"]);
  EXPECT_EQ("s-1", said.body["slots"][0]["slot_id"]);
  EXPECT_EQ(true, said.body["more"]);
  EXPECT_EQ("ccas-25056", knows_.asked.institution());
  EXPECT_EQ("25056", knows_.asked.commune());
  EXPECT_EQ(1'800'000'000'000, knows_.asked.from_ms());
  EXPECT_EQ(1'800'086'400'000, knows_.asked.until_ms());
  EXPECT_EQ(7U, knows_.asked.at_most());
  EXPECT_TRUE(knows_.asked.open_now());
  EXPECT_EQ(400, get("/v1/slots?from=demain").status);
  EXPECT_EQ(400, get("/v1/slots?limit=201").status);
}

TEST_F(QuestionsTest, what_became_of_a_message_at_each_recipient_is_told) {
  const auto sent = submit(R"({"action":"orienter","numero":"A-1","nom":"CANARI"})").body;
  const auto id = sent["records"][0]["messages"][0]["message_id"].get<std::string>();
  const auto said = get("/v1/messages/" + id).body;
  EXPECT_EQ("accepted", said["state"]);
  EXPECT_EQ(42, said["position"]);
  EXPECT_EQ("dead", said["deliveries"][0]["state"]);
  EXPECT_EQ("delivery.too_many_attempts", said["deliveries"][0]["reason"]);
  EXPECT_EQ(404, get("/v1/messages/" + base::id_text(sdk::new_id())).status) << "only what was submitted here";
}

TEST_F(QuestionsTest, the_status_tells_that_all_is_well) {
  const auto status = get("/v1/status").body;
  EXPECT_EQ(true, status["ready"]);
  EXPECT_EQ(3, status["network_version"]);
  EXPECT_EQ("2027-01-15T08:00:00.000Z", status["outbox"]["oldest"]);
}

}  // namespace
}  // namespace relais::http
