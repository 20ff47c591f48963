// Pausing an institution and going on, over HTTP: what is asked, what is refused, where it shows.
#include "broker/admin/json.h"
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

using std::chrono::days;
using std::chrono::hours;

class PauseTest : public AdminTest {
 protected:
  PauseTest() { apply_network(); }

  [[nodiscard]] std::string at(base::Milliseconds ahead) const { return iso_time(clock_.now() + ahead); }

  json order(const json& more = json::object()) const {
    json body{{"operator", "Camille"}, {"reason", "update of the software"}, {"institution", "caf-1"}};
    body.update(more);
    return body;
  }

  std::string refusal(const std::string& path, const json& body, int status) {
    return post(path, body, status)["refused"].value("code", "");
  }

  std::string metrics() { return client_->Get("/metrics", signed_in())->body; }
};

TEST_F(PauseTest, is_seen_wherever_the_institution_is_and_ends_when_told) {
  request('r');
  const auto until = at(hours(3));
  EXPECT_GT(post("pauses", order({{"until", until}}))["position"], 0);
  for (const auto& pause : {get("institutions/caf-1")["pause"], get("pauses")["pauses"][0]}) {
    EXPECT_EQ(pause["until"], until);
    EXPECT_EQ(pause["in_force"], true);
    EXPECT_EQ(pause["operator"], "Camille");
    EXPECT_EQ(pause["reason"], "update of the software");
  }
  EXPECT_EQ(get("pauses")["pauses"][0]["institution"], "caf-1");
  const auto light = get("institutions/caf-1")["light"];
  EXPECT_EQ(light["colour"], "amber");
  EXPECT_EQ(light["reasons"], json::array({{{"code", "maintenance"}, {"colour", "amber"}, {"at", until}}}));
  EXPECT_TRUE(get("institutions/cpam-1")["pause"].is_null());
  EXPECT_NE(metrics().find("relais_institution_paused{institution=\"caf-1\"} 1"), std::string::npos);
  EXPECT_NE(metrics().find("relais_institution_paused{institution=\"cpam-1\"} 0"), std::string::npos);

  post("pauses/end", order());
  EXPECT_TRUE(get("institutions/caf-1")["pause"].is_null());
  EXPECT_TRUE(get("pauses")["pauses"].empty());
  EXPECT_EQ(get("institutions/caf-1")["light"]["reasons"][0]["code"], "no_adapter");
  EXPECT_NE(metrics().find("relais_institution_paused{institution=\"caf-1\"} 0"), std::string::npos);

  const auto acts = get("audit")["acts"];
  EXPECT_EQ(acts[0]["action"], "institution.resume");
  EXPECT_EQ(acts[0]["about"]["institution"], "caf-1");
  EXPECT_EQ(acts[1]["action"], "institution.pause");
  EXPECT_EQ(acts[1]["operator"], "Camille");
  EXPECT_EQ(acts[1]["about"]["institution"], "caf-1");
}

TEST_F(PauseTest, that_is_announced_leaves_the_light_as_it_is_and_then_comes_and_goes_by_itself) {
  request('r');
  post("pauses", order({{"from", at(days(1))}, {"until", at(days(2))}}));
  EXPECT_EQ(get("institutions/caf-1")["pause"]["in_force"], false);
  EXPECT_EQ(get("institutions/caf-1")["light"]["reasons"][0]["code"], "no_adapter");
  clock_.pass(days(1) + hours(1));
  EXPECT_TRUE(comes([&] { return get("institutions/caf-1")["pause"].value("in_force", false); }));
  clock_.pass(days(1));
  EXPECT_TRUE(comes([&] { return get("institutions/caf-1")["pause"].is_null(); }));
}

TEST_F(PauseTest, is_refused_by_field_where_it_makes_no_sense) {
  EXPECT_EQ(refusal("pauses", order(), 400), "input.invalid");
  EXPECT_EQ(refusal("pauses", order({{"until", "tomorrow"}}), 400), "input.invalid");
  EXPECT_EQ(refusal("pauses", order({{"until", at(hours(1))}, {"for", "1h"}}), 400), "input.invalid");
  EXPECT_EQ(refusal("pauses", order({{"until", at(hours(-1))}}), 422), "pause.in_the_past");
  EXPECT_EQ(refusal("pauses", order({{"from", at(hours(3))}, {"until", at(hours(2))}}), 422), "pause.times");
  const auto too_long = post("pauses", order({{"until", at(days(8))}}), 422)["refused"];
  EXPECT_EQ(too_long["code"], "pause.too_long");
  EXPECT_EQ(too_long["field"], "until");
  EXPECT_NE(too_long["french"].get<std::string>().find("7 jours"), std::string::npos) << too_long;
  EXPECT_EQ(refusal("pauses", order({{"institution", "nobody"}, {"until", at(hours(1))}}), 404), "not.found");
  EXPECT_EQ(refusal("pauses", order({{"reason", ""}, {"until", at(hours(1))}}), 400), "operator.reason_missing");
  EXPECT_EQ(refusal("pauses/end", order(), 409), "pause.none");
  EXPECT_TRUE(get("pauses")["pauses"].empty());
}

}  // namespace
}  // namespace relais::admin
