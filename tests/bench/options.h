// What every workload may be told, with the same names and defaults as for the peers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace relais::bench {

struct Options {
  std::string mode;
  std::string host = "127.0.0.1";
  int port = 0;
  std::filesystem::path data;
  std::size_t size = 1024;   // bytes of content before sealing
  std::size_t window = 256;  // outstanding publishes of a producer; credit of a consumer
  int queues = 8;
  int producers = 8;
  std::uint64_t count = 200'000;
  double rate = 0;  // messages a second of all producers together at the most; 0: as fast as the broker confirms
  double seconds = 15;
  int broker_pid = 0;
  std::size_t frame = 32;  // messages in one frame at the most
};

}  // namespace relais::bench
