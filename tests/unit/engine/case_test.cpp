// A case across institutions: who takes part, who leads, what the person agreed to, and what may be told to whom.
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

/// An agreement of the territory between two institutions.
v1::Agreement& between(v1::NetworkDefinition& network, std::string one, std::string other) {
  if (other < one) std::swap(one, other);
  for (auto& agreement : *network.mutable_agreements())
    if (agreement.id() == one + "." + other) return agreement;
  throw std::out_of_range(one + "." + other);
}

class CaseTest : public MachineTest {
 protected:
  void SetUp() override {
    apply_network();
    for (const auto* institution : {"ccas-1", "caf-1", "cpam-1"}) open(institution);
  }

  template <class Fill>
  std::string say(const std::string& from, const std::string& to, char referral, Fill fill) {
    auto message = envelope(from, to, referral);
    fill(message);
    return refusal_of(message);
  }

  v1::Envelope about_case(const std::string& from, const std::vector<std::string>& to) {
    auto message = envelope(from, "nobody");
    message.clear_recipients();
    for (const auto& recipient : to) message.add_recipients(recipient);
    message.clear_referral_id();
    return message;
  }

  template <class Fill>
  std::string say_of_case(const std::string& from, const std::vector<std::string>& to, Fill fill) {
    auto message = about_case(from, to);
    fill(message);
    return refusal_of(message);
  }

  /// ccas-1 refers to `to`, which accepts.
  void followed_by(const std::string& to, char referral) {
    auto asked = envelope("ccas-1", to, referral);
    asked.mutable_referral_requested();
    ASSERT_EQ(refusal_of(asked), "accepted");
    ASSERT_EQ(say(to, "ccas-1", referral, [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  }

  void end(const std::string& host, char referral) {
    ASSERT_EQ(say(host, "ccas-1", referral,
                  [](auto& e) { e.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED); }),
              "accepted");
    ASSERT_EQ(say("ccas-1", host, referral, [](auto& e) { e.mutable_outcome_acknowledged(); }), "accepted");
  }

  v1::CaseRow parcours() {
    return machine_->state().find<v1::CaseRow>(core::TableId::cases, std::string(16, 'c')).value();
  }

  std::vector<std::string> participants() {
    std::vector<std::string> all;
    const auto row = parcours();
    for (const auto& participant : row.participants()) all.push_back(participant.institution());
    return all;
  }

  std::string note(const std::string& from, const std::vector<std::string>& to,
                   v1::Category category = v1::CATEGORY_IDENTITY) {
    auto message = about_case(from, to);
    message.mutable_note_shared();
    return refusal_of_sealed(message, {{category, to}});
  }
};

TEST_F(CaseTest, a_recipient_takes_part_from_its_acceptance_to_the_closed_loop) {
  auto asked = envelope("ccas-1", "caf-1", 'r');
  asked.mutable_referral_requested();
  ASSERT_EQ(refusal_of(asked), "accepted");
  EXPECT_EQ(participants(), std::vector<std::string>{"ccas-1"});
  ASSERT_EQ(say("caf-1", "ccas-1", 'r', [](auto& e) { e.mutable_referral_accepted(); }), "accepted");
  EXPECT_EQ(participants(), (std::vector<std::string>{"ccas-1", "caf-1"}));
  EXPECT_EQ(parcours().lead(), "ccas-1");
  end("caf-1", 'r');
  EXPECT_TRUE(participants().empty());
  EXPECT_EQ(parcours().lead(), "ccas-1");
}

TEST_F(CaseTest, shares_a_note_among_participants_only) {
  followed_by("caf-1", 'r');
  followed_by("cpam-1", 's');
  EXPECT_EQ(note("caf-1", {"ccas-1", "cpam-1"}), "accepted");
  EXPECT_EQ(note("cpam-1", {"caf-1"}), "accepted");
  end("cpam-1", 's');
  EXPECT_EQ(note("caf-1", {"cpam-1"}), "secrecy.not_followed_together");
  EXPECT_EQ(note("cpam-1", {"caf-1"}), "secrecy.not_followed_together");
  EXPECT_EQ(note("caf-1", {"ccas-1"}, v1::CATEGORY_HEALTH), "secrecy.category_not_needed");
  EXPECT_EQ(refusal_of_sealed(
                [&] {
                  auto message = about_case("caf-1", {"ccas-1"});
                  message.mutable_note_shared();
                  return message;
                }(),
                {{v1::CATEGORY_IDENTITY, {"cpam-1"}}}),
            "envelope.malformed");
}

TEST_F(CaseTest, keeps_on_whom_the_lead_asks_to_stay) {
  followed_by("caf-1", 'r');
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_participant_kept(); }), "lifecycle.not_your_role");
  EXPECT_EQ(say_of_case("ccas-1", {"caf-1"}, [](auto& e) { e.mutable_participant_kept(); }), "accepted");
  end("caf-1", 'r');
  EXPECT_EQ(participants(), std::vector<std::string>{"caf-1"});
  EXPECT_EQ(note("caf-1", {"ccas-1"}), "accepted");
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_participant_released(); }), "accepted");
  EXPECT_TRUE(participants().empty());
  EXPECT_EQ(note("caf-1", {"ccas-1"}), "secrecy.not_followed_together");
}

TEST_F(CaseTest, hands_the_lead_over_only_to_whom_it_was_offered) {
  followed_by("caf-1", 'r');
  followed_by("cpam-1", 's');
  const auto accepts = [](auto& e) { e.mutable_lead_accepted(); };
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, accepts), "lead.not_offered");
  EXPECT_EQ(say_of_case("caf-1", {"cpam-1"}, [](auto& e) { e.mutable_lead_offered(); }), "lifecycle.not_your_role");
  EXPECT_EQ(say_of_case("ccas-1", {"caf-1"}, [](auto& e) { e.mutable_lead_offered(); }), "accepted");
  EXPECT_EQ(say_of_case("cpam-1", {"ccas-1"}, accepts), "lead.not_offered");
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, [](auto& e) { e.mutable_lead_declined(); }), "accepted");
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, accepts), "lead.not_offered");
  EXPECT_EQ(say_of_case("ccas-1", {"caf-1"}, [](auto& e) { e.mutable_lead_offered(); }), "accepted");
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, accepts), "accepted");
  EXPECT_EQ(parcours().lead(), "caf-1");
  EXPECT_EQ(say_of_case("caf-1", {"ccas-1"}, accepts), "lead.not_offered");
}

TEST_F(CaseTest, asks_for_consent_where_the_agreement_does_and_stops_at_its_withdrawal) {
  auto network = simulation::territory(2);
  between(network, "ccas-1", "caf-1").set_basis(v1::BASIS_CONSENT);
  apply_network(network);
  const auto ask = [&](char referral) {
    auto asked = envelope("ccas-1", "caf-1", referral);
    asked.mutable_referral_requested();
    return refusal_of(asked);
  };
  EXPECT_EQ(ask('r'), "consent.missing");
  const auto grant = [&](std::int64_t until_ms) {
    return say_of_case("ccas-1", {}, [&](auto& e) {
      e.mutable_consent_granted()->add_purposes("housing");
      e.mutable_consent_granted()->set_form(v1::CONSENT_FORM_SPOKEN);
      e.mutable_consent_granted()->set_valid_until_ms(until_ms);
    });
  };
  EXPECT_EQ(grant(base::to_ms(now_ + std::chrono::hours(1))), "accepted");
  EXPECT_EQ(ask('r'), "accepted");
  now_ += std::chrono::hours(2);
  EXPECT_EQ(ask('s'), "consent.expired");
  EXPECT_EQ(grant(0), "accepted");
  EXPECT_EQ(say("caf-1", "ccas-1", 'r', [](auto& e) { e.mutable_referral_accepted(); }), "accepted");

  auto withdrawn = about_case("ccas-1", {});
  withdrawn.mutable_consent_withdrawn();
  ASSERT_EQ(refusal_of(withdrawn), "accepted");
  const auto told = drain("caf-1");
  ASSERT_FALSE(told.empty());
  const auto& notice = told.back();
  EXPECT_EQ(notice.sender(), "relais");
  ASSERT_EQ(notice.consent_withdrawn().purposes_size(), 1);
  EXPECT_EQ(notice.consent_withdrawn().purposes(0), "housing");
  EXPECT_EQ(ask('t'), "consent.withdrawn");
  EXPECT_EQ(note("caf-1", {"ccas-1"}), "consent.withdrawn");
  // The referral itself may still be brought to its end.
  end("caf-1", 'r');
}

TEST_F(CaseTest, sends_nothing_again_and_to_nobody_new_once_consent_is_withdrawn) {
  auto network = simulation::territory(2);
  between(network, "ccas-1", "caf-1").set_basis(v1::BASIS_CONSENT);
  for (auto& institution : *network.mutable_institutions())
    if (institution.id() == "caf-1") institution.add_members("cpam-1");
  apply_network(network);
  ASSERT_EQ(say_of_case("ccas-1", {},
                        [&](auto& e) {
                          e.mutable_consent_granted()->add_purposes("housing");
                          e.mutable_consent_granted()->set_form(v1::CONSENT_FORM_SPOKEN);
                        }),
            "accepted");
  auto asked = envelope("ccas-1", "caf-1");
  asked.mutable_referral_requested();
  asked.add_team_members("cpam-1");
  ASSERT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {"caf-1", "cpam-1"}}}), "accepted");
  ASSERT_EQ(reject_all("caf-1"), 1);
  auto withdrawn = about_case("ccas-1", {});
  withdrawn.mutable_consent_withdrawn();
  ASSERT_EQ(refusal_of(withdrawn), "accepted");
  EXPECT_EQ(say("caf-1", "ccas-1", 'r', [](auto& e) { e.mutable_referral_accepted()->set_member("cpam-1"); }),
            "consent.withdrawn");
  const auto row = machine_->state().message(asked.message_id()).value();
  core::RequeueDeadLetter again{{"Camille", "repaired"}, {}};
  again.delivery.set_recipient("caf-1");
  again.delivery.set_position(row.position());
  again.delivery.set_ordinal(row.ordinal());
  const auto said = machine_->operated(again, now_);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().name(), "consent.withdrawn");
}

TEST_F(CaseTest, sends_no_note_again_once_consent_is_withdrawn) {
  followed_by("caf-1", 'r');
  drain("caf-1");
  auto network = simulation::territory(2);
  between(network, "ccas-1", "caf-1").set_basis(v1::BASIS_CONSENT);
  apply_network(network);
  ASSERT_EQ(say_of_case("ccas-1", {},
                        [&](auto& e) {
                          e.mutable_consent_granted()->add_purposes("housing");
                          e.mutable_consent_granted()->set_form(v1::CONSENT_FORM_SPOKEN);
                        }),
            "accepted");
  auto shared = about_case("ccas-1", {"caf-1"});
  shared.mutable_note_shared();
  ASSERT_EQ(refusal_of_sealed(shared, {{v1::CATEGORY_IDENTITY, {"caf-1"}}}), "accepted");
  ASSERT_EQ(reject_all("caf-1"), 1);
  const auto row = machine_->state().message(shared.message_id()).value();
  core::RequeueDeadLetter again{{"Camille", "repaired"}, {}};
  again.delivery.set_recipient("caf-1");
  again.delivery.set_position(row.position());
  again.delivery.set_ordinal(row.ordinal());
  ASSERT_TRUE(machine_->operated(again, now_)) << "while it stands";
  turn();
  ASSERT_EQ(reject_all("caf-1"), 1);
  ASSERT_EQ(say_of_case("ccas-1", {}, [](auto& e) { e.mutable_consent_withdrawn(); }), "accepted");
  const auto said = machine_->operated(again, now_);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().name(), "consent.withdrawn");
}

TEST_F(CaseTest, refuses_what_is_said_of_a_case_that_never_was_or_by_a_stranger) {
  EXPECT_EQ(say_of_case("ccas-1", {}, [](auto& e) { e.mutable_consent_withdrawn(); }), "case.unknown");
  EXPECT_EQ(note("ccas-1", {"caf-1"}), "case.unknown");
  followed_by("caf-1", 'r');
  EXPECT_EQ(say_of_case("cpam-1", {}, [](auto& e) { e.mutable_consent_withdrawn(); }), "secrecy.not_followed_together");
  EXPECT_EQ(say_of_case("ccas-1", {},
                        [](auto& e) {
                          e.mutable_consent_granted()->add_purposes("astrology");
                          e.mutable_consent_granted()->set_form(v1::CONSENT_FORM_WRITTEN);
                        }),
            "purpose.unknown");
}

TEST_F(CaseTest, lets_the_social_security_number_go_only_where_both_parties_may_process_it) {
  auto network = simulation::territory(2);
  auto& agreement = between(network, "ccas-1", "caf-1");
  agreement.mutable_purposes(0)->add_categories(v1::CATEGORY_NIR);
  network.mutable_missions(0)->add_categories(v1::CATEGORY_NIR);
  apply_network(network);
  const auto ask = [&](char referral) {
    auto asked = envelope("ccas-1", "caf-1", referral);
    asked.mutable_referral_requested();
    return refusal_of_sealed(asked, {{v1::CATEGORY_NIR, {"caf-1"}}});
  };
  EXPECT_EQ(ask('r'), "secrecy.nir");
  network.set_version(3);
  agreement.set_nir(true);
  apply_network(network);
  EXPECT_EQ(ask('r'), "accepted");
}

TEST_F(CaseTest, keeps_within_the_branch_of_the_law_that_the_agreement_names) {
  auto network = simulation::territory(2);
  auto& profile = *network.add_profiles();
  profile.set_id("child_protection");
  profile.set_name_en("Child protection");
  profile.set_name_fr("Protection de l'enfance");
  profile.set_reference("CASF L226-2-2");
  profile.add_categories(v1::CATEGORY_NOTE);
  profile.add_missions("social");
  between(network, "ccas-1", "caf-1").set_profile("child_protection");
  apply_network(network);
  auto asked = envelope("ccas-1", "caf-1", 'r');
  asked.mutable_referral_requested();
  EXPECT_EQ(refusal_of_sealed(asked, {{v1::CATEGORY_IDENTITY, {"caf-1"}}}), "secrecy.profile");
}

TEST_F(CaseTest, shows_the_lead_the_whole_path_and_each_participant_its_own_part) {
  followed_by("caf-1", 'r');
  followed_by("cpam-1", 's');
  ASSERT_EQ(note("caf-1", {"ccas-1"}), "accepted");
  const auto seen_by = [&](const std::string& institution) {
    v1::Query query;
    query.set_query_id(7);
    query.set_case_id(std::string(16, 'c'));
    machine_->queried(sessions_.at(institution), query, now_);
    return turn().at(sessions_.at(institution)).answers(0);
  };
  const auto lead = seen_by("ccas-1");
  EXPECT_EQ(lead.case_view().referrals_size(), 2);
  EXPECT_EQ(lead.case_view().participants_size(), 3);
  ASSERT_EQ(lead.case_view().shared_size(), 1);
  EXPECT_EQ(lead.case_view().shared(0).shared(0).category(), v1::CATEGORY_IDENTITY);
  const auto caf = seen_by("caf-1");
  ASSERT_EQ(caf.case_view().referrals_size(), 1);
  EXPECT_EQ(caf.case_view().referrals(0).recipient(), "caf-1");
  EXPECT_EQ(seen_by("cpam-1").case_view().shared_size(), 0);
  ASSERT_EQ(note("caf-1", {"cpam-1"}), "accepted");
  EXPECT_EQ(seen_by("ccas-1").case_view().shared_size(), 2)
      << "the lead sees what others tell each other, as envelopes";
  end("cpam-1", 's');
  EXPECT_EQ(seen_by("cpam-1").refused().code(), "not.found");
}

}  // namespace
}  // namespace relais::engine
