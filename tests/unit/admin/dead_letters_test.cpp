// Actions on dead letters, one or many: what a dry run says is what the action does, and no more.
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

class DeadLettersTest : public AdminTest {
 protected:
  void make_dead(int count) {
    apply_network();
    for (int i = 0; i < count; ++i) request(static_cast<char>('a' + i));
    reject_all(static_cast<std::size_t>(count));
    leave();
  }

  json many(json body, int status = 200) {
    body["operator"] = "Camille";
    body["reason"] = "their software was repaired";
    return post("dead-letters/many", body, status);
  }

  std::size_t dead() { return get("dead-letters")["dead_letters"].size(); }
};

TEST_F(DeadLettersTest, a_dry_run_says_what_would_happen_and_does_nothing) {
  make_dead(3);
  const auto position = store_.durable().position;
  const auto said =
      post("dead-letters/many", {{"action", "requeue"}, {"filter", {{"recipient", "caf-1"}}}, {"dry_run", true}});
  EXPECT_EQ(said["matching"], 3);
  EXPECT_EQ(said["everything"], true);
  EXPECT_EQ(said["sample"].size(), 3u);
  ASSERT_EQ(said["groups"].size(), 1u);
  EXPECT_EQ(said["groups"][0]["reason"], "delivery.rejected");
  EXPECT_EQ(said["groups"][0]["adapters_connected"], 0);
  EXPECT_EQ(store_.durable().position, position);
  EXPECT_EQ(dead(), 3u);
}

TEST_F(DeadLettersTest, a_filter_that_touches_everything_asks_first) {
  make_dead(2);
  for (const json& filter : {json::object(), json{{"recipient", "caf-1"}}}) {
    const auto refused = many({{"action", "discard"}, {"filter", filter}}, 409)["refused"];
    EXPECT_EQ(refused["code"], "filter.everything");
    EXPECT_EQ(refused["field"], "everything");
    EXPECT_NE(refused["english"].get<std::string>().find(": 2"), std::string::npos) << "says how many";
  }
  EXPECT_EQ(dead(), 2u);
  const auto done = many({{"action", "discard"}, {"everything", true}});
  EXPECT_EQ(done["done"], 2);
  EXPECT_TRUE(done["next"].is_null());
  EXPECT_EQ(dead(), 0u);
  EXPECT_EQ(get("overview")["totals"]["real"]["discarded"], 2);
}

TEST_F(DeadLettersTest, what_died_after_the_dry_run_is_left_alone) {
  make_dead(1);
  const auto said = post("dead-letters/many", {{"action", "requeue"}, {"dry_run", true}});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  request('z');
  reject_all(2);
  leave();
  const auto done = many({{"action", "requeue"}, {"until", said["until"]}});
  EXPECT_EQ(done["done"], 1);
  EXPECT_EQ(dead(), 1u);
}

TEST_F(DeadLettersTest, a_requeued_message_tells_who_put_it_back_and_why) {
  make_dead(1);
  const auto letter = get("dead-letters")["dead_letters"][0];
  many({{"action", "requeue"}, {"filter", {{"reason", "delivery.rejected"}}}});
  const auto trace = get("messages/" + letter["message_id"].get<std::string>());
  EXPECT_EQ(trace["deliveries"][0]["state"], "queued");
  const auto& last = trace["steps"].back();
  EXPECT_EQ(last["event"], "requeued");
  EXPECT_EQ(last["detail"], "Camille: their software was repaired");
}

TEST_F(DeadLettersTest, what_is_no_longer_there_is_said_so) {
  make_dead(1);
  const auto letter = get("dead-letters")["dead_letters"][0];
  json one{{"operator", "Camille"},
           {"reason", "again"},
           {"recipient", letter["recipient"]},
           {"position", letter["position"]},
           {"ordinal", letter["ordinal"]}};
  EXPECT_GT(post("dead-letters/requeue", one)["position"], 0);
  EXPECT_EQ(post("dead-letters/requeue", one, 404)["refused"]["code"], "dead_letter.unknown");
}

TEST_F(DeadLettersTest, an_action_needs_a_name_and_a_reason_and_nothing_unknown) {
  make_dead(1);
  EXPECT_EQ(post("dead-letters/many", {{"action", "discard"}, {"operator", "me"}}, 400)["refused"]["code"],
            "operator.reason_missing");
  EXPECT_EQ(many({{"action", "erase"}}, 400)["refused"]["field"], "action");
  EXPECT_EQ(many({{"action", "discard"}, {"dry_run", "yes"}}, 400)["refused"]["field"], "dry_run");
  EXPECT_EQ(many({{"action", "discard"}, {"filter", {{"person", "x"}}}}, 400)["refused"]["field"], "filter.person");
  EXPECT_EQ(many({{"action", "discard"}, {"filtre", json::object()}}, 400)["refused"]["field"], "filtre");
  EXPECT_EQ(dead(), 1u);
}

TEST_F(DeadLettersTest, they_come_in_pages_and_counted_by_reason) {
  make_dead(3);
  const auto first = get("dead-letters?limit=2");
  EXPECT_EQ(first["dead_letters"].size(), 2u);
  const auto second = get("dead-letters?limit=2&next=" + first["next"].get<std::string>());
  EXPECT_EQ(second["dead_letters"].size(), 1u);
  EXPECT_TRUE(second["next"].is_null());
  const auto reasons = get("dead-letters/reasons");
  EXPECT_EQ(reasons["count"], 3);
  EXPECT_EQ(reasons["groups"][0]["count"], 3);
  EXPECT_EQ(get("dead-letters?sender=caf-1")["dead_letters"].size(), 0u);
  EXPECT_EQ(get("dead-letters?kind=referral_requested")["dead_letters"].size(), 3u);
}

}  // namespace
}  // namespace relais::admin
