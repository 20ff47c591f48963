// What operators did, as the journal says it, and whether the chain is whole.
#include "broker/admin/json.h"
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

/// The reasons of all pages, one after another.
std::vector<std::string> reasons_of(const std::function<json(const std::string&)>& get, const std::string& path) {
  std::vector<std::string> reasons;
  std::string next;
  do {
    const auto page = get(path + next);
    for (const auto& act : page["acts"]) reasons.push_back(act["reason"]);
    next = page["next"].is_null() ? "" : "&next=" + page["next"].dump();
  } while (!next.empty() && reasons.size() < 100);
  return reasons;
}

class AuditTest : public AdminTest {
 protected:
  /// Three dead letters, of which Camille puts one back and gives up another, and Dominique the third.
  void act() {
    apply_network();
    for (const char referral : {'a', 'b', 'c'}) request(referral);
    reject_all(3);
    leave();
    const auto letters = get("dead-letters")["dead_letters"];
    order(letters[0], "requeue", "Camille", "first");
    order(letters[1], "discard", "Camille", "second");
    order(letters[2], "discard", "Dominique", "third");
    put_back_ = letters[0]["message_id"];
  }

  void order(const json& letter, const std::string& action, const std::string& name, const std::string& reason) {
    post("dead-letters/" + action, {{"operator", name},
                                    {"reason", reason},
                                    {"recipient", letter["recipient"]},
                                    {"position", letter["position"]},
                                    {"ordinal", letter["ordinal"]}});
  }

  std::vector<std::string> reasons(const std::string& path) {
    return reasons_of([&](const auto& asked) { return get(asked); }, path);
  }

  std::string put_back_;
};

using Texts = std::vector<std::string>;

TEST_F(AuditTest, every_act_is_told_once_the_newest_first_however_long_the_pages) {
  act();
  for (const std::string limit : {"1", "2", "3", "50"})
    EXPECT_EQ(reasons("audit?limit=" + limit), (Texts{"third", "second", "first", "test"})) << limit;
}

TEST_F(AuditTest, an_act_says_who_when_what_and_why) {
  act();
  const auto acts = get("audit")["acts"];
  ASSERT_EQ(acts.size(), 4u);
  EXPECT_EQ(acts[2]["operator"], "Camille");
  EXPECT_EQ(acts[2]["action"], "dead_letter.requeue");
  EXPECT_EQ(acts[2]["about"]["message_id"], put_back_);
  EXPECT_EQ(acts[2]["about"]["recipient"], "caf-1");
  EXPECT_TRUE(parse_iso_time(acts[2]["at"].get<std::string>()).has_value());
  EXPECT_EQ(acts[3]["action"], "network.apply");
  EXPECT_EQ(acts[3]["about"]["network_version"], get("status")["network"]["version"]);
}

TEST_F(AuditTest, acts_are_found_by_operator_action_and_time) {
  act();
  EXPECT_EQ(reasons("audit?operator=Camille"), (Texts{"second", "first"}));
  EXPECT_EQ(reasons("audit?operator=Camille&action=dead_letter.discard"), (Texts{"second"}));
  EXPECT_EQ(reasons("audit?operator=nobody"), Texts{});
  EXPECT_EQ(reasons("audit?until=2020-01-01T00:00:00Z"), Texts{});
  EXPECT_EQ(reasons("audit?from=2020-01-01T00:00:00Z").size(), 4u);
  EXPECT_EQ(reasons("audit?from=2100-01-01T00:00:00Z"), Texts{});
  const auto third_at = get("audit")["acts"][0]["at"].get<std::string>();
  EXPECT_EQ(reasons("audit?from=" + third_at).front(), "third");
}

TEST_F(AuditTest, what_is_asked_wrongly_is_refused) {
  EXPECT_EQ(get("audit?limit=0", 400)["refused"]["field"], "limit");
  EXPECT_EQ(get("audit?from=yesterday", 400)["refused"]["field"], "from");
  EXPECT_EQ(get("audit?who=me", 400)["refused"]["field"], "who");
  EXPECT_EQ(get("audit/chain?from=0", 400)["refused"]["field"], "from");
}

TEST_F(AuditTest, an_empty_journal_has_no_acts_and_nothing_to_check) {
  EXPECT_TRUE(get("audit")["acts"].empty());
  EXPECT_TRUE(get("audit")["next"].is_null());
  const auto chain = get("audit/chain");
  EXPECT_EQ(chain["end"], 0);
  EXPECT_EQ(chain["reached"], 0);
}

TEST_F(AuditTest, the_chain_is_checked_up_to_its_end_and_goes_on_behind_it) {
  act();
  const auto chain = get("audit/chain");
  EXPECT_EQ(chain["reached"], store_.durable().position);
  EXPECT_EQ(chain["end"], store_.durable().position);
  EXPECT_EQ(chain["hash"], base::hex(base::view(store_.durable().hash)));
  EXPECT_TRUE(chain["damaged"].is_null());
  const auto behind = get("audit/chain?from=" + std::to_string(store_.durable().position + 1));
  EXPECT_EQ(behind["reached"], store_.durable().position);
}

TEST_F(AuditTest, a_damaged_record_is_told_with_what_still_fits_before_it) {
  act();
  store_.damage_record(3);
  const auto chain = get("audit/chain");
  EXPECT_EQ(chain["reached"], 2);
  EXPECT_EQ(chain["damaged"]["code"], "journal.damaged");
  EXPECT_EQ(get("audit", 500)["refused"]["code"], "journal.damaged");
}

}  // namespace
}  // namespace relais::admin
