// relais-simulate: whole territories under seeds. A failing seed is printed and repeats exactly.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "broker/base/crypto.h"
#include "tests/simulation/simulator.h"

int main(int argc, char** argv) {
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::size_t steps = 3'000;
  CLI::App options{"relais-simulate: the whole broker on one thread, under seeds"};
  options.add_option("--seeds", seeds, "how many");
  options.add_option("--first", first, "the first one");
  options.add_option("--steps", steps, "steps of chaos for each");
  CLI11_PARSE(options, argc, argv);
  relais::base::crypto_init();
  relais::simulation::Outcome sum;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const auto outcome = relais::simulation::Simulator(seed).run(steps);
    if (!outcome.fault.empty()) {
      ++failed;
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.fault.c_str());
      std::fflush(stdout);
    }
    sum.accepted += outcome.accepted;
    sum.delivered += outcome.delivered;
    sum.refused += outcome.refused;
    sum.dead += outcome.dead;
    sum.crashes += outcome.crashes;
    sum.referrals += outcome.referrals;
    sum.places += outcome.places;
    sum.pauses += outcome.pauses;
    sum.handed_on += outcome.handed_on;
    sum.assigned += outcome.assigned;
    sum.delegated += outcome.delegated;
    sum.withdrawn += outcome.withdrawn;
    sum.missed += outcome.missed;
  }
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "seeds=%llu failed=%llu accepted=%llu delivered=%llu refused=%llu dead=%llu referrals=%llu places=%llu "
      "pauses=%llu handed_on=%llu assigned=%llu delegated=%llu withdrawn=%llu missed=%llu crashes=%llu\n",
      number(seeds), number(failed), number(sum.accepted), number(sum.delivered), number(sum.refused), number(sum.dead),
      number(sum.referrals), number(sum.places), number(sum.pauses), number(sum.handed_on), number(sum.assigned),
      number(sum.delegated), number(sum.withdrawn), number(sum.missed), number(sum.crashes));
  return failed == 0 ? 0 : 1;
}
