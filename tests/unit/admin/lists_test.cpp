// Lists of messages, referrals and dead letters: in pages that together hold everything once, and filters that are
// checked.
#include <set>

#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

/// The ids of all pages, one after another.
std::vector<std::string> walk(const std::function<json(const std::string&)>& get, const std::string& path,
                              const std::string& list, const std::string& id) {
  std::vector<std::string> ids;
  std::string next;
  do {
    const auto page = get(path + (next.empty() ? "" : "&next=" + next));
    for (const auto& entry : page[list]) ids.push_back(entry[id]);
    next = page["next"].is_null()     ? ""
           : page["next"].is_string() ? page["next"].get<std::string>()
                                      : page["next"].dump();
  } while (!next.empty() && ids.size() < 100);
  return ids;
}

TEST_F(AdminTest, pages_of_messages_hold_each_of_them_once_the_newest_first) {
  apply_network();
  std::vector<std::string> sent;
  for (char referral = 'a'; referral < 'h'; ++referral) sent.insert(sent.begin(), request(referral));
  EXPECT_EQ(walk([&](const auto& path) { return get(path); }, "messages?limit=2", "messages", "message_id"), sent);
}

TEST_F(AdminTest, messages_are_found_by_referral_case_agreement_institution_kind_and_state) {
  apply_network();
  const auto first = request('a', 'x');
  const auto second = request('b', 'y');
  const auto only = [&](const std::string& filter) {
    const auto page = get("messages?" + filter);
    return page["messages"].size() == 1 ? page["messages"][0]["message_id"].get<std::string>()
                                        : std::to_string(page["messages"].size()) + " messages";
  };
  EXPECT_EQ(only("referral=" + base::id_text(std::string(16, 'a'))), first);
  EXPECT_EQ(only("case=" + base::id_text(std::string(16, 'y'))), second);
  EXPECT_EQ(get("messages?institution=caf-1&kind=referral_requested&state=queued")["messages"].size(), 2u);
  EXPECT_EQ(get("messages?institution=cpam-1")["messages"].size(), 0u);
  const std::string agreement = get("referrals")["referrals"][0]["agreement"];
  const auto under = get("messages?agreement=" + agreement)["messages"];
  ASSERT_EQ(under.size(), 2u);
  EXPECT_EQ(under[0]["agreement"], agreement);
  EXPECT_EQ(get("messages?agreement=nobodys")["messages"].size(), 0u);
  EXPECT_EQ(get("messages?state=dead")["messages"].size(), 0u);
  EXPECT_EQ(get("messages?until=2020-01-01T00:00:00Z")["messages"].size(), 0u);
  EXPECT_EQ(get("messages?from=2020-01-01T00:00:00.000Z")["messages"].size(), 2u);
}

TEST_F(AdminTest, an_id_is_told_by_what_it_is_the_id_of) {
  apply_network();
  const auto message = request('a', 'x');
  EXPECT_EQ(get("ids/" + message)["message"], true);
  const auto referral = get("ids/" + base::id_text(std::string(16, 'a')));
  EXPECT_EQ(referral["referral"], true);
  EXPECT_EQ(referral["message"], false);
  EXPECT_EQ(get("ids/" + base::id_text(std::string(16, 'x')))["case"], true);
  EXPECT_EQ(get("ids/12", 400)["refused"]["field"], "id");
}

TEST_F(AdminTest, open_referrals_come_in_pages_by_their_deadline) {
  apply_network();
  for (char referral = 'a'; referral < 'f'; ++referral) request(referral);
  const auto ids = walk([&](const auto& path) { return get(path); }, "referrals?limit=2", "referrals", "referral_id");
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 5u);
  const auto page = get("referrals?institution=ccas-1&status=requested");
  ASSERT_EQ(page["referrals"].size(), 5u);
  std::string before;
  for (const auto& referral : page["referrals"]) {
    EXPECT_LE(before, referral["deadline"].get<std::string>());
    before = referral["deadline"];
    EXPECT_FALSE(referral["holder"].get<std::string>().empty());
  }
  EXPECT_EQ(get("referrals?institution=cpam-1")["referrals"].size(), 0u);
  EXPECT_EQ(get("referrals?status=accepted")["referrals"].size(), 0u);
}

TEST_F(AdminTest, a_parameter_that_is_wrong_or_unknown_is_named) {
  apply_network();
  for (const auto& [path, field] : std::map<std::string, std::string>{{"messages?limit=0", "limit"},
                                                                      {"messages?limit=501", "limit"},
                                                                      {"messages?limit=2x", "limit"},
                                                                      {"messages?next=-1", "next"},
                                                                      {"messages?case=zz", "case"},
                                                                      {"messages?kind=referral", "kind"},
                                                                      {"messages?state=lost", "state"},
                                                                      {"messages?from=yesterday", "from"},
                                                                      {"messages?from=2026-02-30T00:00:00Z", "from"},
                                                                      {"messages?colour=red", "colour"},
                                                                      {"referrals?status=open", "status"},
                                                                      {"referrals?next=0g", "next"},
                                                                      {"dead-letters?kind=x", "kind"},
                                                                      {"overview?x=1", "x"}}) {
    const auto refused = get(path, 400)["refused"];
    EXPECT_EQ(refused["code"], "input.invalid") << path;
    EXPECT_EQ(refused["field"], field) << path;
  }
}

TEST_F(AdminTest, the_overview_counts_exercises_apart) {
  apply_network();
  request('a');
  request('b', 'c', true);
  const auto overview = get("overview");
  EXPECT_EQ(overview["totals"]["real"]["queued"], 1);
  EXPECT_EQ(overview["totals"]["exercise"]["queued"], 1);
  EXPECT_EQ(overview["institutions"].size(), 4u);
  EXPECT_EQ(overview["oldest"]["institution"], "caf-1");
  const auto page = get("institutions/caf-1");
  EXPECT_EQ(page["light"]["colour"], "red");
  EXPECT_EQ(page["light"]["reasons"][0]["code"], "no_adapter");
  EXPECT_EQ(page["adapters"].size(), 0u);
  adapters_ = {{"files", "1", {"caf-1"}, true, clock_.now(), ""}};
  EXPECT_EQ(get("institutions/caf-1")["adapters"][0]["name"], "files");
  EXPECT_EQ(get("institutions/nobody", 404)["refused"]["code"], "not.found");
}

TEST_F(AdminTest, without_a_network_the_pages_say_so) {
  EXPECT_EQ(get("overview")["broker"]["light"]["reasons"][0]["code"], "no_network");
  EXPECT_EQ(get("agreements", 503)["refused"]["code"], "network.none");
  EXPECT_EQ(get("institutions/caf-1", 503)["refused"]["code"], "network.none");
}

TEST_F(AdminTest, agreements_say_who_may_send_what_to_whom) {
  apply_network();
  const auto answer = get("agreements");
  EXPECT_EQ(answer["institutions"].size(), 4u);
  ASSERT_FALSE(answer["agreements"].empty());
  const auto& agreement = answer["agreements"][0];
  EXPECT_EQ(agreement["state"], "valid");
  ASSERT_FALSE(agreement["directions"].empty());
  EXPECT_EQ(agreement["directions"][0]["messages"], 0);
  EXPECT_TRUE(agreement["directions"][0]["last_at"].is_null());
  EXPECT_FALSE(agreement["purposes"][0]["categories"].empty());
}

TEST_F(AdminTest, agreements_say_what_went_under_them_in_which_direction_and_when_last) {
  apply_network();
  request('a');
  request('b', 'd');
  request('e', 'e', true);
  const auto answer = get("agreements");
  for (const auto& agreement : answer["agreements"])
    for (const auto& way : agreement["directions"]) {
      const bool used = way["from"] == "ccas-1" && way["to"] == "caf-1";
      EXPECT_EQ(way["messages"], used ? 2 : 0) << way << ": exercises are not counted";
      EXPECT_EQ(way["last_at"].is_string(), used) << way;
    }
}

}  // namespace
}  // namespace relais::admin
