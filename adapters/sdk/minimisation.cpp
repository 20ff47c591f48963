#include "adapters/sdk/minimisation.h"

#include <algorithm>

#include "broker/core/envelope_check.h"
#include "broker/core/secrecy.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;

/// Everybody who gets the message, now or when nobody decided.
std::vector<std::string> readers(const v1::Envelope& envelope) {
  std::vector<std::string> all(envelope.recipients().begin(), envelope.recipients().end());
  all.insert(all.end(), envelope.fallbacks().begin(), envelope.fallbacks().end());
  return all;
}

bool covers(const core::Coverage& coverage) { return coverage.kind == core::Coverage::Kind::valid; }

void withhold(v1::Envelope& envelope, v1::Category category, const std::string& reader, std::string_view rule) {
  auto& entry = *envelope.add_withheld();
  entry.set_category(category);
  entry.set_recipient(reader);
  entry.set_rule(std::string(rule));
}

}  // namespace

void name_fallbacks(v1::Envelope& envelope, const Network& network, base::Instant now) {
  if (!envelope.has_referral_requested() || !envelope.fallbacks().empty() || envelope.recipients().empty()) return;
  const auto& directory = network.directory();
  const auto usable = [&](const std::string& institution) {
    const auto named = readers(envelope);
    return !institution.empty() && institution != envelope.sender() &&
           network.current_sealing_key(institution, now) != nullptr &&
           std::find(named.begin(), named.end(), institution) == named.end() &&
           covers(directory.coverage(envelope.sender(), institution, envelope.purpose(), now));
  };
  auto coverage = directory.coverage(envelope.sender(), envelope.recipients(0), envelope.purpose(), now);
  const auto* purpose = directory.purpose(envelope.purpose());
  // The law's recipient is the last, and needs its place.
  while (covers(coverage) && envelope.fallbacks_size() < core::kFallbacksMax - 1 &&
         usable(coverage.agreement->fallback())) {
    envelope.add_fallbacks(coverage.agreement->fallback());
    coverage = directory.coverage(envelope.sender(), coverage.agreement->fallback(), envelope.purpose(), now);
  }
  if (purpose != nullptr && usable(purpose->default_recipient())) envelope.add_fallbacks(purpose->default_recipient());
}

base::Result<std::vector<DraftContent>> minimise(v1::Envelope& envelope, std::span<const DraftContent> contents,
                                                 const Network& network, base::Instant now) {
  envelope.clear_withheld();
  const auto& directory = network.directory();
  const auto all = readers(envelope);
  std::vector<DraftContent> fitting;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    DraftContent content{contents[i].category, contents[i].bytes, {}};
    for (const auto& reader : contents[i].recipients.empty() ? all : contents[i].recipients) {
      const std::string field = "contents[" + std::to_string(i) + "].recipients";
      if (std::find(all.begin(), all.end(), reader) == all.end())
        return refuse(RefusalCode::envelope_malformed, field,
                      {{"field", field}, {"why", "not a recipient of the message"}});
      const auto coverage = directory.coverage_between(envelope.sender(), reader, envelope.purpose(), now);
      if (covers(coverage))
        if (const auto said =
                core::may_tell(directory, *coverage.agreement, envelope.purpose(), content.category, reader);
            !said) {
          withhold(envelope, content.category, reader, said.refusal().name());
          continue;
        }
      content.recipients.push_back(reader);
    }
    if (!content.recipients.empty()) fitting.push_back(std::move(content));
  }
  return fitting;
}

}  // namespace relais::sdk
