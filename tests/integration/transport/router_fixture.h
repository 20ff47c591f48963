// A router on a free port, and a network of two institutions that it knows.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "tests/integration/transport/test_adapter.h"

namespace relais::transport::testing {

class RouterTest : public ::testing::Test {
 public:
  ~RouterTest() override {
    if (router) router->stop();
  }

 protected:
  RouterTest() { base::crypto_init(); }

  /// Starts with the network below in force.
  void start(RouterConfig config = {}) {
    config.endpoint = "tcp://127.0.0.1:*";
    router = std::make_unique<Router>(config, broker.secret.copy(), memory, clock);
    router->use_network(network());
    ASSERT_TRUE(router->start().ok());
  }

  /// caf-25 with two keys, ccas-25056 with one.
  [[nodiscard]] std::shared_ptr<v1::NetworkDefinition> network() const {
    auto definition = std::make_shared<v1::NetworkDefinition>();
    definition->set_version(1);
    auto& first = *definition->add_institutions();
    first.set_id("caf-25");
    first.add_transport_keys()->set_key(text(caf.public_key));
    first.add_transport_keys()->set_key(text(caf_second.public_key));
    auto& second = *definition->add_institutions();
    second.set_id("ccas-25056");
    second.add_transport_keys()->set_key(text(ccas.public_key));
    return definition;
  }

  [[nodiscard]] TestAdapter adapter(const base::KeyPair& key, const TestAdapter::Options& options = {}) {
    return {context, router->endpoint(), broker.public_key, key, options};
  }

  base::SystemClock clock;
  base::KeyPair broker = base::new_transport_pair();
  base::KeyPair caf = base::new_transport_pair();
  base::KeyPair caf_second = base::new_transport_pair();
  base::KeyPair ccas = base::new_transport_pair();
  Memory memory;
  std::unique_ptr<Router> router;
  zmq::Context context{1};
};

}  // namespace relais::transport::testing
