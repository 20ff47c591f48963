// Whoever closes a descriptor twice closes somebody else's one day: another thread may have got its number. So every
// close in this program and in the libraries that it uses is looked at.
#include <atomic>
#include <cerrno>
#include <iostream>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/syscall.h>

namespace {

std::atomic<int> closed_twice{0};

class CloseWatch : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& /*test*/) override {
    EXPECT_EQ(0, closed_twice.exchange(0)) << "descriptors were closed that were not open";
  }
};

const bool watching = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new CloseWatch);
  return true;
}();

}  // namespace

#ifndef __SANITIZE_THREAD__  // which must see every close itself
/// In the place of the C library's, for the shared libraries, too.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's name is reserved
extern "C" int close(int descriptor) {
  const auto done = static_cast<int>(::syscall(SYS_close, descriptor));
  if (done != 0 && errno == EBADF && descriptor >= 0) {
    ++closed_twice;
    std::cerr << "a descriptor that was not open was closed\n";
  }
  return done;
}
#endif
