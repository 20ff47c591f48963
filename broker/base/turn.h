// A place among the few that may do what holds a thread of the server.
#pragma once

#include <atomic>

namespace relais::base {

/// Counts itself in for as long as it lives.
class Turn {
 public:
  Turn(std::atomic<int>& inside, int most) : inside_(inside), granted_(++inside <= most) {}
  ~Turn() { --inside_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool granted() const { return granted_; }

 private:
  std::atomic<int>& inside_;
  const bool granted_;
};

}  // namespace relais::base
