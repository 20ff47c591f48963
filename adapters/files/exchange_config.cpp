#include "adapters/files/exchange_config.h"

#include <algorithm>
#include <fnmatch.h>

namespace relais::files {

bool fits(std::string_view name, std::string_view pattern) {
  return ::fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

const Reader* reader_for(const ExchangeConfig& config, std::string_view name) {
  const auto reads = [&](const Reader& reader) {
    return std::ranges::any_of(reader.names, [&](const auto& pattern) { return fits(name, pattern); });
  };
  const auto found = std::ranges::find_if(config.readers, reads);
  return found == config.readers.end() ? nullptr : &*found;
}

const Writer* writer_for(const ExchangeConfig& config, v1::Envelope::BodyCase body) {
  const auto found = std::ranges::find_if(config.writers, [&](const Writer& w) { return w.mapping.writes(body); });
  return found == config.writers.end() ? nullptr : &*found;
}

}  // namespace relais::files
