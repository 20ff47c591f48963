// Whom an announcement names; the Python SDK reads the same table.
#include "adapters/sdk/audience.h"

#include <fstream>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "relais_paths.h"
#include "tests/support/small_network.h"

namespace relais::sdk {
namespace {

using Json = nlohmann::json;

TEST(Audience, is_of_the_kinds_and_places_that_the_announcement_names) {
  std::ifstream file(std::string(RELAIS_SOURCE) + "/tests/data/directory/audience.json");
  const auto table = Json::parse(file);
  tests::SmallNetwork net;
  const auto key = net.definition.institutions(0).sealing_keys(0);
  net.definition.clear_institutions();
  net.definition.clear_agreements();
  const auto& keyless = table.at("without_sealing_key");
  for (const auto& one : table.at("institutions")) {
    auto& institution = *net.definition.add_institutions();
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(one.dump(), &institution).ok());
    if (std::find(keyless.begin(), keyless.end(), one.at("id")) == keyless.end()) *institution.add_sealing_keys() = key;
  }
  const auto network = Network::verify(net.signed_network(), net.pins());
  ASSERT_TRUE(network);
  for (const auto& one : table.at("cases")) {
    v1::Envelope envelope;
    envelope.set_sender(table.at("sender"));
    auto& body = *envelope.mutable_announcement_made();
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(one.at("body").dump(), &body).ok());
    name_audience(envelope, **network, base::SystemClock().now());
    EXPECT_EQ(one.at("expected"), Json(std::vector(envelope.recipients().begin(), envelope.recipients().end())))
        << one.at("why");
  }
}

}  // namespace
}  // namespace relais::sdk
