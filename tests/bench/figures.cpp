#include "tests/bench/figures.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <sys/resource.h>

namespace relais::bench {

double Samples::us(double share) {
  if (values_.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(std::lround(share * static_cast<double>(values_.size() - 1)));
  std::nth_element(values_.begin(), values_.begin() + at, values_.end());
  return static_cast<double>(values_[static_cast<std::size_t>(at)]) / 1e3;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// relaisd starts no process, so its own line in /proc tells everything.
double process_cpu_seconds(int pid) {
  if (pid <= 0) return 0;
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return 0;
  std::istringstream fields(line.substr(end_of_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

JsonLine& JsonLine::raw(const std::string& key, const std::string& value) {
  text_ += (text_.empty() ? "\"" : ", \"") + key + "\": " + value;
  return *this;
}

JsonLine& JsonLine::put(const std::string& key, double value) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.6g", value);
  return raw(key, digits);
}
JsonLine& JsonLine::put(const std::string& key, std::uint64_t value) { return raw(key, std::to_string(value)); }
JsonLine& JsonLine::put(const std::string& key, std::int64_t value) { return raw(key, std::to_string(value)); }

void JsonLine::print() const {
  std::printf("{%s}\n", text_.c_str());
  std::fflush(stdout);
}

}  // namespace relais::bench
