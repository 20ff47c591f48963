// The one source of chance: everything in a simulation follows from its seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace relais::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// From 0 to `most`, both included.
  std::uint64_t upto(std::uint64_t most) { return engine_() % (most + 1); }
  /// True in `percent` of a hundred calls.
  bool chance(unsigned percent) { return upto(99) < percent; }
  template <class T>
  T& pick(std::vector<T>& from) {
    return from[upto(from.size() - 1)];
  }
  std::string id() {
    std::string bytes;
    for (int i = 0; i < 16; ++i) bytes += static_cast<char>(1 + upto(254));
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace relais::simulation
