// Draining before an upgrade, over HTTP.
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

class DrainTest : public AdminTest {
 protected:
  json order(const std::string& path, const std::string& reason, int status = 200) {
    return post(path, {{"operator", "Camille"}, {"reason", reason}}, status);
  }

  int ready() {
    const auto answer = client_->Get("/ready");
    return answer ? answer->status : 0;
  }

  /// Gives caf-1's adapter what waits for it, and leaves it there.
  void take() {
    engine_->tell(engine::SessionOpened{recipient_session_, {"caf-1"}});
    engine::Asked grant{recipient_session_, v1::Grant(), {}, {}};
    grant.grant->set_messages(1000);
    grant.grant->set_bytes(1 << 20);
    engine_->tell(std::move(grant));
    EXPECT_TRUE(comes([&] { return letterbox_.frame().deliveries_size() == 1; }));
  }

  void acknowledge() {
    v1::Settle settle;
    settle.add_delivery_ids(letterbox_.frame().deliveries(0).delivery_id());
    settle.mutable_acknowledge();
    engine_->tell(engine::Asked{recipient_session_, std::nullopt, {settle}, {}});
  }
};

TEST_F(DrainTest, it_begins_and_ends_by_name_and_reason_and_the_journal_says_so) {
  apply_network();
  EXPECT_EQ(ready(), 200);
  EXPECT_EQ(order("drain", "", 400)["refused"]["code"], "operator.reason_missing");
  EXPECT_EQ(get("drain")["draining"], false);
  order("drain", "version 2");
  EXPECT_EQ(get("drain")["draining"], true);
  EXPECT_EQ(ready(), 503);
  order("drain/end", "not today");
  EXPECT_EQ(get("drain")["draining"], false);
  EXPECT_EQ(ready(), 200);
  const auto acts = get("audit")["acts"];
  ASSERT_EQ(acts.size(), 3u);
  EXPECT_EQ(acts[0]["action"], "broker.drain_end");
  EXPECT_EQ(acts[0]["reason"], "not today");
  EXPECT_EQ(acts[1]["action"], "broker.drain");
  EXPECT_EQ(acts[1]["operator"], "Camille");
}

TEST_F(DrainTest, it_says_when_nothing_is_in_flight) {
  apply_network();
  request('a');
  take();
  order("drain", "version 2");
  EXPECT_TRUE(comes([&] { return get("drain")["out_for_delivery"] == 1; }));
  EXPECT_EQ(get("drain")["nothing_in_flight"], false);
  acknowledge();
  EXPECT_TRUE(comes([&] { return get("drain")["nothing_in_flight"] == true; }));
  EXPECT_EQ(get("drain")["out_for_delivery"], 0);
  order("drain/end", "done");
  EXPECT_EQ(get("drain")["nothing_in_flight"], false) << "messages may come again";
}

}  // namespace
}  // namespace relais::admin
