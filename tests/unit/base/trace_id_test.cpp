#include "broker/base/trace_id.h"

#include <string>

#include <gtest/gtest.h>

namespace relais::base {
namespace {

TEST(TraceId, is_the_middle_of_a_traceparent) {
  EXPECT_EQ(trace_id("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(TraceId, of_anything_else_nothing_is_told) {
  const std::string whole = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const std::string& wrong : {std::string(), std::string("00-4bf92f"), whole + "0", "01" + whole.substr(2),
                                   "00-Camille Exemple 1990-01-31, Besanc-" + whole.substr(38)})
    EXPECT_EQ(trace_id(wrong), "-") << wrong;
}

}  // namespace
}  // namespace relais::base
