#include "broker/transport/mailbox.h"

#include <cstdint>
#include <unistd.h>

#include <sys/eventfd.h>

#include "broker/base/check.h"

namespace relais::transport {

Mailbox::Mailbox() : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  base::check(wake_fd_ >= 0, "a file descriptor to wake the transport thread by");
}

Mailbox::~Mailbox() { close(wake_fd_); }

void Mailbox::wake() {
  const std::uint64_t one = 1;
  // It fails only when the counter is at its end, and then the descriptor is readable anyway.
  [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

void Mailbox::clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);  // fails when nobody woke us
}

std::optional<Orders> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (!changed_) return std::nullopt;
  changed_ = false;
  return orders_;
}

}  // namespace relais::transport
