#include "adapters/http/answer_judge.h"

#include <gtest/gtest.h>

#include "adapters/http/pace.h"
#include "adapters/http/target.h"

namespace relais::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

SoftwareAnswer said(int status, std::string type = "application/json", std::string body = "{}") {
  return {status, std::move(type), std::move(body), {}};
}

TEST(AnswerJudge, two_hundreds_are_a_success_but_a_proxys_page_is_not) {
  const JudgeRule rule;
  EXPECT_EQ(Judgement::success, judge(rule, said(204, "", "")).judgement);
  const auto page = judge(rule, said(200, "Text/HTML; charset=utf-8", "<html>"));
  EXPECT_EQ(Judgement::failure, page.judgement);
  EXPECT_EQ("software.answer_type", page.reason);
  EXPECT_TRUE(page.of_the_software);
}

TEST(AnswerJudge, a_failure_of_this_message_does_not_hold_up_the_others) {
  const JudgeRule rule;
  for (const int status : {302, 401, 404, 429, 500, 503})
    EXPECT_TRUE(judge(rule, said(status)).of_the_software) << status;
  for (const int status : {400, 409, 422}) {
    const auto judged = judge(rule, said(status));
    EXPECT_EQ(Judgement::failure, judged.judgement);
    EXPECT_FALSE(judged.of_the_software) << status;
  }
}

TEST(AnswerJudge, gone_and_refused_are_what_the_settings_say) {
  JudgeRule rule;
  EXPECT_EQ(Judgement::gone, judge(rule, said(410)).judgement);
  rule.refuse = {{422, 422}};
  EXPECT_EQ(Judgement::refused, judge(rule, said(422)).judgement);
  EXPECT_EQ("software.status_422", judge(rule, said(422)).reason);
  rule.gone = {{404, 404}};
  EXPECT_EQ(Judgement::failure, judge(rule, said(410)).judgement);
}

TEST(AnswerJudge, a_condition_on_the_answers_content_must_hold_too) {
  JudgeRule rule;
  rule.success_if = {"/resultat/code", {"0", "doublon"}};
  EXPECT_EQ(Judgement::success, judge(rule, said(200, "application/json", R"({"resultat":{"code":0}})")).judgement);
  EXPECT_EQ(Judgement::success, judge(rule, said(200, "", R"({"resultat":{"code":"doublon"}})")).judgement);
  for (const auto* const body : {R"({"resultat":{"code":1}})", R"({"resultat":{}})", "", "pas du JSON", "[]"})
    EXPECT_EQ("software.answer_content", judge(rule, said(200, "application/json", body)).reason) << body;
}

TEST(AnswerJudge, statuses_are_read_strictly) {
  EXPECT_EQ(200, status_range("2xx")->least);
  EXPECT_EQ(299, status_range("2xx")->most);
  EXPECT_EQ(204, status_range("204")->most);
  for (const auto* const text : {"", "2x", "20", "2000", "6xx", "0xx", "+20", "2xX", "abc"})
    EXPECT_FALSE(status_range(text)) << text;
}

TEST(Pace, pauses_double_up_to_an_hour_and_vary_by_a_fifth) {
  EXPECT_EQ(seconds(5), pause_after(1, seconds(5), 0));
  EXPECT_EQ(seconds(20), pause_after(3, seconds(5), 0));
  EXPECT_EQ(hours(1), pause_after(200, seconds(5), 0));
  EXPECT_EQ(hours(1), pause_after(4'000'000'000U, seconds(5), 0));
  EXPECT_LT(pause_after(3, seconds(5), 999), seconds(17));
  EXPECT_GE(pause_after(3, seconds(5), 999), seconds(16));
  // The broker gives up after 200 attempts: a week must fit in.
  milliseconds all{0};
  for (std::uint32_t attempt = 1; attempt < 200; ++attempt) all += pause_after(attempt, seconds(5), 500);
  EXPECT_GT(all, hours(24 * 7));
}

TEST(WebhookTarget, an_address_is_cut_into_origin_and_path) {
  const auto target = read_target("https://logiciel.example:8443/relais/evenements?x=1");
  ASSERT_TRUE(target);
  EXPECT_EQ("https://logiciel.example:8443", target->origin);
  EXPECT_EQ("/relais/evenements?x=1", target->path);
  EXPECT_TRUE(target->secure);
  EXPECT_FALSE(target->loopback);
  EXPECT_EQ("/", read_target("http://127.0.0.1:80")->path);
  EXPECT_EQ("/?x", read_target("http://localhost?x")->path);
  EXPECT_TRUE(read_target("http://[::1]:80/")->loopback);
  EXPECT_FALSE(is_loopback("127.0.0.1.example"));
  for (const auto* const url : {"", "ftp://x/", "https://", "https://u:p@x/", "https://x/#y", "https://x:0/",
                                "https://x:70000/", "https://x:/", "https:// x/", "https://x/\n"})
    EXPECT_FALSE(read_target(url)) << url;
}

}  // namespace
}  // namespace relais::http
