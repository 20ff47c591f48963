#include "broker/transport/frame_reader.h"

#include <gtest/gtest.h>

#include "relais/v1/envelope.pb.h"

namespace relais::transport {
namespace {

using base::RefusalCode;

const std::string kKey(32, 'a');

AccessList access() {
  v1::NetworkDefinition network;
  for (const auto* id : {"caf-25", "ccas-25056"}) {
    auto& institution = *network.add_institutions();
    institution.set_id(id);
    institution.add_transport_keys()->set_key(kKey);
  }
  network.add_institutions()->set_id("cpam-25");
  return AccessList(network);
}

v1::Hello hello() {
  v1::Hello hello;
  hello.add_protocol_versions(1);
  hello.set_adapter("files");
  hello.set_adapter_version("0.1.0");
  hello.add_institutions("caf-25");
  return hello;
}

auto read(const v1::Hello& hello) { return read_hello(hello, kKey, access(), base::from_ms(0)); }

v1::Submit submit(char id, std::size_t compartment_bytes) {
  v1::Envelope envelope;
  envelope.set_message_id(std::string(16, id));
  v1::Submit submit;
  submit.set_envelope(envelope.SerializeAsString());
  submit.add_compartments(std::string(compartment_bytes, 'c'));
  return submit;
}

TEST(ReadFrame, refuses_what_is_too_large_before_reading_it) {
  const auto frame = read_frame(std::string(101, '\xff'), 100);
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.refusal().code, RefusalCode::frame_too_large);
}

TEST(ReadFrame, refuses_bytes_that_are_no_frame_and_frames_cut_short) {
  v1::AdapterFrame frame;
  frame.set_session(1);
  *frame.add_submits() = submit('m', 100);
  const auto bytes = frame.SerializeAsString();
  EXPECT_TRUE(read_frame(bytes, 1'000).ok());
  EXPECT_EQ(read_frame("\xff\xff\xff", 1'000).refusal().code, RefusalCode::frame_malformed);
  for (std::size_t cut = 10; cut < bytes.size(); ++cut)
    EXPECT_FALSE(read_frame(std::string_view(bytes).substr(0, cut), 1'000).ok()) << cut;
}

TEST(ReadFrame, an_empty_frame_is_a_frame) { EXPECT_TRUE(read_frame({}, 1'000).ok()); }

TEST(ReadFrame, a_hello_stands_alone) {
  v1::AdapterFrame frame;
  *frame.mutable_hello() = hello();
  EXPECT_TRUE(read_frame(frame.SerializeAsString(), 1'000).ok());
  auto with_session = frame;
  with_session.set_session(4);
  EXPECT_EQ(read_frame(with_session.SerializeAsString(), 1'000).refusal().code, RefusalCode::frame_malformed);
  auto with_grant = frame;
  with_grant.mutable_grant()->set_messages(1);
  EXPECT_EQ(read_frame(with_grant.SerializeAsString(), 1'000).refusal().field, "hello");
}

TEST(OversizedSubmits, are_taken_out_and_named_while_the_others_stay_in_order) {
  v1::AdapterFrame frame;
  *frame.add_submits() = submit('a', 10);
  *frame.add_submits() = submit('b', 5'000);
  *frame.add_submits() = submit('c', 10);
  auto& unreadable = *frame.add_submits();
  unreadable.set_envelope(std::string(5'000, '\xff'));
  *frame.add_submits() = submit('d', 10);
  const auto refusals = take_oversized_submits(frame, 1'000);
  ASSERT_EQ(refusals.size(), 2u);
  EXPECT_EQ(refusals[0].code(), "message.too_large");
  EXPECT_EQ(refusals[0].message_id(), std::string(16, 'b'));
  EXPECT_EQ(refusals[0].field(), "submits[1]");
  EXPECT_FALSE(refusals[0].retry());
  EXPECT_EQ(refusals[1].message_id(), "");
  EXPECT_EQ(refusals[1].field(), "submits[3]");
  ASSERT_EQ(frame.submits_size(), 3);
  EXPECT_EQ(frame.submits(0).envelope(), submit('a', 0).envelope());
  EXPECT_EQ(frame.submits(1).envelope(), submit('c', 0).envelope());
  EXPECT_EQ(frame.submits(2).envelope(), submit('d', 0).envelope());
}

TEST(OversizedSubmits, the_limit_itself_is_allowed) {
  v1::AdapterFrame frame;
  *frame.add_submits() = submit('a', 100);
  const auto bytes = static_cast<std::uint32_t>(100 + frame.submits(0).envelope().size());
  EXPECT_TRUE(take_oversized_submits(frame, bytes).empty());
  EXPECT_EQ(take_oversized_submits(frame, bytes - 1).size(), 1u);
}

TEST(ReadHello, tells_what_the_session_is) {
  auto both = hello();
  both.add_protocol_versions(2);
  both.add_institutions("ccas-25056");
  both.add_institutions("caf-25");
  const auto session = read(both);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->adapter, "files");
  EXPECT_EQ(session->adapter_version, "0.1.0");
  EXPECT_EQ(session->transport_key, kKey);
  EXPECT_EQ(session->institutions, (std::vector<std::string>{"caf-25", "ccas-25056"}));
}

TEST(ReadHello, names_the_versions_that_the_broker_speaks) {
  auto future = hello();
  future.set_protocol_versions(0, 2);
  EXPECT_EQ(read(future).refusal().code, RefusalCode::frame_version);
  EXPECT_NE(read(future).refusal().english().find('1'), std::string::npos);
  future.clear_protocol_versions();
  EXPECT_EQ(read(future).refusal().code, RefusalCode::frame_version);
}

TEST(ReadHello, refuses_institutions_that_do_not_list_the_key) {
  auto other = hello();
  other.add_institutions("cpam-25");
  EXPECT_EQ(read(other).refusal().code, RefusalCode::identity_not_served);
  EXPECT_EQ(read(other).refusal().field, "hello.institutions[1]");
  other.set_institutions(1, "Jean Dupont");
  EXPECT_EQ(read(other).refusal().english().find("Dupont"), std::string::npos);
}

TEST(ReadHello, refuses_a_key_that_no_longer_counts) {
  EXPECT_EQ(read_hello(hello(), std::string(32, 'z'), access(), base::from_ms(0)).refusal().code,
            RefusalCode::identity_unknown);
}

TEST(ReadHello, refuses_names_that_would_spoil_a_log) {
  auto bad = hello();
  bad.set_adapter("files\nlevel=error");
  EXPECT_EQ(read(bad).refusal().field, "hello.adapter");
  bad = hello();
  bad.clear_adapter_version();
  EXPECT_EQ(read(bad).refusal().field, "hello.adapter_version");
  bad = hello();
  bad.clear_institutions();
  EXPECT_EQ(read(bad).refusal().field, "hello.institutions");
}

}  // namespace
}  // namespace relais::transport
