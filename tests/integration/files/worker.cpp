#include "tests/integration/files/worker.h"

#include <cstdlib>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/support/fake_post.h"
#include "tests/support/files_fixture.h"

namespace relais::tests {

namespace {

constexpr const char* kFolder = "RELAIS_FILES_WORKER";

files::ExchangeConfig config_in(const files::Path& root) {
  auto loaded = mapping::Mapping::load(root / "mapping.toml");
  base::check(loaded.mapping.has_value(), "the mapping of the worker loads");
  files::ExchangeConfig config;
  config.institution = "ccas-25056";
  config.folders = {root / "in", root / "out", root / "archive", root / "rejects", root / "work"};
  config.arrival.when = files::CompleteWhen::rename;
  files::DraftingPolicy drafting;
  drafting.institution = config.institution;
  drafting.reader = "suivi";
  drafting.recipients = {"caf-25"};
  config.readers.push_back({{"*.csv"}, *loaded.mapping, drafting});
  config.writers.push_back({*loaded.mapping, files::Writer::kName, ".csv", "", 1, std::chrono::milliseconds(0)});
  return config;
}

/// The same message each time, as a broker would offer it again.
sdk::Incoming delivery(int number) {
  auto message = referral_for("ccas-25056", delivered_name(number), static_cast<std::uint64_t>(number));
  message.envelope.set_message_id(sdk::named_id("message", std::to_string(number)));
  message.envelope.set_referral_id(sdk::named_id("referral", std::to_string(number)));
  message.envelope.set_case_id(sdk::named_id("case", std::to_string(number)));
  return message;
}

void work_for_ever(const files::Path& root) {
  const auto config = config_in(root);
  FakePost post(root / "store");
  const base::SystemClock clock;
  files::Exchange exchange(post, config, clock);
  exchange.start();
  for (int number = 1; number <= kDeliveries; ++number) {
    const auto handled = "fake/handled/" + std::to_string(number);
    if (post.store().get(handled)) continue;
    auto verdict = exchange.take(delivery(number));
    if (verdict.kind != sdk::Verdict::Kind::handled) {
      --number;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    verdict.notes.push_back({handled, "1"});
    base::check(post.store().write(verdict.notes).ok(), "the store takes writes");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (;;) ::pause();
}

}  // namespace

/// Does nothing but in the processes that Worker starts.
TEST(FilesWorker, is_started_by_other_tests) {
  const char* const root = std::getenv(kFolder);
  if (root == nullptr) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  work_for_ever(root);
}

std::string delivered_name(int number) { return "LIVRAISON-" + std::to_string(number) + "."; }

void prepare_worker(const std::filesystem::path& root) {
  std::ofstream(root / "mapping.toml") << kFilesMapping;
  base::check(files::prepare_folders(config_in(root).folders, "ccas-25056").ok(), "the folders can be made");
}

void Worker::start() {
  process_ = ::fork();
  base::check(process_ >= 0, "a process can be started");
  if (process_ != 0) return;
  ::setenv(kFolder, root_.c_str(), 1);
  ::execl("/proc/self/exe", "integration_files", "--gtest_filter=FilesWorker.*", nullptr);
  ::_exit(127);
}

void Worker::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace relais::tests
