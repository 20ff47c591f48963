#include "adapters/rdvsp/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/rdvsp/intake.h"
#include "adapters/rdvsp/walk.h"
#include "tests/unit/rdvsp/rdvsp_fixture.h"

namespace relais::rdvsp {
namespace {

using sdk::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::bytes16;

constexpr const char* kRefused =
    R"({"success": false, "errors": {"last_name": [{"error": "blank"}], "Léa": [{"error": "x"}], "first_name": [{"error": "C A"}]}})";

class RdvspApi : public testing::Test, public tests::RdvspDesk {
 protected:
  Verdict take(const sdk::Incoming& message) { return intake_.take(message); }

  static sdk::Incoming referral(char id) {
    sdk::Incoming message;
    message.recipient = tests::kMds;
    auto& envelope = message.envelope;
    envelope.set_message_id(bytes16(static_cast<char>(id + 1)));
    envelope.set_sender(tests::kCcas);
    envelope.add_recipients(tests::kMds);
    envelope.set_case_id(bytes16('k'));
    envelope.set_referral_id(bytes16(id));
    envelope.set_purpose("access_to_rights");
    envelope.mutable_referral_requested()->set_service_id("pmi");
    v1::Identity identity;
    identity.set_family_name("CANARI");
    identity.set_given_names("Zoé");
    add(message, identity);
    v1::Contact contact;
    contact.add_phones("0612345678");
    contact.add_phones("0387654321");
    contact.add_emails("zoe@canari.example");
    add(message, contact);
    return message;
  }
  template <class Content>
  static void add(sdk::Incoming& message, const Content& content) {
    message.contents.push_back({sdk::kCategoryOf<Content>, content.SerializeAsString(), content});
  }
  [[nodiscard]] std::vector<std::string> called() const {
    std::vector<std::string> all;
    for (const auto& call : calls_->calls) all.push_back(call.method + " " + call.path);
    return all;
  }

  tests::Recorded* calls_ = new tests::Recorded();  // the API's
  Api api_{config_.api, std::unique_ptr<http::Caller>(calls_), clock_};
  Intake intake_{post_, desk_, ledger_, problems_, api_, config_, clock_};
};

TEST_F(RdvspApi, makes_a_person_and_an_invitation_of_a_referral) {
  calls_->add_sign_in();
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  const auto verdict = take(referral('a'));
  EXPECT_EQ(Verdict::Kind::handled, verdict.kind) << verdict.reason;
  EXPECT_THAT(called(), ElementsAre("POST /api/v1/auth/sign_in", "POST /api/v1/users",
                                    "POST /api/v1/users/245/rdv_invitation_token"));
  const auto person = Json::parse(calls_->calls[1].body);
  EXPECT_EQ("CANARI", person.at("last_name"));
  EXPECT_EQ("0612345678", person.at("phone_number"));
  EXPECT_EQ(Json::array({"309"}), person.at("organisation_ids"));
  const http::CallAnswer sent{0, calls_->calls[1].headers, {}, false};
  EXPECT_EQ("t c u", sent.header("Access-Token") + " " + sent.header("client") + " " + sent.header("uid"));

  const auto followed = ledger_.referral(bytes16('a'));
  ASSERT_TRUE(followed);
  EXPECT_EQ("245 pmi ccas-62041", followed->user + " " + followed->service_id + " " + followed->guest);
  EXPECT_FALSE(followed->accepted) << "nobody there has taken it in charge yet";
  ASSERT_THAT(verdict.replies, SizeIs(1));
  EXPECT_TRUE(verdict.replies[0].envelope.has_information_provided());
  v1::Note note;
  ASSERT_TRUE(note.ParseFromString(verdict.replies[0].contents.at(0).bytes));
  EXPECT_THAT(note.text(), HasSubstr("http://127.0.0.1:1/prendre_rdv?invitation_token=VS5JNYJB"));
}

TEST_F(RdvspApi, tells_what_the_person_there_has_no_field_for_once_the_person_is_made) {
  auto message = referral('a');
  v1::Household household;
  household.set_children(3);
  add(message, household);
  calls_->add_sign_in();
  calls_->add(503, "<html>", "text/html");
  testing::internal::CaptureStderr();
  EXPECT_EQ(Verdict::Kind::retry, take(message).kind);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(HasSubstr("field not carried")));
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  testing::internal::CaptureStderr();
  EXPECT_EQ(Verdict::Kind::handled, take(message).kind);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("field=contact.phones reason=\"l'API ne prend qu'un téléphone : le premier\""));
  EXPECT_THAT(log, HasSubstr("field=household.children reason=\"ne sert pas à prendre rendez-vous\""));
  EXPECT_THAT(log, HasSubstr("field=body.service_id"));
  EXPECT_THAT(log, testing::Not(HasSubstr("field=contact.emails"))) << "there is one, and it is carried";
  EXPECT_THAT(log, testing::Not(HasSubstr("none given")));
  EXPECT_EQ(3U, post_.not_carried);
}

TEST_F(RdvspApi, tells_too_when_a_mapping_leaves_the_choice_of_several_values_to_the_adapter) {
  config_.mapping = *mapping::Mapping::load(folder_.write("own.toml", R"([mapping]
name = "own"
version = 1
[out]
format = "json"
[[out.records]]
name = "personne"
kinds = ["referral_requested"]
fields = [ { from = "identity.family_name", to = "/last_name" }, { from = "contact.phones", to = "/phone_number" } ]
[out.json]
shape = "object"
)"))
                         .mapping;
  calls_->add_sign_in();
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  testing::internal::CaptureStderr();
  EXPECT_EQ(Verdict::Kind::handled, take(referral('a')).kind);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("field=/phone_number reason=\"the field takes one value"));
  EXPECT_EQ("0612345678", Json::parse(calls_->calls[1].body).at("phone_number"));
}

TEST_F(RdvspApi, writes_the_link_that_the_settings_or_the_api_give_and_accepts_where_they_say_so) {
  config_.accept = AcceptWhen::invitation;
  calls_->add_sign_in();
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB", "invitation_url": "https://rdv.example/i/VS5JNYJB"})");
  auto verdict = take(referral('a'));
  ASSERT_THAT(verdict.replies, SizeIs(2));
  EXPECT_TRUE(verdict.replies[0].envelope.has_referral_accepted());
  EXPECT_THAT(verdict.replies[1].contents.at(0).bytes, HasSubstr("https://rdv.example/i/VS5JNYJB"));
  EXPECT_TRUE(ledger_.referral(bytes16('a'))->accepted);
  config_.invitation_link = "https://rdv.example/62?t={token}&departement=62";
  calls_->add(200, R"({"invitation_token": "ABC"})");
  verdict = take(referral('b'));
  EXPECT_THAT(verdict.replies.at(1).contents.at(0).bytes, HasSubstr("https://rdv.example/62?t=ABC&departement=62"));
  EXPECT_EQ("245", ledger_.referral(bytes16('b'))->user) << "the same case is about the same person";
}

TEST_F(RdvspApi, makes_no_second_person_when_the_message_comes_again) {
  calls_->add_sign_in();
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(503, "<html>", "text/html");
  EXPECT_EQ(Verdict::Kind::retry, take(referral('a')).kind);
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  EXPECT_EQ(Verdict::Kind::handled, take(referral('a')).kind);
  EXPECT_THAT(called(), testing::Contains("POST /api/v1/users").Times(1));
}

TEST_F(RdvspApi, signs_in_again_when_the_token_has_run_out) {
  calls_->add_sign_in();
  calls_->add(401, tests::recorded("get-users.401.json").value_or(R"({"errors": ["..."]})"));
  calls_->add_sign_in();
  calls_->add(200, R"({"user": {"id": 245}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  EXPECT_EQ(Verdict::Kind::handled, take(referral('a')).kind);
  EXPECT_THAT(called(), testing::Contains("POST /api/v1/auth/sign_in").Times(2));
}

TEST_F(RdvspApi, tells_what_may_pass_from_what_never_will) {
  const auto verdict_of = [&](int status, const std::string& body, const std::string& type) {
    calls_->add(status, body, type);
    return take(referral('a'));
  };
  EXPECT_EQ("software.away", take(referral('a')).reason);
  calls_->add_sign_in();
  EXPECT_EQ("software.status_503", verdict_of(503, "", "text/html").reason);
  EXPECT_EQ("software.status_429", verdict_of(429, "{}", "application/json").reason);
  EXPECT_EQ("software.status_403", verdict_of(403, "{}", "application/json").reason);
  EXPECT_EQ("software.answer_type", verdict_of(200, "<html>", "text/html").reason);
  EXPECT_EQ("software.answer_content", verdict_of(200, "{}", "application/json").reason);
  EXPECT_THAT(problem_codes(), IsEmpty());
}

TEST_F(RdvspApi, gives_a_person_whom_they_do_not_take_back_to_the_sender_and_tells_people_the_fields) {
  calls_->add_sign_in();
  calls_->add(422, tests::recorded("post-users.422.json").value_or(kRefused));
  const auto verdict = take(referral('a'));
  EXPECT_EQ(Verdict::Kind::reject, verdict.kind);
  EXPECT_EQ("software.refused", verdict.reason);
  const auto problems = problems_.list(10);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ("person.refused", problems[0].at("code"));
  EXPECT_THAT(problems[0].at("detail").get<std::string>(), HasSubstr("last_name blank"));
}

TEST_F(RdvspApi, shows_no_text_of_their_refusals_that_may_be_a_value) {
  calls_->add_sign_in();
  calls_->add(422, kRefused);
  (void)take(referral('a'));
  const auto detail = problems_.list(10).at(0).at("detail").get<std::string>();
  EXPECT_THAT(detail, HasSubstr("last_name blank, first_name refused"));
  EXPECT_THAT(detail, testing::Not(HasSubstr("Léa")));
}

TEST_F(RdvspApi, never_takes_whoever_has_the_address_for_the_person) {
  calls_->add_sign_in();
  calls_->add(422, R"({"errors": {"email": [{"error": "taken", "id": 7}]}})");
  calls_->add(200, R"({"user": {"id": 246}})");
  calls_->add(200, R"({"invitation_token": "VS5JNYJB"})");
  EXPECT_EQ(Verdict::Kind::handled, take(referral('a')).kind);
  EXPECT_FALSE(Json::parse(calls_->calls[2].body).contains("email"));
  EXPECT_EQ("246", ledger_.referral(bytes16('a'))->user);
  EXPECT_THAT(problem_codes(), ElementsAre("person.email_taken"));
}

TEST_F(RdvspApi, swallows_no_content_that_it_has_no_place_for) {
  auto message = referral('a');
  message.contents.clear();
  v1::Note note;
  note.set_text("CANARI");
  add(message, note);
  message.envelope.mutable_information_provided();
  const auto verdict = take(message);
  EXPECT_EQ(Verdict::Kind::reject, verdict.kind);
  EXPECT_EQ("rdvsp.not_carried", verdict.reason);
  message.contents.clear();
  message.envelope.mutable_appointment_proposed();
  EXPECT_EQ(Verdict::Kind::reject, take(message).kind);
  message.envelope.mutable_deadline_missed();
  EXPECT_EQ(Verdict::Kind::handled, take(message).kind);
}

TEST_F(RdvspApi, closes_a_referral_that_ended_and_names_the_appointment_that_is_left) {
  follow('a', "68");
  RdvspDesk::take(
      tests::RdvBody{.starts = "2099-12-01 10:00:00 +0100", .ends = "2099-12-01 10:45:00 +0100", .event = "created"});
  sdk::Incoming message;
  message.recipient = tests::kMds;
  message.envelope.set_message_id(bytes16('m'));
  message.envelope.set_referral_id(bytes16('a'));
  message.envelope.mutable_referral_cancelled();
  const auto verdict = take(message);
  EXPECT_EQ(Verdict::Kind::handled, verdict.kind);
  ASSERT_THAT(verdict.notes, SizeIs(1));
  EXPECT_THAT(*verdict.notes[0].value, HasSubstr("referral.ended"));
  EXPECT_TRUE(ledger_.referral(bytes16('a'))->closed);
}

class RdvspWalk : public RdvspApi {
 protected:
  /// Until it is complete; the answers are those that were added.
  WalkHealth walk() {
    Walk walk(api_, desk_, ledger_, problems_, post_, config_, clock_);
    walk.start();
    for (int i = 0; i < 2'000 && walk.health().walks == 0 && walk.health().failures == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    walk.stop();
    return walk.health();
  }
  static std::string page(const std::string& rdvs, const std::string& next) {
    return R"({"rdvs": [)" + rdvs + R"(], "meta": {"current_page": 1, "next_page": )" + next + "}}";
  }
  static std::string rdv(const std::string& id, const std::string& status) {
    auto body =
        tests::RdvBody{
            .id = id, .status = status, .starts = "2099-12-01 10:00:00 +0100", .ends = "2099-12-01 10:45:00 +0100"}
            .text();
    return body.substr(9, body.find(R"(, "meta")") - 9);
  }
};

TEST_F(RdvspWalk, tells_what_the_webhooks_missed_from_all_pages) {
  follow('a', "68");
  calls_->add_sign_in();
  calls_->add(200, page(rdv("1", "unknown"), "2"));
  calls_->add(200, page(rdv("2", "excused") + "," + rdv("3", "unknown"), "null"));
  const auto health = walk();
  EXPECT_EQ(1U, health.walks) << health.last_failure;
  EXPECT_EQ(3U, health.rdvs);
  EXPECT_EQ("referral_accepted appointment_booked appointment_booked", said());
  EXPECT_THAT(called()[1], HasSubstr("/api/v1/organisations/309/rdvs?page=1&starts_after=20"));
  EXPECT_THAT(called()[2], HasSubstr("?page=2&"));
  calls_->add(200, page(rdv("1", "unknown") + "," + rdv("3", "revoked"), "null"));
  (void)walk();
  EXPECT_EQ("appointment_cancelled", said()) << "and nothing twice";
  EXPECT_THAT(problem_codes(), IsEmpty());
}

TEST_F(RdvspWalk, tells_people_of_an_appointment_that_is_gone_and_guesses_nothing) {
  follow('a', "68");
  calls_->add_sign_in();
  calls_->add(200, page(rdv("1", "unknown"), "null"));
  (void)walk();
  (void)said();
  calls_->add(200, page("", "null"));
  EXPECT_EQ(1U, walk().walks);
  EXPECT_EQ("", said());
  EXPECT_THAT(problem_codes(), ElementsAre("rdv.gone"));
}

TEST_F(RdvspWalk, goes_on_after_one_that_can_not_be_read_and_ends_with_a_list_that_turns_in_circles) {
  follow('a', "68");
  calls_->add_sign_in();
  calls_->add(200, page(R"({"id": 5, "status": "parti"},)" + rdv("1", "unknown"), "1"));
  const auto health = walk();
  EXPECT_EQ(0U, health.walks);
  EXPECT_EQ("software.answer_content", health.last_failure);
  EXPECT_EQ("referral_accepted appointment_booked", said());
  EXPECT_THAT(problem_codes(), ElementsAre("rdv.unreadable"));
}

TEST_F(RdvspWalk, reads_the_recorded_answer_of_the_api) {
  const auto answer = tests::recorded("get-organisations-organisation_id-rdvs.200.json");
  if (!answer) GTEST_SKIP() << "the recorded answers are not on this machine";
  follow('a', "68", {}, 0);
  calls_->add_sign_in();
  calls_->add(200, *answer);
  EXPECT_EQ(1U, walk().walks);
  EXPECT_EQ("referral_accepted appointment_booked", said());
  EXPECT_EQ(1'641'020'400'000, last().appointment_booked().meeting().start_ms());
}

}  // namespace
}  // namespace relais::rdvsp
