#include "adapters/mapping/source.h"

#include <algorithm>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

std::vector<std::unique_ptr<SourceRecord>> SourceRecord::items(const Selector&) { return {}; }

void Source::collect_lost(std::set<std::string>&) const {}

std::optional<std::string> decode_for(const SourceInput& input, Source& source) {
  auto said = decode_lines(input.bytes, input.plan.encoding);
  if (const auto* const bad = std::get_if<NotDecoded>(&said)) {
    source.faults.push_back(make_fault("file.encoding", {{}, bad->line, 0}, bad->encoding));
    return std::nullopt;
  }
  auto& decoded = std::get<Decoded>(said);
  source.encoding = decoded.encoding;
  if (const auto null = decoded.text.find('\0'); null != std::string::npos) {
    source.faults.push_back(make_fault("file.null_byte", {{}, line_at(decoded.text, null), 0}));
    return std::nullopt;
  }
  if (trimmed(decoded.text).empty()) {
    source.faults.push_back(make_fault("file.empty", {}));
    return std::nullopt;
  }
  return std::move(decoded.text);
}

bool has_value(std::string_view text, const InPlan& plan) {
  const auto value = trimmed(text);
  return !value.empty() && std::ranges::find(plan.nulls, value) == plan.nulls.end();
}

}  // namespace relais::mapping
