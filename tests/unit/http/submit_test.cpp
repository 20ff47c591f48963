#include "tests/unit/http/http_fixture.h"

namespace relais::http {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kOne = R"({"action":"orienter","numero":"A-1","nom":"CANARI"})";

class Submissions : public HttpTest {
 protected:
  void SetUp() override { start(); }
};

TEST_F(Submissions, a_referral_is_in_the_outbox_when_it_is_answered) {
  const auto said = submit(kOne);
  ASSERT_EQ(202, said.status) << said.body;
  const auto sent = post_.submitted();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ("caf-25", sent[0].envelope.recipients(0));
  const auto& record = said.body["records"][0];
  EXPECT_EQ("A-1", record["reference"]);
  EXPECT_EQ(base::id_text(sent[0].envelope.message_id()), record["messages"][0]["message_id"].get<std::string>());
  EXPECT_EQ(base::id_text(sent[0].envelope.referral_id()), record["referral_id"].get<std::string>());
  EXPECT_EQ(false, said.body["repeated"]);
}

TEST_F(Submissions, the_same_key_and_body_get_the_same_answer_and_send_nothing) {
  const auto event = R"({"action":"orienter","nom":"CANARI"})";  // without a number of its own
  const auto first = submit(event, "k-1");
  const auto again = submit(event, "k-1");
  EXPECT_EQ(202, again.status);
  EXPECT_EQ(first.body["records"], again.body["records"]);
  EXPECT_EQ(true, again.body["repeated"]);
  EXPECT_THAT(post_.submitted(), SizeIs(1));
  EXPECT_EQ(202, submit(event, "k-2").status);
  EXPECT_THAT(post_.submitted(), SizeIs(2));
}

TEST_F(Submissions, a_key_with_another_body_is_refused_and_nothing_is_taken) {
  (void)submit(kOne, "k-1");
  const auto said = submit(R"({"action":"orienter","numero":"A-2","nom":"CANARI"})", "k-1");
  EXPECT_EQ(422, said.status);
  EXPECT_EQ("key.reused", said.body["code"]);
  EXPECT_THAT(post_.submitted(), SizeIs(1));
}

TEST_F(Submissions, the_records_own_number_makes_a_repeated_request_harmless_without_a_key) {
  (void)submit(kOne);
  const auto again = submit(kOne);
  EXPECT_EQ(202, again.status);
  EXPECT_EQ(true, again.body["records"][0]["unchanged"]);
  EXPECT_EQ(base::id_text(post_.submitted()[0].envelope.referral_id()),
            again.body["records"][0]["referral_id"].get<std::string>());
  const auto other = submit(R"({"action":"orienter","numero":"A-1","nom":"AUTRE"})");
  EXPECT_EQ(409, other.status);
  EXPECT_EQ("reference.already_open", other.body["errors"][0]["code"]);
  EXPECT_THAT(post_.submitted(), SizeIs(1));
}

TEST_F(Submissions, requests_that_come_at_once_with_one_key_are_taken_once) {
  std::vector<std::thread> threads;
  std::atomic<int> repeated{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto said = submit(R"({"action":"orienter","nom":"CANARI"})", "k-1");
      EXPECT_EQ(202, said.status);
      if (said.body["repeated"] == true) ++repeated;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(7, repeated);
  EXPECT_THAT(post_.submitted(), SizeIs(1));
}

TEST_F(Submissions, every_fault_is_told_with_record_field_and_rule_and_the_good_records_wait_too) {
  const auto said = submit(R"([{"action":"orienter","numero":"A-1","nom":"CANARI"},
    {"action":"orienter","numero":"A-2","naissance":"CANARI"},{"action":"CANARI"},{"action":"accepter","numero":"B-9"}])");
  EXPECT_EQ(422, said.status);
  EXPECT_THAT(said.type, HasSubstr("application/problem+json"));
  EXPECT_EQ("body.invalid", said.body["code"]);
  std::vector<std::string> faults;
  for (const auto& part : said.body["errors"])
    faults.push_back(part["record"].get<std::string>() + part["field"].get<std::string>() + " " +
                     part["code"].get<std::string>());
  EXPECT_THAT(faults, testing::UnorderedElementsAre("/1/nom field.required", "/1/naissance date.format",
                                                    "/2/action code.unknown", "/3 reference.unknown"));
  EXPECT_THAT(said.body.dump(), testing::Not(HasSubstr("CANARI")));
  EXPECT_THAT(post_.submitted(), SizeIs(0));
  EXPECT_EQ(202, submit(kOne).status) << "nothing was kept of the refused request";
}

TEST_F(Submissions, what_is_no_json_or_no_request_is_told_as_such) {
  EXPECT_EQ(400, submit("{\"action\":").status);
  EXPECT_EQ("json.malformed", submit("{\"action\":").body["errors"][0]["code"]);
  EXPECT_EQ(400, submit("").status);
  EXPECT_EQ(400, submit("\xff\xfe\xfd").status);
  EXPECT_EQ("json.name_twice", submit(R"({"action":"rien","action":"rien"})").body["errors"][0]["code"]);
  EXPECT_EQ(415, post("/v1/submissions/orientations", kOne, {}, "text/plain").status);
  EXPECT_EQ(415, post("/v1/submissions/orientations", kOne, {}, "multipart/form-data; boundary=x").status);
  EXPECT_EQ(415, post("/v1/submissions/orientations", kOne, {}, "application/json; charset=iso-8859-1").status);
  EXPECT_EQ(202, post("/v1/submissions/orientations", kOne, {}, "application/vnd.ccas+json; charset=UTF-8").status);
  EXPECT_EQ("mapping.unknown", post("/v1/submissions/autre", kOne).body["code"]);
  EXPECT_EQ("key.malformed", submit(kOne, std::string(201, 'k')).body["code"]);
  EXPECT_EQ(0, submit(R"({"action":"rien"})").body["records"].size());
  EXPECT_EQ(1, submit(R"({"action":"rien"})").body["silent"]);
}

TEST_F(Submissions, what_no_message_carries_is_named_to_its_sender_and_to_nobody_else) {
  constexpr const char* kMore = R"([{"action":"orienter","numero":"A-1","nom":"X","agent":"Y","CANARI":{"CANARI":1}},
                                    {"action":"orienter","numero":"A-2","nom":"X","agent":"Z"}])";
  const auto wanted = Json::parse(R"([{"field": "/CANARI/CANARI", "records": 1, "reason": null},
                                      {"field": "/agent", "records": 2, "reason": "stays at the CCAS"}])");
  testing::internal::CaptureStderr();
  const auto said = submit(kMore, "k-1");
  const auto log = testing::internal::GetCapturedStderr();
  ASSERT_EQ(202, said.status) << said.body;
  EXPECT_EQ(wanted, said.body["loss"]);
  EXPECT_EQ(0, said.body["loss_more"]);
  const auto again = submit(kMore, "k-1");
  EXPECT_EQ(true, again.body["repeated"]);
  EXPECT_EQ(wanted, again.body["loss"]);
  EXPECT_THAT(log, HasSubstr("field=/agent reason=\"stays at the CCAS\""));
  EXPECT_THAT(log, HasSubstr("fields=1"));
  EXPECT_THAT(log, testing::Not(HasSubstr("CANARI")));
  EXPECT_EQ(3U, post_.not_carried) << "an answer that is repeated sends nothing";
  post_.store().scan("", [&](std::string_view key, std::string_view value) {
    EXPECT_THAT(std::string(key) + std::string(value), testing::Not(HasSubstr("CANARI")));
    return true;
  });
  EXPECT_EQ(Json::array(), submit(R"({"action":"orienter","numero":"A-3","nom":"X"})").body["loss"]);
}

TEST_F(Submissions, more_fields_than_an_answer_names_are_counted) {
  std::string body = R"({"action":"orienter","nom":"X")";
  for (int i = 0; i < 1'003; ++i) body += ",\"" + std::to_string(i) + "\":1";
  config_.gateway.body_bytes_max = 1 << 20;
  gateway_->stop();
  start();
  const auto said = submit(body + "}");
  ASSERT_EQ(202, said.status) << said.body;
  EXPECT_THAT(said.body["loss"], SizeIs(1'000));
  EXPECT_EQ(3, said.body["loss_more"]);
}

TEST_F(Submissions, a_body_beyond_the_limit_is_not_taken_whole_or_in_part) {
  const auto said = submit(R"({"action":"orienter","nom":")" + std::string(5'000, 'x') + "\"}");
  EXPECT_EQ(413, said.status);
  EXPECT_EQ("body.too_large", said.body["code"]);
  std::size_t sent = 0;
  const auto chunked = client().Post(
      "/v1/submissions/orientations",
      [&](std::size_t, httplib::DataSink& sink) {
        const std::string part(1'000, 'x');
        sink.write(part.data(), part.size());
        if (++sent == 100) sink.done();
        return true;
      },
      "application/json");
  ASSERT_TRUE(chunked);
  EXPECT_EQ(413, chunked->status);
  EXPECT_THAT(post_.submitted(), SizeIs(0));
}

TEST_F(Submissions, a_stranger_is_told_nothing) {
  httplib::Client nobody("127.0.0.1", config_.gateway.port);
  for (const auto* const path : {"/v1/status", "/v1/inbox", "/v1/problems", "/v1/slots", "/v1/referrals"}) {
    const auto said = read_answer(nobody.Get(path));
    EXPECT_EQ(401, said.status) << path;
    EXPECT_EQ("token.wrong", said.body["code"]);
  }
  nobody.set_bearer_token_auth("a-token-of-the-softwarf");
  EXPECT_EQ(401, read_answer(nobody.Post("/v1/submissions/orientations", kOne, "application/json")).status);
  EXPECT_EQ(401, read_answer(nobody.Post("/v1/submissions/orientations", std::string(9'000, 'x'), "text/html")).status);
  nobody.set_bearer_token_auth("a-token-of-last-year-is-good");
  EXPECT_EQ(200, read_answer(nobody.Get("/v1/status")).status) << "either token, while it is being changed";
  EXPECT_THAT(post_.submitted(), SizeIs(0));
}

TEST_F(Submissions, paths_and_methods_that_there_are_not_are_problems_too) {
  EXPECT_EQ("path.unknown", get("/v1/nothing").body["code"]);
  const auto said = get("/v1/webhook/enable");
  EXPECT_EQ(405, said.status);
  EXPECT_EQ("method.not_allowed", said.body["code"]);
  EXPECT_EQ(405, read_answer(client().Put("/v1/inbox", "{}", "application/json")).status);
  EXPECT_EQ(404, post("/v1/nothing", "{}").status);
  EXPECT_EQ(404, post("/v1/submissions/", "{}").status);
  EXPECT_THAT(said.type, HasSubstr("application/problem+json"));
}

TEST_F(Submissions, refusals_of_the_sdk_name_the_record_and_whether_to_try_again) {
  post_.refuse_all = base::refuse(base::RefusalCode::outbox_full);
  const auto full = client().Post("/v1/submissions/orientations", kOne, "application/json");
  EXPECT_EQ(507, full->status);
  EXPECT_NE("", full->get_header_value("Retry-After"));
  post_.refuse_all.reset();
  const auto said =
      submit(R"([{"action":"orienter","numero":"A-1","nom":"X"},{"action":"orienter","vers":"nobody","nom":"Y"}])");
  EXPECT_EQ(404, said.status);
  EXPECT_EQ("route.none", said.body["code"]);
  EXPECT_EQ("/1", said.body["errors"][0]["record"]);
  EXPECT_EQ("envelope.recipients[0]", said.body["errors"][0]["field"]);
  EXPECT_THAT(post_.submitted(), SizeIs(0));
}

TEST_F(Submissions, what_the_broker_refuses_is_told_and_may_be_corrected_under_the_same_number_and_key) {
  (void)submit(kOne, "k-1");
  const auto sent = post_.submitted()[0].envelope;
  const auto id = base::id_text(sent.message_id());
  EXPECT_EQ("submitted", get("/v1/messages/" + id).body["state"]);
  v1::Refused refusal = base::refuse(base::RefusalCode::agreement_none).to_wire(sent.message_id());
  post_.refused_messages.push_back({*base::MessageId::from_bytes(sent.message_id()), sent, refusal, {}});
  post_.close_loop(sent.referral_id());
  ASSERT_TRUE(exchange_->problems().take_refused(clock_.now()).ok());
  ASSERT_TRUE(exchange_->problems().take_refused(clock_.now()).ok()) << "again, after a crash";
  EXPECT_THAT(post_.refused_messages, SizeIs(0));
  const auto state = get("/v1/messages/" + id).body;
  EXPECT_EQ("refused", state["state"]);
  EXPECT_EQ("agreement.none", state["code"]);
  const auto problems = get("/v1/problems").body["problems"];
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ("A-1", problems[0]["reference"]);
  EXPECT_EQ("broker", problems[0]["source"]);
  const auto path = "/v1/problems/" + problems[0]["id"].get<std::string>();
  EXPECT_EQ(200, read_answer(client().Delete(path)).status);
  EXPECT_EQ(404, read_answer(client().Delete(path)).status);
  EXPECT_EQ(202, submit(R"({"action":"orienter","numero":"A-1","nom":"CORRIGE"})", "k-1").status);
  EXPECT_THAT(post_.submitted(), SizeIs(2));
}

TEST_F(Submissions, old_requests_are_forgotten_and_young_ones_are_not) {
  (void)submit(kOne, "k-1");
  ASSERT_TRUE(exchange_->forget_old().ok());
  EXPECT_EQ(true, submit(kOne, "k-1").body["repeated"]);
  config_.exchanges[0].remember_for = std::chrono::milliseconds(-1);
  ASSERT_TRUE(exchange_->forget_old().ok());
  EXPECT_EQ("message.unknown",
            get("/v1/messages/" + base::id_text(post_.submitted()[0].envelope.message_id())).body["code"]);
  EXPECT_EQ(true, submit(kOne, "k-1").body["records"][0]["unchanged"]) << "its number still says that it is open";
}

class Hooks : public Submissions {
 protected:
  Said send(const std::string& id, const std::string& body, std::chrono::seconds ago = {},
            const std::string& type = "application/json") const {
    const auto made = sign(config_.exchanges[0].hooks[0].secrets, id, clock_.now() - ago, body);
    httplib::Client other("127.0.0.1", config_.gateway.port);
    return read_answer(other.Post(
        "/v1/hooks/rdv",
        {{"webhook-id", made.id}, {"webhook-timestamp", made.timestamp}, {"webhook-signature", made.signature}}, body,
        type));
  }
};

TEST_F(Hooks, a_signed_event_is_taken_once) {
  const auto event = R"({"action":"orienter","nom":"CANARI"})";
  EXPECT_EQ(202, send("msg_1", event).status);
  EXPECT_EQ(true, send("msg_1", event, std::chrono::seconds(60)).body["repeated"]) << "sent again, signed anew";
  EXPECT_THAT(post_.submitted(), SizeIs(1));
  EXPECT_EQ("key.reused", send("msg_1", R"({"action":"orienter","nom":"AUTRE"})").body["code"]);
  EXPECT_THAT(post_.submitted(), SizeIs(1));
}

TEST_F(Hooks, what_an_event_loses_is_in_the_log) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(202, send("msg_1", R"({"action":"orienter","nom":"X","agent":"Y","CANARI":1})").status);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("field=/agent"));
  EXPECT_THAT(log, HasSubstr("fields=1"));
  EXPECT_THAT(log, testing::Not(HasSubstr("CANARI")));
}

TEST_F(Hooks, what_is_not_believed_is_not_read) {
  const auto event = R"({"action":"orienter","nom":"CANARI"})";
  EXPECT_EQ("signature.too_old", send("msg_1", event, std::chrono::seconds(301)).body["code"]);
  EXPECT_EQ("signature.missing", post("/v1/hooks/rdv", event).body["code"]) << "the token is no signature";
  const auto forged = post("/v1/hooks/rdv", event,
                           {{"webhook-id", "msg_1"},
                            {"webhook-timestamp", std::to_string(base::to_ms(clock_.now()) / 1'000)},
                            {"webhook-signature", "v1,AAAA"}});
  EXPECT_EQ(401, forged.status);
  EXPECT_EQ("signature.wrong", forged.body["code"]);
  EXPECT_EQ("mapping.unknown", post("/v1/hooks/autre", event).body["code"]);
  EXPECT_EQ(413, send("msg_2", std::string(5'000, ' ')).status);
  EXPECT_EQ(415, send("msg_3", event, {}, "text/plain").status);
  EXPECT_THAT(post_.submitted(), SizeIs(0));
  EXPECT_THAT(get("/v1/problems").body["problems"], SizeIs(0));
}

TEST_F(Hooks, an_event_that_can_not_be_read_is_shown_to_a_person_once_however_often_it_comes) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(422, send("msg_1", R"({"action":"orienter","naissance":"CANARI"})").status);
  const auto problems = get("/v1/problems").body["problems"];
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ("hook", problems[0]["source"]);
  EXPECT_EQ("field.required", problems[0]["code"]);
  EXPECT_THAT(problems.dump(), testing::Not(HasSubstr("CANARI")));
  EXPECT_EQ(202, send("msg_1", R"({"action":"orienter","nom":"X"})").status) << "corrected at its origin";
}

}  // namespace
}  // namespace relais::http
