#include <fstream>

#include "tests/unit/http/http_fixture.h"

namespace relais::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class InboxTest : public HttpTest {
 protected:
  explicit InboxTest(const std::string& settings = kSettings) : HttpTest(settings) {}
  void SetUp() override { start(); }

  Said acknowledge(const Json& item, const std::string& body = {}) const {
    return post("/v1/inbox/" + item["id"].get<std::string>() + "/acknowledge", body);
  }
};

TEST_F(InboxTest, a_message_waits_until_it_is_taken_and_is_then_gone) {
  deliver(request("CANARI", 7));
  deliver(request("AUTRE", 8));
  const auto listed = get("/v1/inbox").body;
  ASSERT_THAT(listed["items"], SizeIs(2));
  const auto& item = listed["items"][0];
  EXPECT_EQ("referral_requested", item["kind"]);
  EXPECT_EQ("caf-25", item["sender"]);
  EXPECT_EQ("CANARI", item["data"]["contents"]["identity"]["family_name"]) << "without a mapping, as it is";
  EXPECT_EQ(nullptr, item["record"]);
  EXPECT_EQ(200, acknowledge(item).status);
  EXPECT_EQ(200, acknowledge(item).status) << "said again";
  EXPECT_THAT(get("/v1/inbox").body["items"], SizeIs(1));
  EXPECT_EQ("item.unknown", acknowledge({{"id", "x"}}).body["code"]);
}

TEST_F(InboxTest, a_long_list_comes_in_parts) {
  for (std::uint64_t i = 1; i <= 5; ++i) deliver(request("N" + std::to_string(i), i));
  const auto first = get("/v1/inbox?limit=3").body;
  ASSERT_THAT(first["items"], SizeIs(3));
  EXPECT_EQ(true, first["more"]);
  const auto rest = get("/v1/inbox?limit=3&after=" + first["items"][2]["id"].get<std::string>()).body;
  ASSERT_THAT(rest["items"], SizeIs(2));
  EXPECT_EQ(false, rest["more"]);
  EXPECT_EQ("N4", rest["items"][0]["data"]["contents"]["identity"]["family_name"]);
}

TEST_F(InboxTest, a_long_poll_answers_when_something_comes_and_at_its_end_otherwise) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(get("/v1/inbox?wait=1").body["items"], IsEmpty());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    deliver(request("CANARI", 1));
  });
  EXPECT_THAT(get("/v1/inbox?wait=2").body["items"], SizeIs(1));
  later.join();
}

TEST_F(InboxTest, parameters_are_told_all_at_once) {
  const auto said = get("/v1/inbox?wait=soon&limit=0&colour=blue");
  EXPECT_EQ(400, said.status);
  std::vector<std::string> fields;
  for (const auto& part : said.body["errors"]) fields.push_back(part["field"]);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("wait", "limit", "colour"));
  EXPECT_EQ(400, get("/v1/inbox?limit=1&limit=2").status);
}

TEST_F(InboxTest, the_softwares_own_number_finds_the_referral_afterwards) {
  const auto message = request("CANARI", 1);
  deliver(message);
  const auto item = get("/v1/inbox").body["items"][0];
  EXPECT_EQ(200, acknowledge(item, R"({"reference":"CCAS-88"})").status);
  EXPECT_EQ(202, submit(R"({"action":"accepter","numero":"CCAS-88"})").status);
  ASSERT_THAT(post_.submitted(), SizeIs(1));
  EXPECT_EQ(message.envelope.referral_id(), post_.submitted()[0].envelope.referral_id());
  EXPECT_EQ("caf-25", post_.submitted()[0].envelope.recipients(0));
}

TEST_F(InboxTest, a_number_under_which_another_referral_is_open_is_refused_and_the_item_stays) {
  deliver(request("CANARI", 1));
  deliver(request("AUTRE", 2));
  const auto items = get("/v1/inbox").body["items"];
  EXPECT_EQ(200, acknowledge(items[0], R"({"reference":"CCAS-88"})").status);
  const auto said = acknowledge(items[1], R"({"reference":"CCAS-88"})");
  EXPECT_EQ(409, said.status);
  EXPECT_EQ("reference.already_open", said.body["code"]);
  EXPECT_THAT(get("/v1/inbox").body["items"], SizeIs(1));
}

TEST_F(InboxTest, an_acknowledgement_with_a_faulty_body_takes_nothing) {
  deliver(request("CANARI", 1));
  const auto item = get("/v1/inbox").body["items"][0];
  EXPECT_EQ(400, acknowledge(item, "{").status);
  EXPECT_EQ("field.unknown", acknowledge(item, R"({"numero":"1"})").body["code"]);
  EXPECT_EQ("field.invalid", acknowledge(item, R"({"reference":1})").body["code"]);
  EXPECT_EQ(415, post("/v1/inbox/" + item["id"].get<std::string>() + "/acknowledge", "{}", {}, "text/plain").status);
  EXPECT_THAT(get("/v1/inbox").body["items"], SizeIs(1));
}

TEST_F(InboxTest, nothing_of_a_waiting_message_can_be_read_on_the_disk) {
  auto message = request("CANARI-SUR-LE-DISQUE", 1);
  v1::Note note;
  note.set_text(std::string(3 << 20, 'n') + "CANARI-DANS-LA-NOTE");
  message.contents.push_back({v1::CATEGORY_NOTE, note.SerializeAsString(), note});
  deliver(message);
  const auto item = get("/v1/inbox").body["items"][0];
  EXPECT_THAT(item["data"]["contents"]["note"]["text"].get<std::string>(), testing::EndsWith("CANARI-DANS-LA-NOTE"))
      << "also what needs several values of the store";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "store")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(bytes, Not(HasSubstr("CANARI"))) << entry.path();
  }
  EXPECT_EQ(200, acknowledge(item).status);
  post_.store().scan("http/content/", [](std::string_view key, std::string_view) {
    ADD_FAILURE() << key;
    return true;
  });
}

TEST_F(InboxTest, what_was_sealed_with_a_key_that_is_gone_is_counted_and_stops_nobody) {
  deliver(request("CANARI", 1));
  sdk::ServedInstitution served;
  served.id = "ccas-25056";
  served.sealing_keys.push_back({base::KeyUse::sealing, "sealing-2", base::new_sealing_pair()});
  *vault_ = std::move(*Vault::make(served));
  deliver(request("AUTRE", 2));
  const auto listed = get("/v1/inbox").body;
  EXPECT_EQ(1, listed["unreadable"]);
  EXPECT_THAT(listed["items"], SizeIs(1));
}

class MappedInbox : public InboxTest {
 protected:
  MappedInbox() : InboxTest(std::string(kSettings) + "[exchange.receive]\nmapping = \"mapping.toml\"\n") {}
};

TEST_F(MappedInbox, a_message_is_written_as_the_mapping_says) {
  const auto message = request("CANARI", 1);
  deliver(message);
  const auto item = get("/v1/inbox").body["items"][0];
  EXPECT_EQ("orientation", item["record"]);
  EXPECT_EQ("CANARI", item["data"]["personne"]["nom"]);
  EXPECT_EQ(base::id_text(message.envelope.referral_id()), item["data"]["relais"].get<std::string>());
}

TEST_F(MappedInbox, what_the_record_has_no_place_for_is_told) {
  auto message = request("X", 1);
  v1::Note note;
  note.set_text("CANARI");
  message.contents.push_back({v1::CATEGORY_NOTE, note.SerializeAsString(), note});
  testing::internal::CaptureStderr();
  deliver(message);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("field=note.text"));
  EXPECT_THAT(log, Not(HasSubstr("CANARI")));
  EXPECT_EQ(1U, post_.not_carried);
}

TEST_F(MappedInbox, a_message_that_can_not_be_written_is_refused_to_its_sender_and_shown_here) {
  const auto verdict = exchange_->take(request("", 1));
  EXPECT_EQ(sdk::Verdict::Kind::reject, verdict.kind);
  EXPECT_EQ("mapping.field.required", verdict.reason);
  const auto problems = get("/v1/problems").body["problems"];
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ("mapping", problems[0]["source"]);
  EXPECT_EQ("field.required", problems[0]["code"]);
}

class TakenLater : public InboxTest {
 protected:
  TakenLater() { config_.exchanges[0].own_receipts = true; }
};

TEST_F(TakenLater, the_sender_hears_that_it_was_received_when_the_software_took_it) {
  deliver(request("CANARI", 1));
  EXPECT_THAT(post_.submitted(), IsEmpty());
  EXPECT_EQ(200, acknowledge(get("/v1/inbox").body["items"][0]).status);
  ASSERT_THAT(post_.submitted(), SizeIs(1));
  EXPECT_TRUE(post_.submitted()[0].envelope.has_referral_received());
}

TEST_F(InboxTest, the_status_says_how_things_are_and_a_broker_that_is_away_is_a_problem_to_retry) {
  deliver(request("CANARI", 1));
  const auto status = get("/v1/status").body;
  EXPECT_EQ("ccas-25056", status["institution"]);
  EXPECT_EQ(1, status["inbox"]);
  EXPECT_EQ(false, status["connected"]);
  EXPECT_EQ(nullptr, status["webhook"]);
  const auto asked = client().Get("/v1/slots?purpose=access_to_rights");
  EXPECT_EQ(500, asked->status);
  EXPECT_NE("", asked->get_header_value("Retry-After"));
  EXPECT_EQ("reference.unknown", get("/v1/referrals?reference=A-1").body["code"]);
  EXPECT_EQ("parameter.invalid", get("/v1/referrals").body["code"]);
  EXPECT_EQ("path.unknown", get("/v1/referrals/x").body["code"]);
  EXPECT_EQ("webhook.none", post("/v1/webhook/enable", "").body["code"]);
}

}  // namespace
}  // namespace relais::http
