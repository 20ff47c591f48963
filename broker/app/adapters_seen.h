// Which adapters have spoken since the process began: what operators want to know of them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "broker/admin/sources.h"
#include "broker/base/clock.h"
#include "broker/transport/listener.h"

namespace relais::app {

/// One entry for each transport key: no more than the network definitions have had. Any thread.
class AdaptersSeen {
 public:
  explicit AdaptersSeen(const base::Clock& clock) : clock_(clock) {}

  void opened(const transport::SessionInfo& session);
  void closed(transport::SessionId session, std::string_view why);

  /// Those connected first, then by name.
  [[nodiscard]] std::vector<admin::AdapterSeen> list() const;

 private:
  struct Entry {
    transport::SessionId session = 0;  // the last one
    admin::AdapterSeen seen;
  };

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> by_key_;
};

}  // namespace relais::app
