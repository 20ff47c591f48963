// The workloads: setup, w1, w2, fill, first, drain. They do and count what the peers' programs do and count.
#pragma once

#include "tests/bench/options.h"

namespace relais::bench {

void run_setup(const Options& options);
/// w1: both; fill: produce only; drain: consume only.
void run_flow(const Options& options, bool produce, bool consume);
void run_latency(const Options& options);
void run_first(const Options& options);

}  // namespace relais::bench
