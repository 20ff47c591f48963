// What an adapter does beside its messages: it books what the broker refused, and forgets what is old.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker/base/result.h"

namespace relais::http {

/// One institution's.
struct Charge {
  std::string institution;
  std::function<base::Status()> take_refused;
  std::function<base::Status()> forget_old;
};

/// One thread. Life: stop() is idempotent.
class Caretaker {
 public:
  ~Caretaker() { stop(); }

  void start(std::vector<Charge> charges);
  void stop() { thread_ = {}; }

 private:
  void run(const std::stop_token& stop);

  std::vector<Charge> charges_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace relais::http
