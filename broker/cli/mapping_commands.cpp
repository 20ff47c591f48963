// relaisctl mapping: checks mapping files, and tries them on samples without sending anything.
#include <filesystem>
#include <memory>

#include "adapters/mapping/trial.h"
#include "broker/cli/console.h"

namespace relais::cli {

namespace {

struct MappingWanted {
  std::filesystem::path mapping;
  std::filesystem::path sample;
  bool outward = false;
};

mapping::Trial trial_of(const MappingWanted& wanted, bool json) {
  return wanted.outward ? mapping::try_writing(wanted.mapping, wanted.sample, json)
                        : mapping::try_mapping(wanted.mapping, wanted.sample, json);
}

}  // namespace

void add_mapping_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("mapping", "Mapping files: how a software's fields become messages.");
  group->require_subcommand(1);
  const auto wanted = std::make_shared<MappingWanted>();

  auto* const check = group->add_subcommand("check", "Checks a mapping file as a whole.");
  check->add_option("MAPPING", wanted->mapping, "the mapping file")->required();
  check->callback([wanted, &action] {
    action = [wanted](const Console& console) {
      const auto trial = mapping::check_mapping(wanted->mapping, console.json());
      return console.print(trial.report, trial.good);
    };
  });

  auto* const test = group->add_subcommand("test", "Shows what a mapping makes of a sample. Sends nothing.");
  test->add_option("MAPPING", wanted->mapping, "the mapping file")->required();
  test->add_option("SAMPLE", wanted->sample,
                   "a document of the software; with --out, messages as JSON, in the form that this command shows them")
      ->required();
  test->add_flag("--out", wanted->outward, "the way out: messages to records");
  test->callback([wanted, &action] {
    action = [wanted](const Console& console) {
      const auto trial = trial_of(*wanted, console.json());
      return console.print(trial.report, trial.good);
    };
  });
}

}  // namespace relais::cli
