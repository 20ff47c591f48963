// A process of its own that exchanges files, to be killed: this test program again, started with a folder to work in.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace relais::tests {

inline constexpr int kDeliveries = 120;

/// The family name in delivery `number`.
std::string delivered_name(int number);

/// The mapping and the folders that a worker in `root` uses are made.
void prepare_worker(const std::filesystem::path& root);

class Worker {
 public:
  explicit Worker(std::filesystem::path root) : root_(std::move(root)) {}
  ~Worker() { kill(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  void kill();  // SIGKILL

 private:
  std::filesystem::path root_;
  pid_t process_ = -1;
};

}  // namespace relais::tests
