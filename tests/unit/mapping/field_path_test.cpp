#include "adapters/mapping/field_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/mapping/field_check.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;

std::string refusal(const std::string& text, Direction direction) {
  std::string wrong;
  return parse_path(text, direction, wrong) ? std::string() : wrong;
}

FieldPath path(const std::string& text, Direction direction = Direction::in) {
  std::string wrong;
  auto found = parse_path(text, direction, wrong);
  EXPECT_TRUE(found) << text << ": " << wrong;
  return std::move(found).value_or(FieldPath{});
}

TEST(FieldPath, finds_every_root) {
  for (const auto* const good :
       {"envelope.purpose", "envelope.recipients", "body.reason", "body.meeting.start_ms", "identity.family_name",
        "identity.identifiers[caf.allocataire]", "benefits.benefits[0].code", "nir.number", "local.reference"})
    EXPECT_EQ("", refusal(good, Direction::in)) << good;
  EXPECT_EQ("", refusal("kind", Direction::out));
  EXPECT_EQ("", refusal("benefits.benefits.code", Direction::out));
  EXPECT_EQ("", refusal("envelope.sender", Direction::out));
}

TEST(FieldPath, refuses_what_no_message_has) {
  for (const auto* const bad :
       {"", "identity", "identity.", "identity.nonsense", "identity.family_name.x", "person.name",
        "identity.identifiers", "identity.identifiers[0", "identity.family_name[0]", "benefits.benefits[x].code",
        "benefits.benefits[100].code", "benefits.benefits.code", "envelope.sender", "envelope.signing_key",
        "envelope.compartments", "kind", "local.x", "body.nonsense", "body.deadline_ms"})
    EXPECT_NE("", refusal(bad, Direction::in)) << bad;
}

TEST(FieldPath, refuses_the_social_security_number_as_an_identifier) {
  for (const auto* const bad :
       {"identity.identifiers[nir]", "identity.identifiers[NIR]", "identity.identifiers[insee.nir]"})
    EXPECT_THAT(refusal(bad, Direction::in), testing::HasSubstr("nir.number")) << bad;
}

TEST(FieldPath, puts_and_finds_values) {
  v1::Identity identity;
  std::string detail;
  EXPECT_EQ("", put(identity, path("identity.identifiers[caf.allocataire]").steps, "2055990", detail));
  EXPECT_EQ("", put(identity, path("identity.identifiers[ccas]").steps, "12", detail));
  EXPECT_EQ("caf.allocataire", identity.identifiers(0).system());
  EXPECT_THAT(values_at(identity, path("identity.identifiers[ccas]").steps), ElementsAre("12"));
  v1::Benefits benefits;
  EXPECT_EQ("", put(benefits, path("benefits.benefits[2].code").steps, "ass", detail));
  EXPECT_EQ(3, benefits.benefits_size());
  EXPECT_THAT(values_at(benefits, path("benefits.benefits.code", Direction::out).steps), ElementsAre("ass"));
}

TEST(FieldPath, reads_words_of_enumerations) {
  v1::Envelope envelope;
  std::string detail;
  EXPECT_EQ("", put(envelope, path("envelope.priority").steps, "urgent", detail));
  EXPECT_EQ(v1::PRIORITY_URGENT, envelope.priority());
  EXPECT_EQ("word.unknown", put(envelope, path("envelope.priority").steps, "unspecified", detail));
  EXPECT_EQ("routine, urgent, asap, stat", detail);
  v1::ReferralRejected rejected;
  EXPECT_EQ("", put(rejected, *path("body.reason").steps_for(Body::kReferralRejected), "out_of_area", detail));
  EXPECT_EQ(v1::REJECTION_REASON_OUT_OF_AREA, rejected.reason());
}

TEST(FieldPath, knows_for_each_kind_whether_it_has_the_field) {
  const auto reason = path("body.reason");
  EXPECT_NE(nullptr, reason.steps_for(Body::kReferralRejected));
  EXPECT_NE(nullptr, reason.steps_for(Body::kReferralHeld));
  EXPECT_EQ(nullptr, reason.steps_for(Body::kReferralAccepted));
}

std::string rule(const std::string& where, const std::string& text) {
  std::string detail;
  return std::string(check_field(*path(where).leaf(), text, detail));
}

TEST(FieldCheck, checks_the_form_and_the_key_of_a_social_security_number) {
  EXPECT_EQ("", rule("nir.number", "2730799404078"));
  EXPECT_EQ("", rule("nir.number", "255081416802538"));
  EXPECT_EQ("nir.key", rule("nir.number", "255081416802539"));
  EXPECT_EQ("", rule("nir.number", "185012A001012"));
  EXPECT_EQ("nir.format", rule("nir.number", "27307994040"));
  EXPECT_EQ("nir.format", rule("nir.number", "X730799404078"));
}

TEST(FieldCheck, checks_codes_communes_amounts_and_dates) {
  EXPECT_EQ("", rule("envelope.purpose", "access_to_rights"));
  EXPECT_EQ("code.format", rule("envelope.purpose", "Accès aux droits"));
  const std::string thematic =
      "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire";
  EXPECT_EQ("code.format", rule("envelope.purpose", thematic));
  EXPECT_EQ("", rule("body.service_need", thematic));
  EXPECT_EQ("thematic.format", rule("body.service_need", std::string(129, 'a')));
  EXPECT_EQ("institution.format", rule("envelope.recipients", "CAF 25"));
  EXPECT_EQ("", rule("contact.commune", "2A004"));
  EXPECT_EQ("insee.format", rule("contact.commune", "2C004"));
  EXPECT_EQ("insee.format", rule("contact.commune", "1001"));
  EXPECT_EQ("date.format", rule("identity.birth_date", "25/05/1998"));
  EXPECT_EQ("", rule("identity.birth_date", "1998"));
  EXPECT_EQ("word.unknown", rule("identity.gender", "F"));
  std::string detail;
  const auto& amount = *v1::Income::descriptor()->FindFieldByName("amount");
  EXPECT_EQ("", check_field(amount, "-12.5", detail));
  for (const auto* const bad : {"12,5", ".5", "1.234", "1e5", "1234567890123", "-"})
    EXPECT_EQ("amount.format", check_field(amount, bad, detail)) << bad;
}

}  // namespace

}  // namespace relais::mapping
