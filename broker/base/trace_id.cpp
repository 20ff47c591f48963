#include "broker/base/trace_id.h"

#include <algorithm>

namespace relais::base {

namespace {

constexpr std::string_view kVersion = "00-";
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kTraceParentBytes = 55;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string_view trace_id(std::string_view trace_parent) {
  if (trace_parent.size() != kTraceParentBytes || !trace_parent.starts_with(kVersion)) return "-";
  const auto trace = trace_parent.substr(kVersion.size(), kTraceDigits);
  return std::ranges::all_of(trace, is_digit) ? trace : "-";
}

}  // namespace relais::base
