#include "broker/core/directory.h"

#include <gtest/gtest.h>

namespace relais::core {
namespace {

using Kind = Coverage::Kind;
using base::from_ms;

v1::NetworkDefinition definition() {
  v1::NetworkDefinition network;
  network.add_institutions()->set_id("ccas-25056");
  network.add_institutions()->set_id("caf-25");
  network.add_purposes()->set_id("housing");
  network.add_missions()->set_id("social");
  const auto add = [&](const std::string& id, std::int64_t from_ms, std::int64_t until_ms) {
    auto& agreement = *network.add_agreements();
    agreement.set_id(id);
    agreement.set_valid_from_ms(from_ms);
    agreement.set_valid_until_ms(until_ms);
    agreement.add_directions()->set_from("ccas-25056");
    agreement.mutable_directions(0)->set_to("caf-25");
    agreement.add_purposes()->set_purpose("housing");
  };
  add("first", 1000, 2000);
  add("second", 3000, 4000);
  return network;
}

class Directories : public testing::Test {
 protected:
  [[nodiscard]] Coverage at(std::int64_t ms) const {
    return directory_.coverage("ccas-25056", "caf-25", "housing", from_ms(ms));
  }
  Directory directory_{definition()};
};

TEST_F(Directories, find_what_the_definition_names_and_nothing_else) {
  ASSERT_NE(directory_.institution("caf-25"), nullptr);
  EXPECT_EQ(directory_.institution("caf-25")->id(), "caf-25");
  EXPECT_EQ(directory_.institution("caf-2"), nullptr);
  EXPECT_NE(directory_.agreement("second"), nullptr);
  EXPECT_EQ(directory_.agreement("third"), nullptr);
  EXPECT_NE(directory_.mission("social"), nullptr);
  EXPECT_NE(directory_.purpose("housing"), nullptr);
  EXPECT_EQ(directory_.purpose("health"), nullptr);
}

TEST_F(Directories, tell_whether_an_agreement_holds_has_ended_or_has_not_begun) {
  EXPECT_EQ(at(999).kind, Kind::not_yet_valid);
  EXPECT_EQ(at(1000).kind, Kind::valid);
  EXPECT_EQ(at(1000).agreement->id(), "first");
  EXPECT_EQ(at(1999).kind, Kind::valid);
  EXPECT_EQ(at(3500).agreement->id(), "second");
  EXPECT_EQ(at(4000).kind, Kind::expired);
  EXPECT_EQ(at(4000).agreement->id(), "second");
}

TEST_F(Directories, cover_neither_the_way_back_nor_another_purpose) {
  EXPECT_EQ(directory_.coverage("caf-25", "ccas-25056", "housing", from_ms(1000)).kind, Kind::none);
  EXPECT_EQ(directory_.coverage("ccas-25056", "caf-25", "health", from_ms(1000)).kind, Kind::purpose_not_covered);
}

TEST_F(Directories, do_not_mix_up_parties_whose_names_run_together) {
  EXPECT_EQ(directory_.coverage("ccas-2505", "6caf-25", "housing", from_ms(1000)).kind, Kind::none);
}

TEST(Directory, takes_the_routine_deadlines_when_no_priority_was_given) {
  v1::Agreement agreement;
  agreement.add_deadlines()->set_priority(v1::PRIORITY_URGENT);
  agreement.add_deadlines()->set_priority(v1::PRIORITY_ROUTINE);
  EXPECT_EQ(Directory::deadlines(agreement, v1::PRIORITY_UNSPECIFIED), &agreement.deadlines(1));
  EXPECT_EQ(Directory::deadlines(agreement, v1::PRIORITY_URGENT), &agreement.deadlines(0));
  EXPECT_EQ(Directory::deadlines(agreement, v1::PRIORITY_STAT), nullptr);
}

TEST(Directory, counts_a_key_from_its_first_instant_to_before_its_last) {
  v1::PublicKey key;
  EXPECT_TRUE(Directory::valid_at(key, from_ms(5)));
  key.set_valid_from_ms(10);
  key.set_valid_until_ms(20);
  EXPECT_FALSE(Directory::valid_at(key, from_ms(9)));
  EXPECT_TRUE(Directory::valid_at(key, from_ms(10)));
  EXPECT_TRUE(Directory::valid_at(key, from_ms(19)));
  EXPECT_FALSE(Directory::valid_at(key, from_ms(20)));
}

}  // namespace
}  // namespace relais::core
