// A real relaisd and real adapters: a referral that names a need and a commune reaches the one institution that takes
// it, or comes back with a reason and the candidates.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/routing/desk.h"
#include "tests/support/real_network.h"

namespace relais::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kAdil = R"(
[[institution]]
id = "adil-25"
name = "ADIL du Doubs"
kind = "association"
mission = "all"
departements = ["25"]
)";

constexpr std::string_view kAdilAgreement = R"(
[[agreement]]
id = "adil"
name = "ADIL"
legal_basis = "none, nobody is concerned"
valid_from = 2024-01-01
valid_until = 2099-12-31
retention = "1d"
direction = [{from = "ccas-25056", to = "adil-25"}]
purpose = [{purpose = "access_to_rights", categories = ["identity"]}]
)";

constexpr std::string_view kServices = R"(
[[service]]
id = "caf-budget"
institution = "caf-25"
name = "Conseil en économie sociale"
thematics = ["difficultes-financieres--ameliorer-sa-gestion-budgetaire"]
epcis = ["242500361"]

[[service]]
id = "caf-logement"
institution = "caf-25"
name = "Aides au logement"
thematics = ["logement-hebergement"]
departements = ["25"]

[[service]]
id = "caf-hesdin"
institution = "caf-25"
name = "Loin"
thematics = ["mobilite"]
communes = ["62447"]

[[service]]
id = "adil-conseil"
institution = "adil-25"
name = "Conseil aux locataires"
thematics = ["logement-hebergement--se-maintenir-dans-le-logement"]
)";

class NeedAndPlace : public testing::Test {
 protected:
  NeedAndPlace() { start_ccas(); }

  std::unique_ptr<sdk::Adapter> adapter(const std::string& institution, Desk& desk) {
    const auto file = net_.write(institution + "/adapter.toml", net_.adapter_settings(institution, institution));
    auto read = sdk::read_config(file, [](base::TableReader&, const std::filesystem::path&) {});
    EXPECT_TRUE(read.faults.empty());
    auto made = std::make_unique<sdk::Adapter>(std::move(read.config), desk, clock_);
    EXPECT_TRUE(made->start());
    return made;
  }
  void start_ccas() {
    ccas_.reset();
    ccas_ = adapter("ccas-25056", at_ccas_);
    ASSERT_TRUE(ccas_->wait_for_network(kPatience));
  }

  static sdk::Draft draft(const std::string& need, const std::string& commune) {
    sdk::Draft made;
    made.envelope.set_purpose("access_to_rights");
    made.envelope.mutable_referral_requested()->set_service_need(need);
    made.envelope.mutable_referral_requested()->set_commune(commune);
    v1::Identity identity;
    identity.set_family_name("Exemple-plante");
    sdk::add_content(made, identity);
    return made;
  }

  /// The refusal of a referral with this need and commune.
  v1::Refused refusal_of(const std::string& need, const std::string& commune) {
    const auto before = at_ccas_.refused.size();
    EXPECT_TRUE(ccas_->submit(draft(need, commune)));
    if (!at_ccas_.wait([&] { return at_ccas_.refused.size() > before; })) return {};
    return at_ccas_.refused.back().second;
  }

  base::SystemClock clock_;
  RealNetwork net_{1,
                   {{"institutions/adil-25.toml", std::string(kAdil)},
                    {"agreements/adil.toml", std::string(kAdilAgreement)},
                    {"services/all.toml", std::string(kServices)}}};
  Desk at_ccas_;
  Desk at_caf_;
  std::unique_ptr<sdk::Adapter> ccas_;
};

TEST_F(NeedAndPlace, lead_to_the_one_institution_that_takes_it) {
  const auto caf = adapter("caf-25", at_caf_);
  ASSERT_TRUE(ccas_->submit(draft("difficultes-financieres--ameliorer-sa-gestion-budgetaire", "25056")));
  ASSERT_TRUE(at_caf_.wait([&] { return !at_caf_.messages.empty(); }));
  const auto& got = at_caf_.messages.front();
  EXPECT_EQ(got.envelope.sender(), "ccas-25056");
  EXPECT_THAT(got.envelope.recipients(), ElementsAre("caf-25"));
  EXPECT_EQ(got.envelope.referral_requested().service_id(), "caf-budget");
  ASSERT_EQ(got.contents.size(), 1U);
  EXPECT_EQ(std::get<v1::Identity>(got.contents[0].content).family_name(), "Exemple-plante");
  // The CCAS hears from it as from any other referral.
  EXPECT_TRUE(at_ccas_.wait([&] { return !at_ccas_.messages.empty(); }));
  EXPECT_EQ(at_ccas_.messages.front().envelope.referral_id(), got.envelope.referral_id());
  EXPECT_EQ(ccas_->known_referral(got.envelope.referral_id())->recipient, "caf-25");
  EXPECT_EQ(ccas_->health().refused_messages, 0U);
}

TEST_F(NeedAndPlace, outlast_a_broker_that_is_away_and_an_adapter_that_is_restarted) {
  net_.broker().kill();
  auto made = draft("difficultes-financieres", "25056");
  made.envelope.set_message_id(sdk::named_id("test", "row 1"));
  made.envelope.set_referral_id(sdk::new_id());
  ASSERT_TRUE(ccas_->submit(made));
  sdk::Draft cancelled;
  cancelled.envelope.set_referral_id(made.envelope.referral_id());
  cancelled.envelope.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_SENT_BY_MISTAKE);
  ASSERT_TRUE(ccas_->submit(cancelled));
  EXPECT_EQ(ccas_->health().outbox_messages, 2U);
  start_ccas();
  EXPECT_EQ(ccas_->health().outbox_messages, 2U);
  EXPECT_TRUE(ccas_->was_submitted(*base::MessageId::from_bytes(made.envelope.message_id())));
  ASSERT_TRUE(ccas_->submit(made));  // the same again is not a second one
  EXPECT_EQ(ccas_->health().outbox_messages, 2U);
  EXPECT_TRUE(at_ccas_.receipts.empty());
  net_.broker().start();
  net_.wait_for_broker();
  const auto caf = adapter("caf-25", at_caf_);
  ASSERT_TRUE(at_caf_.wait([&] { return at_caf_.messages.size() == 2; }));
  EXPECT_TRUE(at_caf_.messages[0].envelope.has_referral_requested());
  EXPECT_TRUE(at_caf_.messages[1].envelope.has_referral_cancelled());
  EXPECT_TRUE(at_ccas_.wait([&] { return at_ccas_.receipts.size() == 2; }));
}

TEST_F(NeedAndPlace, come_back_with_the_candidates_when_somebody_must_choose) {
  const auto refusal = refusal_of("logement-hebergement--se-maintenir-dans-le-logement", "25056");
  EXPECT_EQ(refusal.code(), "route.ambiguous");
  EXPECT_THAT(refusal.english(), HasSubstr("adil-25 (adil-conseil), caf-25 (caf-logement)"));
  EXPECT_THAT(refusal.allowed(), ElementsAre("adil-25", "caf-25"));
  // The handler hears of it first, then the list has it.
  for (int i = 0; i < 1'000 && ccas_->refused().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_EQ(ccas_->refused().size(), 1U);
  EXPECT_EQ(ccas_->refused()[0].envelope.referral_requested().commune(), "25056");
  EXPECT_FALSE(ccas_->known_referral(ccas_->refused()[0].envelope.referral_id()));
}

TEST_F(NeedAndPlace, come_back_when_nobody_takes_it_there) {
  EXPECT_EQ(refusal_of("numerique", "25056").code(), "route.none");
  EXPECT_EQ(refusal_of("difficultes-financieres", "25388").code(), "route.none");  // another EPCI
}

TEST_F(NeedAndPlace, know_communes_that_were_merged_and_refuse_those_that_never_were) {
  const auto caf = adapter("caf-25", at_caf_);
  ASSERT_TRUE(ccas_->submit(draft("mobilite", "62461")));
  EXPECT_TRUE(at_caf_.wait([&] { return !at_caf_.messages.empty(); }));
  const auto refusal = refusal_of("mobilite", "62999");
  EXPECT_EQ(refusal.code(), "commune.unknown");
  EXPECT_THAT(refusal.french(), HasSubstr("62999"));
}

TEST_F(NeedAndPlace, leave_nothing_readable_on_the_disk_while_they_wait) {
  net_.broker().kill();
  ASSERT_TRUE(ccas_->submit(draft("difficultes-financieres", "25056")));
  ccas_.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(net_.folder() / "ccas-25056")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(bytes.find("Exemple-plante"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace relais::tests
