#include <gtest/gtest.h>

#include "adapters/sdk/network_keeper.h"
#include "tests/support/small_network.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

using base::RefusalCode;

class NetworkTest : public ::testing::Test {
 protected:
  void open() {
    keeper.reset();
    store.reset();
    auto opened = Store::open(folder.path() / "adapter", clock);
    ASSERT_TRUE(opened);
    store = std::move(*opened);
    keeper = std::make_unique<NetworkKeeper>(*store, net.pins());
  }
  void SetUp() override { open(); }

  tests::TemporaryFolder folder;
  base::SystemClock clock;
  tests::SmallNetwork net;
  std::unique_ptr<Store> store;
  std::unique_ptr<NetworkKeeper> keeper;
};

TEST_F(NetworkTest, keeps_the_definition_over_a_restart) {
  EXPECT_EQ(keeper->current(), nullptr);
  EXPECT_FALSE(keeper->wait(std::chrono::milliseconds(1)));
  ASSERT_TRUE(keeper->accept(net.signed_network()));
  EXPECT_TRUE(keeper->wait(std::chrono::milliseconds(1)));
  open();
  ASSERT_NE(keeper->current(), nullptr);
  EXPECT_EQ(keeper->version(), 1u);
  EXPECT_NE(keeper->current()->institution("caf-25"), nullptr);
}

TEST_F(NetworkTest, never_goes_back_to_an_older_version) {
  net.definition.set_version(5);
  ASSERT_TRUE(keeper->accept(net.signed_network()));
  net.definition.set_version(4);
  const auto said = keeper->accept(net.signed_network());
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, RefusalCode::network_not_newer);
  EXPECT_EQ(keeper->version(), 5u);
}

TEST_F(NetworkTest, believes_only_the_pinned_authority) {
  auto forged = net.signed_network();
  forged.mutable_signature()->front() ^= 1;
  EXPECT_EQ(keeper->accept(forged).refusal().code, RefusalCode::network_signature);
  tests::SmallNetwork stranger;
  stranger.authority = base::new_signing_pair();
  EXPECT_EQ(keeper->accept(stranger.signed_network()).refusal().code, RefusalCode::network_signature);
  EXPECT_EQ(keeper->version(), 0u);
}

TEST_F(NetworkTest, refuses_another_network_and_another_broker) {
  net.definition.set_network("other");
  EXPECT_EQ(keeper->accept(net.signed_network()).refusal().field, "network");
  net.definition.set_network("test");
  net.definition.mutable_broker()->set_transport_key(std::string(32, 'x'));
  EXPECT_EQ(keeper->accept(net.signed_network()).refusal().field, "broker.transport_key");
}

TEST_F(NetworkTest, leaves_a_stored_definition_aside_when_the_pins_changed) {
  ASSERT_TRUE(keeper->accept(net.signed_network()));
  net.authority = base::new_signing_pair();
  open();
  EXPECT_EQ(keeper->current(), nullptr);
}

}  // namespace
}  // namespace relais::sdk
