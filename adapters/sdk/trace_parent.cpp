#include "adapters/sdk/trace_parent.h"

#include <string_view>

#include "broker/base/ids.h"

namespace relais::sdk {

namespace {

constexpr std::size_t kSpanBytes = 8;
constexpr std::string_view kVersion = "00";
constexpr std::string_view kSampled = "01";

}  // namespace

std::string trace_parent_for(const v1::Envelope& envelope) {
  const auto& trace = !envelope.referral_id().empty() ? envelope.referral_id()
                      : !envelope.case_id().empty()   ? envelope.case_id()
                                                      : envelope.message_id();
  std::string text(kVersion);
  text.append("-").append(base::hex(trace));
  text.append("-").append(base::hex(std::string_view(envelope.message_id()).substr(0, kSpanBytes)));
  return text.append("-").append(kSampled);
}

}  // namespace relais::sdk
