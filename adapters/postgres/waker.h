// Ends another thread's wait.
#pragma once

namespace relais::postgres {

/// wake() from any thread; the others from the thread that waits on descriptor().
class Waker {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wake() const;
  /// Readable after wake(), until clear().
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void clear() const;

 private:
  int descriptor_;
};

}  // namespace relais::postgres
