#include "adapters/sdk/session_mailbox.h"

#include <unistd.h>
#include <utility>

#include <sys/eventfd.h>

#include "broker/base/check.h"

namespace relais::sdk {

SessionMailbox::SessionMailbox() : wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  base::check(wake_fd_ >= 0, "an eventfd");
}

SessionMailbox::~SessionMailbox() { ::close(wake_fd_); }

void SessionMailbox::wake() {
  const std::uint64_t one = 1;
  // A full counter is readable all the same.
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

SessionOrders SessionMailbox::take() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wake_fd_, &count, sizeof count);
  const std::lock_guard lock(mutex_);
  SessionOrders taken = std::exchange(orders_, SessionOrders{});
  orders_.stop = taken.stop;
  return taken;
}

}  // namespace relais::sdk
