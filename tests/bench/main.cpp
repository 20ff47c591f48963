// relais-bench: the workloads of the broker benchmarks, against a real relaisd with CURVE and all checks on.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "broker/base/crypto.h"
#include "tests/bench/workloads.h"
#include "tests/bench/world.h"

int main(int argc, char** argv) {
  using namespace relais::bench;
  Options options;
  CLI::App cli{"relais-bench: measures a relaisd. MODE is one of prepare, setup, w1, w2, fill, first, drain."};
  cli.add_option("mode", options.mode)->required();
  cli.add_option("--host", options.host, "the broker's address");
  cli.add_option("--port", options.port, "the broker's port")->required();
  cli.add_option("--data", options.data, "folder made by prepare: keys, network definition, relaisd.toml")->required();
  cli.add_option("--size", options.size, "bytes of content before sealing");
  cli.add_option("--window", options.window, "outstanding messages of a producer, credit of a consumer");
  cli.add_option("--queues", options.queues, "queues, one consumer each");
  cli.add_option("--producers", options.producers, "producers");
  cli.add_option("--count", options.count, "messages");
  cli.add_option("--rate", options.rate, "messages a second at the most; 0: as fast as the broker confirms");
  cli.add_option("--seconds", options.seconds, "stop publishing, or waiting, after this long");
  cli.add_option("--broker-pid", options.broker_pid, "whose CPU time to count");
  cli.add_option("--frame", options.frame, "messages in one frame at the most");
  CLI11_PARSE(cli, argc, argv);
  relais::base::crypto_init();
  try {
    if (options.mode == "prepare")
      World::prepare(options.data, options.port, options.queues, options.producers);
    else if (options.mode == "setup")
      run_setup(options);
    else if (options.mode == "w1")
      run_flow(options, true, true);
    else if (options.mode == "fill")
      run_flow(options, true, false);
    else if (options.mode == "drain")
      run_flow(options, false, true);
    else if (options.mode == "w2")
      run_latency(options);
    else if (options.mode == "first")
      run_first(options);
    else
      throw std::runtime_error("unknown mode " + options.mode);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "relais-bench %s: %s\n", options.mode.c_str(), why.what());
    return 1;
  }
  return 0;
}
