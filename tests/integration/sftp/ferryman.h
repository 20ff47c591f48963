// A process of its own that carries files between two folders and a server, to be killed: this test program again.
#pragma once

#include <filesystem>

#include <sys/types.h>

#include "tests/support/throwaway_sshd.h"

namespace relais::tests {

/// Below `root`: the folders of this machine and the store. On the server: `in`, `out`, `archive`.
class Ferryman {
 public:
  Ferryman(std::filesystem::path root, const ThrowawaySshd& sshd);
  ~Ferryman() { kill(); }
  Ferryman(const Ferryman&) = delete;
  Ferryman& operator=(const Ferryman&) = delete;

  void start();
  void kill();  // SIGKILL

 private:
  std::filesystem::path root_;
  pid_t process_ = -1;
};

}  // namespace relais::tests
