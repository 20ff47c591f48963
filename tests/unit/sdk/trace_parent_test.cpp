#include "adapters/sdk/trace_parent.h"

#include <gtest/gtest.h>

namespace relais::sdk {
namespace {

v1::Envelope envelope_of(char message, char referral, char case_id) {
  v1::Envelope envelope;
  envelope.set_message_id(std::string(16, message));
  if (referral != 0) envelope.set_referral_id(std::string(16, referral));
  if (case_id != 0) envelope.set_case_id(std::string(16, case_id));
  return envelope;
}

TEST(TraceParent, is_the_referral_and_the_message) {
  EXPECT_EQ(trace_parent_for(envelope_of('\x11', '\x22', '\x33')),
            "00-22222222222222222222222222222222-1111111111111111-01");
}

TEST(TraceParent, is_the_case_where_there_is_no_referral) {
  EXPECT_EQ(trace_parent_for(envelope_of('\x11', 0, '\x33')),
            "00-33333333333333333333333333333333-1111111111111111-01");
}

TEST(TraceParent, is_the_message_alone_where_it_is_about_nobody) {
  EXPECT_EQ(trace_parent_for(envelope_of('\x11', 0, 0)), "00-11111111111111111111111111111111-1111111111111111-01");
}

}  // namespace
}  // namespace relais::sdk
