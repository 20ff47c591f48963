#include "broker/transport/access_list.h"

#include <gtest/gtest.h>

namespace relais::transport {
namespace {

const std::string kKeyA(32, 'a');
const std::string kKeyB(32, 'b');

v1::NetworkDefinition network() {
  v1::NetworkDefinition network;
  network.set_version(7);
  auto& caf = *network.add_institutions();
  caf.set_id("caf-25");
  caf.add_transport_keys()->set_key(kKeyA);
  auto& ccas = *network.add_institutions();
  ccas.set_id("ccas-25056");
  auto& key = *ccas.add_transport_keys();
  key.set_key(kKeyB);
  key.set_valid_from_ms(1'000);
  key.set_valid_until_ms(2'000);
  auto& shared = *ccas.add_transport_keys();
  shared.set_key(kKeyA);
  shared.set_valid_until_ms(5'000);
  return network;
}

TEST(AccessList, lets_nobody_in_before_there_is_a_network) {
  const AccessList access;
  EXPECT_FALSE(access.knows(kKeyA, base::from_ms(0)));
  EXPECT_EQ(access.network_version(), 0u);
}

TEST(AccessList, knows_a_key_only_while_it_is_valid) {
  const AccessList access(network());
  EXPECT_EQ(access.network_version(), 7u);
  EXPECT_TRUE(access.knows(kKeyA, base::from_ms(9'000'000)));
  EXPECT_FALSE(access.knows(kKeyB, base::from_ms(999)));
  EXPECT_TRUE(access.knows(kKeyB, base::from_ms(1'000)));
  EXPECT_TRUE(access.knows(kKeyB, base::from_ms(1'999)));
  EXPECT_FALSE(access.knows(kKeyB, base::from_ms(2'000)));
  EXPECT_FALSE(access.knows(std::string(32, 'z'), base::from_ms(1'500)));
}

TEST(AccessList, a_key_speaks_for_each_institution_in_its_own_time) {
  const AccessList access(network());
  EXPECT_TRUE(access.speaks_for(kKeyA, "caf-25", base::from_ms(6'000)));
  EXPECT_TRUE(access.speaks_for(kKeyA, "ccas-25056", base::from_ms(4'999)));
  EXPECT_FALSE(access.speaks_for(kKeyA, "ccas-25056", base::from_ms(5'000)));
  EXPECT_FALSE(access.speaks_for(kKeyB, "caf-25", base::from_ms(1'500)));
}

}  // namespace
}  // namespace relais::transport
