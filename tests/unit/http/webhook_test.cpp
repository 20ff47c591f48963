#include <queue>

#include "tests/unit/http/http_fixture.h"

namespace relais::http {
namespace {

using std::chrono::seconds;
using testing::SizeIs;

constexpr const char* kWebhook = R"(
[exchange.webhook]
url = "http://127.0.0.1:1/relais"
secret_files = ["secret"]
retry_first = "10s"
refuse = ["422"]
reference = "/numero"
)";

/// Answers what it is told to; the real way there is tests/integration/http.
class Told final : public Poster {
 public:
  base::Result<SoftwareAnswer> post(const Headers& headers, const std::string& body) override {
    posts.push_back({{headers.begin(), headers.end()}, body});
    auto answer = answers.front();
    if (answers.size() > 1) answers.pop();
    return answer;
  }
  void stop() override {}

  struct Post {
    std::map<std::string, std::string> headers;
    std::string body;
  };
  std::vector<Post> posts;
  std::queue<base::Result<SoftwareAnswer>> answers;
};

class StillClock final : public base::Clock {
 public:
  [[nodiscard]] base::Instant now() const override { return at; }
  base::Instant at = base::from_ms(1'800'000'000'000);
};

class WebhookTest : public HttpTest {
 protected:
  explicit WebhookTest(const std::string& more = {}) : HttpTest(std::string(kSettings) + kWebhook + more) { restart(); }

  void restart() {
    auto poster = std::make_unique<Told>();
    software_ = poster.get();
    exchange_ =
        std::make_unique<Exchange>(post_, questions_, config_.exchanges.front(), *vault_, still_, std::move(poster));
  }

  sdk::Verdict take(const sdk::Incoming& message, base::Result<SoftwareAnswer> answer) {
    software_->answers = {};
    software_->answers.push(std::move(answer));
    return exchange_->take(message);
  }
  static SoftwareAnswer said(int status, const std::string& body = "{}", const std::string& retry_after = {}) {
    return {status, "application/json", body, retry_after};
  }
  static base::Refusal away() { return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "away"}}); }

  StillClock still_;
  Told* software_ = nullptr;
};

TEST_F(WebhookTest, a_message_is_handled_when_the_software_says_so_and_its_number_is_kept_with_it) {
  const auto message = request("CANARI", 1);
  const auto verdict = take(message, said(201, R"({"numero": 4711})"));
  ASSERT_EQ(sdk::Verdict::Kind::handled, verdict.kind);
  ASSERT_TRUE(post_.store().write(verdict.notes).ok());
  EXPECT_EQ(message.envelope.referral_id(),
            sdk::Links(post_.store()).id("ccas-25056", sdk::LinkKind::referral, "4711"));
  const auto& post = software_->posts.at(0);
  EXPECT_EQ(Believed::yes, verify(config_.exchanges[0].webhook->secrets,
                                  {post.headers.at("webhook-id"), post.headers.at("webhook-timestamp"),
                                   post.headers.at("webhook-signature")},
                                  post.body, still_.now(), seconds(0)));
  const auto event = Json::parse(post.body);
  EXPECT_EQ("referral_requested", event["type"]);
  EXPECT_EQ("CANARI", event["data"]["data"]["contents"]["identity"]["family_name"]);
  EXPECT_FALSE(exchange_->inbox().waits("")) << "nothing of it stays here";
}

TEST_F(WebhookTest, the_broker_keeps_what_the_software_did_not_take_and_the_id_stays_the_same) {
  auto message = request("CANARI", 1);
  auto verdict = take(message, said(400));
  EXPECT_EQ(sdk::Verdict::Kind::retry, verdict.kind);
  EXPECT_EQ("software.status_400", verdict.reason);
  EXPECT_GE(verdict.after, seconds(8));
  EXPECT_LE(verdict.after, seconds(10));
  message.attempt = 4;
  verdict = take(message, said(400));
  EXPECT_GE(verdict.after, seconds(64));
  EXPECT_LE(verdict.after, seconds(80));
  EXPECT_EQ(software_->posts.at(0).headers.at("webhook-id"), software_->posts.at(1).headers.at("webhook-id"));
}

TEST_F(WebhookTest, a_software_that_is_away_is_not_asked_for_each_message) {
  EXPECT_EQ("software.away", take(request("A", 1), away()).reason);
  const auto other = take(request("B", 2), said(200));
  EXPECT_EQ(sdk::Verdict::Kind::retry, other.kind);
  EXPECT_EQ("software.away", other.reason);
  EXPECT_THAT(software_->posts, SizeIs(1));
  still_.at += seconds(11);
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("C", 3), said(200)).kind);
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("D", 4), said(200)).kind);
}

TEST_F(WebhookTest, one_message_that_is_not_wanted_does_not_hold_up_the_next) {
  EXPECT_EQ(sdk::Verdict::Kind::retry, take(request("A", 1), said(409)).kind);
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("B", 2), said(200)).kind);
}

TEST_F(WebhookTest, a_pause_that_the_software_asks_for_is_kept) {
  EXPECT_GE(take(request("A", 1), said(503, "", "120")).after, seconds(120));
  still_.at += seconds(119);
  EXPECT_EQ("software.away", take(request("B", 2), said(200)).reason);
  still_.at += seconds(1);
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("C", 3), said(200)).kind);
}

TEST_F(WebhookTest, what_the_settings_call_refused_is_told_to_its_sender) {
  const auto verdict = take(request("A", 1), said(422));
  EXPECT_EQ(sdk::Verdict::Kind::reject, verdict.kind);
  EXPECT_EQ("software.status_422", verdict.reason);
}

TEST_F(WebhookTest, gone_switches_it_off_also_after_a_restart_until_somebody_switches_it_on) {
  EXPECT_EQ("webhook.gone", take(request("A", 1), said(410)).reason);
  EXPECT_EQ("webhook.disabled", take(request("B", 2), said(200)).reason);
  restart();
  EXPECT_EQ("webhook.disabled", take(request("C", 3), said(200)).reason);
  EXPECT_THAT(software_->posts, SizeIs(0));
  EXPECT_FALSE(exchange_->webhook()->health().enabled);
  start();
  EXPECT_EQ(false, get("/v1/status").body["webhook"]["enabled"]);
  EXPECT_EQ(true, post("/v1/webhook/enable", "").body["enabled"]);
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("D", 4), said(200)).kind);
}

TEST_F(WebhookTest, another_address_is_another_webhook) {
  (void)take(request("A", 1), said(410));
  config_.exchanges[0].webhook->poster.target = *read_target("http://127.0.0.1:1/autre");
  restart();
  EXPECT_EQ(sdk::Verdict::Kind::handled, take(request("B", 2), said(200)).kind);
}

TEST_F(WebhookTest, the_receipt_follows_the_softwares_answer_where_the_adapter_is_to_say_it) {
  config_.exchanges[0].own_receipts = true;
  restart();
  EXPECT_THAT(take(request("A", 1), said(409)).replies, SizeIs(0));
  const auto verdict = take(request("B", 2), said(200));
  ASSERT_THAT(verdict.replies, SizeIs(1));
  EXPECT_TRUE(verdict.replies[0].envelope.has_referral_received());
}

class MappedWebhook : public WebhookTest {
 protected:
  MappedWebhook() : WebhookTest("[exchange.receive]\nmapping = \"mapping.toml\"\n") {}
};

TEST_F(MappedWebhook, what_the_record_has_no_place_for_is_told_when_the_software_took_it) {
  auto message = request("X", 1);
  message.envelope.mutable_referral_requested()->set_service_need("mobilite");
  testing::internal::CaptureStderr();
  (void)take(message, said(409));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(testing::HasSubstr("field not carried")));
  testing::internal::CaptureStderr();
  (void)take(message, said(200));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("field=body.service_need"));
  EXPECT_EQ(1U, post_.not_carried);
}

}  // namespace
}  // namespace relais::http
