// Percentiles, CPU time, and the one JSON object a workload prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace relais::bench {

class Samples {
 public:
  void add(std::int64_t nanoseconds) { values_.push_back(nanoseconds); }
  void merge(const Samples& other) { values_.insert(values_.end(), other.values_.begin(), other.values_.end()); }
  /// Microseconds at that share (0 to 1) of the samples; 0 without samples.
  double us(double share);

 private:
  std::vector<std::int64_t> values_;
};

std::int64_t now_ns();

/// User and system time of this process, and of one other with its descendants.
double own_cpu_seconds();
double process_cpu_seconds(int pid);

class JsonLine {
 public:
  JsonLine& put(const std::string& key, double value);
  JsonLine& put(const std::string& key, std::uint64_t value);
  JsonLine& put(const std::string& key, std::int64_t value);
  void print() const;

 private:
  JsonLine& raw(const std::string& key, const std::string& value);
  std::string text_;
};

}  // namespace relais::bench
