#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "broker/core/envelope_check.h"
#include "broker/transport/frame_reader.h"
#include "tests/contract/vectors/vectors.h"

namespace relais::vectors {
namespace {

using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;

template <class Frame>
void expect_same(const Json& vector, Frame frame) {
  Frame expected;
  ASSERT_TRUE(JsonStringToMessage(vector.at("expect").at("json").dump(), &expected).ok());
  frame.DiscardUnknownFields();
  EXPECT_TRUE(MessageDifferencer::Equals(frame, expected)) << frame.DebugString();
}

TEST(VectorsOfFrames, of_adapters_are_read_or_refused) {
  each(load("frames.json").at("adapter_frames"), [](const Json& vector) {
    const auto frame = transport::read_frame(bytes(vector, "frame"), vector.at("frame_bytes_max"));
    if (good(vector, frame)) expect_same(vector, *frame);
  });
}

TEST(VectorsOfFrames, of_brokers_are_read_or_not) {
  each(load("frames.json").at("broker_frames"), [](const Json& vector) {
    v1::BrokerFrame frame;
    const bool parsed = frame.ParseFromString(bytes(vector, "frame"));
    EXPECT_EQ(parsed, !vector.at("expect").contains("code"));
    if (parsed && vector.at("expect").contains("json")) expect_same(vector, frame);
  });
}

TEST(VectorsOfFrames, hellos) {
  const std::string key(32, 'k');
  v1::NetworkDefinition network;
  auto& institution = *network.add_institutions();
  institution.set_id("ccas-25056");
  institution.add_transport_keys()->set_key(key);
  const transport::AccessList access(network);
  each(load("frames.json").at("hellos"), [&](const Json& vector) {
    v1::Hello hello;
    ASSERT_TRUE(hello.ParseFromString(bytes(vector, "hello")));
    good(vector, transport::read_hello(hello, key, access, base::from_ms(0)));
  });
}

TEST(VectorsOfEnvelopes, submissions_are_taken_or_refused) {
  const auto vectors = load("envelopes.json");
  const auto now = base::from_ms(vectors.at("now_ms").get<std::int64_t>());
  each(vectors.at("submissions"), [&](const Json& vector) {
    v1::Submit submit;
    ASSERT_TRUE(submit.ParseFromString(bytes(vector, "submit")));
    const auto envelope = submit.envelope();
    std::string message_id;
    const auto said = core::check_submission(std::move(submit), now, message_id);
    if (good(vector, said)) {
      EXPECT_EQ(said->envelope_bytes, envelope);
    }
  });
}

}  // namespace
}  // namespace relais::vectors
