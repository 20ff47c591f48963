#include "adapters/sftp/watchdog.h"

#include <sys/socket.h>

namespace relais::sftp {

using std::chrono::steady_clock;

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::guard(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  fired_ = false;
  if (interrupted_) fire();
}

void Watchdog::release() {
  const std::lock_guard lock(mutex_);
  socket_ = -1;
  until_ = steady_clock::time_point::max();
}

void Watchdog::allow(std::chrono::milliseconds time) {
  {
    const std::lock_guard lock(mutex_);
    until_ = steady_clock::now() + time;
  }
  changed_.notify_one();
}

void Watchdog::rest() {
  const std::lock_guard lock(mutex_);
  until_ = steady_clock::time_point::max();
}

void Watchdog::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  fire();
}

bool Watchdog::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

bool Watchdog::fired() const {
  const std::lock_guard lock(mutex_);
  return fired_;
}

void Watchdog::shut_down() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Watchdog::fire() {
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  fired_ = true;
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (until_ == steady_clock::time_point::max()) {
      changed_.wait(lock);
    } else if (steady_clock::now() >= until_) {
      fire();
      until_ = steady_clock::time_point::max();
    } else {
      changed_.wait_until(lock, until_);
    }
  }
}

}  // namespace relais::sftp
