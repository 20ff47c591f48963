// What may not be told is left out before it is sealed, and the envelope says so.
#include "adapters/sdk/minimisation.h"

#include <gtest/gtest.h>

#include "tests/support/small_network.h"

namespace relais::sdk {
namespace {

constexpr base::Instant kNow = base::from_ms(1'800'000'000'000);

class Minimisation : public testing::Test {
 protected:
  [[nodiscard]] std::shared_ptr<const Network> verified() const {
    auto network = Network::verify(small_.signed_network(), small_.pins());
    EXPECT_TRUE(network);
    return *network;
  }

  v1::Envelope request() const {
    auto envelope = tests::request("caf-25");
    envelope.set_sender("ccas-25056");
    return envelope;
  }

  static std::vector<DraftContent> drafted(std::initializer_list<v1::Category> categories) {
    std::vector<DraftContent> contents;
    for (const auto category : categories) contents.push_back({category, "bytes", {}});
    return contents;
  }

  v1::Agreement& agreement() { return *small_.definition.mutable_agreements(0); }

  tests::SmallNetwork small_;
};

TEST_F(Minimisation, leaves_out_what_the_purpose_does_not_need_and_says_so) {
  agreement().mutable_purposes(0)->clear_categories();
  agreement().mutable_purposes(0)->add_categories(v1::CATEGORY_IDENTITY);
  auto envelope = request();
  const auto left = minimise(envelope, drafted({v1::CATEGORY_IDENTITY, v1::CATEGORY_HEALTH}), *verified(), kNow);
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ((*left)[0].category, v1::CATEGORY_IDENTITY);
  EXPECT_EQ((*left)[0].recipients, std::vector<std::string>{"caf-25"});
  ASSERT_EQ(envelope.withheld_size(), 1);
  EXPECT_EQ(envelope.withheld(0).category(), v1::CATEGORY_HEALTH);
  EXPECT_EQ(envelope.withheld(0).recipient(), "caf-25");
  EXPECT_EQ(envelope.withheld(0).rule(), "secrecy.category_not_needed");
}

TEST_F(Minimisation, leaves_out_the_number_where_not_both_may_process_it) {
  agreement().set_nir(false);
  auto envelope = request();
  const auto left = minimise(envelope, drafted({v1::CATEGORY_NIR}), *verified(), kNow);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  ASSERT_EQ(envelope.withheld_size(), 1);
  EXPECT_EQ(envelope.withheld(0).rule(), "secrecy.nir");
}

TEST_F(Minimisation, shows_each_reader_only_what_its_mission_allows) {
  auto& mission = *small_.definition.add_missions();
  mission.set_id("housing");
  mission.set_name("Housing");
  mission.add_categories(v1::CATEGORY_IDENTITY);
  small_.definition.mutable_institutions(2)->set_mission("housing");
  auto envelope = request();
  envelope.clear_referral_requested();
  envelope.mutable_note_shared();
  envelope.add_recipients("cpam-25");
  const auto left = minimise(envelope, drafted({v1::CATEGORY_IDENTITY, v1::CATEGORY_HEALTH}), *verified(), kNow);
  ASSERT_TRUE(left);
  ASSERT_EQ(left->size(), 2U);
  EXPECT_EQ((*left)[0].recipients, (std::vector<std::string>{"caf-25", "cpam-25"}));
  EXPECT_EQ((*left)[1].recipients, std::vector<std::string>{"caf-25"});
  EXPECT_EQ(envelope.withheld(0).rule(), "secrecy.mission");
}

TEST_F(Minimisation, refuses_a_reader_that_gets_no_message) {
  auto envelope = request();
  const auto left =
      minimise(envelope, std::vector<DraftContent>{{v1::CATEGORY_NOTE, "bytes", {"cpam-25"}}}, *verified(), kNow);
  ASSERT_FALSE(left);
  EXPECT_EQ(left.refusal().name(), "envelope.malformed");
  EXPECT_EQ(left.refusal().field, "contents[0].recipients");
}

TEST_F(Minimisation, leaves_everything_in_where_no_agreement_covers_it) {
  auto envelope = request();
  envelope.set_purpose("unknown");
  const auto left = minimise(envelope, drafted({v1::CATEGORY_HEALTH}), *verified(), kNow);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->size(), 1U);
  EXPECT_TRUE(envelope.withheld().empty());
}

TEST_F(Minimisation, seals_a_request_for_those_who_may_have_to_take_it_over) {
  small_.definition.mutable_purposes(0)->set_default_recipient("cpam-25");
  auto envelope = request();
  name_fallbacks(envelope, *verified(), kNow);
  ASSERT_EQ(envelope.fallbacks_size(), 1);
  EXPECT_EQ(envelope.fallbacks(0), "cpam-25");
  const auto left = minimise(envelope, drafted({v1::CATEGORY_IDENTITY}), *verified(), kNow);
  ASSERT_TRUE(left);
  EXPECT_EQ((*left)[0].recipients, (std::vector<std::string>{"caf-25", "cpam-25"}));
  auto accepted = request();
  accepted.clear_referral_requested();
  accepted.mutable_referral_accepted();
  name_fallbacks(accepted, *verified(), kNow);
  EXPECT_TRUE(accepted.fallbacks().empty());
}

}  // namespace
}  // namespace relais::sdk
