// What somebody has to see to, and whether everybody answers, over HTTP.
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

using std::chrono::hours;

class SelfTest : public AdminTest {
 protected:
  json begin(json institutions, int status = 200) {
    return post("self-tests",
                {{"operator", "Camille"}, {"reason", "a new certificate"}, {"institutions", std::move(institutions)}},
                status);
  }

  /// caf-1's adapter acknowledges what it is given until the condition holds.
  bool acknowledge_until(const std::function<bool()>& condition) {
    engine_->tell(engine::SessionOpened{recipient_session_, {"caf-1"}});
    engine::Asked grant{recipient_session_, v1::Grant(), {}, {}};
    grant.grant->set_messages(1000);
    grant.grant->set_bytes(1 << 20);
    engine_->tell(std::move(grant));
    return comes([&] {
      const auto frame = letterbox_.frame();
      for (; settled_ < frame.deliveries_size(); ++settled_) {
        v1::Settle settle;
        settle.add_delivery_ids(frame.deliveries(settled_).delivery_id());
        settle.mutable_acknowledge();
        engine_->tell(engine::Asked{recipient_session_, std::nullopt, {settle}, {}});
      }
      return condition();
    });
  }
};

TEST_F(AdminTest, a_referral_that_nobody_moved_in_time_is_listed_with_its_reminders) {
  apply_network();
  request('a');
  request('b', 'd');
  EXPECT_EQ(get("orphans")["orphans"].size(), 0u);
  clock_.pass(hours(21));
  ASSERT_TRUE(comes([&] { return get("referrals?status=expired")["referrals"].size() == 2; }));
  EXPECT_EQ(get("orphans")["orphans"].size(), 0u) << "who asked has it again, and time to see it";
  clock_.pass(hours(11));
  ASSERT_TRUE(comes([&] { return get("orphans")["orphans"].size() == 2; }));
  const auto first = get("orphans?limit=1");
  EXPECT_EQ(first["orphans"][0]["reminders"], 1);
  EXPECT_EQ(first["orphans"][0]["status"], "expired");
  const auto second = get("orphans?limit=1&next=" + first["next"].get<std::string>());
  EXPECT_NE(first["orphans"][0]["referral_id"], second["orphans"][0]["referral_id"]);
  EXPECT_TRUE(second["next"].is_null());
  EXPECT_EQ(get("orphans?institution=cpam-1")["orphans"].size(), 0u);
  EXPECT_EQ(get("orphans?status=open", 400)["refused"]["field"], "status");
}

TEST_F(AdminTest, what_persons_asked_and_what_is_kept_is_empty_and_complete_at_first) {
  apply_network();
  const auto rights = get("rights");
  EXPECT_EQ(rights["requests"], json::array());
  EXPECT_TRUE(rights["next"].is_null());
  const auto retention = get("retention");
  EXPECT_EQ(retention["kept"]["messages"], 0);
  EXPECT_EQ(retention["complete"], true);
  EXPECT_EQ(get("rights?next=xyz", 400)["refused"]["field"], "next");
  EXPECT_EQ(get("retention?limit=1", 400)["refused"]["field"], "limit");
}

TEST_F(AdminTest, an_institution_whose_adapter_went_long_ago_is_silent_since_then) {
  apply_network();
  const auto gone = clock_.now();
  adapters_ = {{"files", "1", {"caf-1"}, false, gone, "disconnected"}, {"desk", "1", {"cpam-1"}, true, gone, ""}};
  clock_.pass(hours(5));
  const auto reasons = get("institutions/caf-1")["light"]["reasons"];
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0]["code"], "silent");
  EXPECT_EQ(base::to_ms(gone) % 1000, std::stoi(reasons[0]["since"].get<std::string>().substr(20, 3)));
  EXPECT_EQ(get("institutions/cpam-1")["light"]["colour"], "green");
  EXPECT_EQ(get("institutions/ccas-1")["light"]["reasons"][0]["code"], "silent") << "never seen since the start";
}

TEST_F(SelfTest, says_who_has_answered_and_how_fast) {
  apply_network();
  const auto begun = begin({"caf-1", "cpam-1"});
  const auto path = "self-tests/" + begun["message_id"].get<std::string>();
  const auto before = get(path);
  ASSERT_EQ(before["institutions"].size(), 2u);
  EXPECT_EQ(before["institutions"][0]["state"], "queued");
  EXPECT_TRUE(before["institutions"][0]["round_trip_ms"].is_null());
  ASSERT_TRUE(acknowledge_until([&] { return get(path)["institutions"][0]["state"] == "delivered"; }));
  const auto after = get(path);
  EXPECT_EQ(after["institutions"][0]["institution"], "caf-1");
  EXPECT_GE(after["institutions"][0]["round_trip_ms"], 0);
  EXPECT_LT(after["institutions"][0]["round_trip_ms"], 60'000);
  EXPECT_EQ(after["institutions"][1]["state"], "queued") << "its adapter is not there";
  const auto trace = get("messages/" + begun["message_id"].get<std::string>());
  EXPECT_EQ(trace["kind"], "connection_tested");
  EXPECT_EQ(trace["exercise"], true);
  const auto act = get("audit?action=connection.test")["acts"][0];
  EXPECT_EQ(act["operator"], "Camille");
  EXPECT_EQ(act["about"]["message_id"], begun["message_id"]);
}

TEST_F(SelfTest, without_names_is_one_of_the_whole_network) {
  EXPECT_EQ(begin(json::array(), 503)["refused"]["code"], "network.none");
  apply_network();
  const auto begun = begin(json::array());
  EXPECT_EQ(get("self-tests/" + begun["message_id"].get<std::string>())["institutions"].size(), 4u);
}

TEST_F(SelfTest, sends_nothing_when_something_is_wrong) {
  apply_network();
  const auto message = request('a');
  const auto position = store_.durable().position;
  const auto unknown = begin({"caf-1", "nobody"}, 400)["refused"];
  EXPECT_EQ(unknown["field"], "institutions[1]");
  EXPECT_EQ(begin({"caf-1", "caf-1"}, 400)["refused"]["field"], "institutions[1]");
  EXPECT_EQ(begin({"caf-1", 7}, 400)["refused"]["field"], "institutions[1]");
  EXPECT_EQ(begin("caf-1", 400)["refused"]["field"], "institutions");
  EXPECT_EQ(post("self-tests", {{"operator", "me"}}, 400)["refused"]["code"], "operator.reason_missing");
  EXPECT_EQ(post("self-tests", {{"to", "caf-1"}}, 400)["refused"]["field"], "to");
  EXPECT_EQ(store_.durable().position, position);
  EXPECT_EQ(get("self-tests/" + message, 404)["refused"]["code"], "not.found") << "another kind of message";
  EXPECT_EQ(get("self-tests/12", 404)["refused"]["code"], "not.found");
}

}  // namespace
}  // namespace relais::admin
