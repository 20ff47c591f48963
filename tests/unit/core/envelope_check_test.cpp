#include "broker/core/envelope_check.h"

#include <functional>

#include <gtest/gtest.h>

#include "broker/base/crypto.h"

namespace relais::core {
namespace {

constexpr base::Instant kNow = base::from_ms(1'800'000'000'000);

v1::Envelope good_envelope() {
  v1::Envelope envelope;
  envelope.set_version(1);
  envelope.set_message_id(std::string(16, 'm'));
  envelope.set_sender("ccas-25056");
  envelope.add_recipients("caf-25");
  envelope.set_case_id(std::string(16, 'c'));
  envelope.set_referral_id(std::string(16, 'r'));
  envelope.set_purpose("access_to_rights");
  envelope.set_sent_at_ms(base::to_ms(kNow));
  envelope.set_signing_key("s1");
  envelope.mutable_referral_requested();
  return envelope;
}

v1::Compartment good_compartment() {
  v1::Compartment compartment;
  compartment.set_category(v1::CATEGORY_IDENTITY);
  compartment.set_nonce(std::string(24, 'n'));
  compartment.set_ciphertext(std::string(40, 'x'));
  auto& wrap = *compartment.add_wraps();
  wrap.set_recipient("caf-25");
  wrap.set_recipient_key("x1");
  wrap.set_sender_key("x2");
  wrap.set_nonce(std::string(24, 'w'));
  wrap.set_sealed_key(std::string(48, 'k'));
  return compartment;
}

v1::Submit submit_of(v1::Envelope envelope, const std::vector<v1::Compartment>& compartments = {}) {
  v1::Submit submit;
  for (const auto& compartment : compartments) {
    compartment.SerializeToString(submit.add_compartments());
    auto& digest = *envelope.add_compartments();
    digest.set_category(compartment.category());
    digest.set_digest(std::string(base::view(base::hash(submit.compartments(submit.compartments_size() - 1)))));
    digest.add_recipients("caf-25");
  }
  envelope.SerializeToString(submit.mutable_envelope());
  submit.set_signature(std::string(64, 's'));
  return submit;
}

std::string fault_of(v1::Submit submit) {
  std::string message_id;
  const auto checked = check_submission(std::move(submit), kNow, message_id);
  return checked ? "" : std::string(checked.refusal().name()) + " " + checked.refusal().field;
}

TEST(EnvelopeCheck, lets_a_good_submission_pass_with_its_bytes_unchanged) {
  auto submit = submit_of(good_envelope(), {good_compartment()});
  const auto envelope = submit.envelope();
  const auto compartment = submit.compartments(0);
  std::string message_id;
  const auto checked = check_submission(std::move(submit), kNow, message_id);
  ASSERT_TRUE(checked) << checked.refusal().english();
  EXPECT_EQ(checked->envelope_bytes, envelope);
  EXPECT_EQ(checked->compartments, std::vector<std::string>{compartment});
  EXPECT_EQ(checked->payload_bytes, compartment.size());
  EXPECT_EQ(message_id, std::string(16, 'm'));
}

TEST(EnvelopeCheck, lets_the_longest_thematic_of_data_inclusion_pass) {
  auto envelope = good_envelope();
  envelope.mutable_referral_requested()->set_service_need(
      "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire");
  EXPECT_EQ(fault_of(submit_of(envelope)), "");
}

struct Fault {
  const char* name;
  std::function<void(v1::Envelope&)> spoil;
  const char* refusal;
};

class EnvelopeFaults : public testing::TestWithParam<Fault> {};

TEST_P(EnvelopeFaults, are_refused_with_the_field_at_fault) {
  auto envelope = good_envelope();
  GetParam().spoil(envelope);
  EXPECT_EQ(fault_of(submit_of(envelope)), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Each, EnvelopeFaults,
    testing::Values(
        Fault{"version", [](auto& e) { e.set_version(2); }, "envelope.version version"},
        Fault{"short_id", [](auto& e) { e.set_message_id("short"); }, "envelope.malformed message_id"},
        Fault{"zero_id", [](auto& e) { e.set_message_id(std::string(16, '\0')); }, "envelope.malformed message_id"},
        Fault{"no_body", [](auto& e) { e.clear_body(); }, "envelope.malformed body"},
        Fault{"broker_only", [](auto& e) { e.mutable_referral_expired(); }, "lifecycle.not_your_role referral_expired"},
        Fault{"sender", [](auto& e) { e.set_sender("CCAS Besançon"); }, "envelope.malformed sender"},
        Fault{"no_recipient", [](auto& e) { e.clear_recipients(); }, "envelope.malformed recipients"},
        Fault{"two_recipients", [](auto& e) { e.add_recipients("cpam-25"); }, "envelope.malformed recipients"},
        Fault{"to_itself", [](auto& e) { e.set_recipients(0, "ccas-25056"); }, "envelope.malformed recipients[0]"},
        Fault{"bad_recipient", [](auto& e) { e.set_recipients(0, "a b"); }, "envelope.malformed recipients[0]"},
        Fault{"no_case", [](auto& e) { e.clear_case_id(); }, "envelope.malformed case_id"},
        Fault{"no_referral", [](auto& e) { e.clear_referral_id(); }, "envelope.malformed referral_id"},
        Fault{"stray_appointment", [](auto& e) { e.set_appointment_id(std::string(16, 'a')); },
              "envelope.malformed appointment_id"},
        Fault{"no_appointment", [](auto& e) { e.mutable_appointment_arrived(); }, "envelope.malformed appointment_id"},
        Fault{"purpose", [](auto& e) { e.set_purpose("Accès aux droits"); }, "envelope.malformed purpose"},
        Fault{"priority", [](auto& e) { e.set_priority(static_cast<v1::Priority>(9)); }, "envelope.malformed priority"},
        Fault{"future", [](auto& e) { e.set_sent_at_ms(base::to_ms(kNow + kClockSkewMax) + 1); },
              "envelope.malformed sent_at_ms"},
        Fault{"old", [](auto& e) { e.set_sent_at_ms(base::to_ms(kNow - kEnvelopeAgeMax) - 1); },
              "envelope.too_old sent_at_ms"},
        Fault{"expires", [](auto& e) { e.set_expires_at_ms(e.sent_at_ms()); }, "envelope.malformed expires_at_ms"},
        Fault{"key", [](auto& e) { e.clear_signing_key(); }, "envelope.malformed signing_key"},
        Fault{"trace", [](auto& e) { e.set_trace_parent("00"); }, "envelope.malformed trace_parent"},
        Fault{"long_need", [](auto& e) { e.mutable_referral_requested()->set_service_need(std::string(129, 'a')); },
              "envelope.malformed referral_requested.service_need"},
        Fault{"need", [](auto& e) { e.mutable_referral_requested()->set_service_need("Aide à domicile"); },
              "envelope.malformed referral_requested.service_need"},
        Fault{"commune", [](auto& e) { e.mutable_referral_requested()->set_commune("2C004"); },
              "envelope.malformed referral_requested.commune"},
        Fault{"reason", [](auto& e) { e.mutable_referral_rejected(); }, "envelope.malformed referral_rejected.reason"},
        Fault{"unknown_reason",
              [](auto& e) { e.mutable_referral_rejected()->set_reason(static_cast<v1::RejectionReason>(99)); },
              "envelope.malformed referral_rejected.reason"},
        Fault{"outcome", [](auto& e) { e.mutable_referral_completed(); },
              "envelope.malformed referral_completed.outcome"},
        Fault{"held_until",
              [](auto& e) {
                e.mutable_referral_held()->set_reason(v1::HOLD_REASON_WAITLIST);
                e.mutable_referral_held()->set_until_ms(e.sent_at_ms());
              },
              "envelope.malformed referral_held.until_ms"},
        Fault{"forward_to_nobody",
              [](auto& e) {
                e.add_recipients("cpam-25");
                e.mutable_referral_forwarded()->set_to("msa-25");
                e.mutable_referral_forwarded()->set_new_referral_id(std::string(16, 'q'));
              },
              "envelope.malformed recipients"},
        Fault{"meeting",
              [](auto& e) {
                e.set_appointment_id(std::string(16, 'a'));
                auto& meeting = *e.mutable_appointment_proposed()->mutable_meeting();
                meeting.set_start_ms(2'000);
                meeting.set_end_ms(1'000);
              },
              "appointment.bad_meeting appointment_proposed.meeting"}),
    [](const auto& fault) { return fault.param.name; });

TEST(EnvelopeCheck, knows_the_communes_of_corsica) {
  auto envelope = good_envelope();
  envelope.mutable_referral_requested()->set_commune("2A004");
  EXPECT_EQ(fault_of(submit_of(envelope)), "");
}

TEST(EnvelopeCheck, refuses_compartments_that_are_not_the_announced_ones) {
  auto submit = submit_of(good_envelope(), {good_compartment()});
  submit.mutable_compartments(0)->back() ^= 1;
  EXPECT_EQ(fault_of(submit), "compartment.digest_mismatch compartments[0]");
  EXPECT_EQ(fault_of([] {
              auto s = submit_of(good_envelope(), {good_compartment()});
              s.clear_compartments();
              return s;
            }()),
            "envelope.malformed compartments");
  auto nobody = good_compartment();
  nobody.clear_wraps();
  EXPECT_EQ(fault_of(submit_of(good_envelope(), {nobody})), "compartment.malformed compartments[0].wraps");
  auto other = good_compartment();
  other.mutable_wraps(0)->set_recipient("cpam-25");
  EXPECT_EQ(fault_of(submit_of(good_envelope(), {other})), "compartment.malformed compartments[0].wraps");
  auto category = good_compartment();
  category.set_category(static_cast<v1::Category>(77));
  EXPECT_EQ(fault_of(submit_of(good_envelope(), {category})), "envelope.malformed compartments[0].category");
}

TEST(EnvelopeCheck, refuses_what_is_not_an_envelope_or_not_signed) {
  v1::Submit submit;
  submit.set_envelope("\xff\xff\xff");
  EXPECT_EQ(fault_of(submit), "envelope.malformed envelope");
  auto unsigned_one = submit_of(good_envelope());
  unsigned_one.set_signature("short");
  EXPECT_EQ(fault_of(unsigned_one), "signature.invalid signature");
}

}  // namespace
}  // namespace relais::core
