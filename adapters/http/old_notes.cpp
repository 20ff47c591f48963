#include "adapters/http/old_notes.h"

#include "adapters/files/packing.h"

namespace relais::http {

namespace {
constexpr std::size_t kForgottenAtOnce = 1'000;
}

base::Status forget_notes(sdk::LocalStore& store, const std::string& prefix, std::int64_t before_ms) {
  for (bool again = true; again;) {
    sdk::Notes old;
    store.scan(prefix, [&](std::string_view key, std::string_view value) {
      const auto texts = files::unpack(value);
      const auto at = texts && !texts->empty() ? files::number_of(texts->front()) : std::nullopt;
      if (!at || static_cast<std::int64_t>(*at) < before_ms) old.push_back({std::string(key), std::nullopt});
      return old.size() < kForgottenAtOnce;
    });
    again = old.size() == kForgottenAtOnce;
    if (old.empty()) break;
    if (auto written = store.write(old); !written) return written;
  }
  return base::Done{};
}

}  // namespace relais::http
