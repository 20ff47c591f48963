#include "adapters/postgres/waker.h"

#include <cstdint>
#include <unistd.h>

#include <sys/eventfd.h>

#include "broker/base/check.h"

namespace relais::postgres {

Waker::Waker() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  base::check(descriptor_ >= 0, "an event descriptor can be made");
}

Waker::~Waker() { ::close(descriptor_); }

void Waker::wake() const {
  const std::uint64_t one = 1;
  // Full means: woken already.
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Waker::clear() const {
  std::uint64_t count = 0;
  // Empty means: nobody woke us.
  [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof count);
}

}  // namespace relais::postgres
