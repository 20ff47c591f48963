#include "adapters/mapping/loss_log.h"

#include "broker/base/log.h"

namespace relais::mapping {

LossLog::LossLog(std::string institution, std::function<void(std::uint64_t)> count)
    : institution_(std::move(institution)), count_(std::move(count)) {}

void LossLog::tell(std::string_view mapping, Way way, std::span<const LostField> lost) {
  if (lost.empty()) return;
  const std::string name(mapping);
  const std::string_view direction = way == Way::in ? "in" : "out";
  std::uint64_t values = 0;
  std::size_t nameless = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : lost) {
      values += one.filled;
      if (one.known_as.empty()) {
        ++nameless;
      } else if (told_.emplace(name, way, one.known_as).second) {
        base::log_info("field not carried", {{"institution", institution_},
                                             {"mapping", name},
                                             {"direction", direction},
                                             {"field", one.known_as},
                                             {"reason", one.reason.empty() ? "none given" : one.reason}});
      }
    }
    auto& most = most_[{name, way}];
    if (nameless > most) {
      most = nameless;
      base::log_info(
          "fields not carried that the mapping does not name",
          {{"institution", institution_}, {"mapping", name}, {"direction", direction}, {"fields", nameless}});
    }
  }
  count_(values);
}

}  // namespace relais::mapping
