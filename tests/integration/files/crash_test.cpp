// kill -9 at random instants while files are dropped and taken: nothing is lost, nothing comes twice.
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/integration/files/worker.h"
#include "tests/support/fake_post.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

int rounds() {
  const char* const given = std::getenv("RELAIS_CRASH_ROUNDS");
  return given == nullptr ? 12 : std::atoi(given);
}

/// The software on the other side of the folders: drops files in pieces, takes what it finds.
class Software {
 public:
  Software(fs::path root, std::mt19937& random) : root_(std::move(root)), random_(random) {}

  void drop_a_file() {
    const auto name = "export-" + std::to_string(++files_);
    std::ofstream file(root_ / "in" / (name + ".csv.part"), std::ios::binary);
    file << "Action;Numero;Nom\r\n";
    for (int row = 0; row < 40; ++row) {
      const auto number = ++rows_;
      // One in five without a number of its own: only the file tells it from others.
      file << "O;" << (number % 5 == 0 ? std::string() : "D" + std::to_string(number)) << ";LIGNE-" << number << ".\r\n"
           << std::flush;
      if (row % 10 == 0) std::this_thread::sleep_for(milliseconds(1));
    }
    file << "Z;;MAUVAISE-" << files_ << "\r\n";
    file.close();
    fs::rename(root_ / "in" / (name + ".csv.part"), root_ / "in" / (name + ".csv"));
  }

  void take_files() {
    for (const auto& entry : fs::directory_iterator(root_ / "out")) {
      if (std::uniform_int_distribution(0, 2)(random_) == 0) continue;
      read(entry.path());
      fs::remove(entry.path());
    }
  }

  void take_all() {
    for (const auto& entry : fs::directory_iterator(root_ / "out")) read(entry.path());
  }

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int files() const { return files_; }
  [[nodiscard]] int times(const std::string& name) const {
    int count = 0;
    for (auto at = taken_.find(name); at != std::string::npos; at = taken_.find(name, at + 1)) ++count;
    return count;
  }
  [[nodiscard]] bool has_everything() const {
    for (int number = 1; number <= kDeliveries; ++number)
      if (times(delivered_name(number)) == 0) return false;
    return true;
  }

 private:
  void read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    taken_.append(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }

  fs::path root_;
  std::mt19937& random_;
  std::string taken_;
  int files_ = 0;
  int rows_ = 0;
};

bool all_read(const fs::path& root) { return fs::is_empty(root / "in") && fs::is_empty(root / "work/claims"); }

TEST(FilesCrash, kills_at_random_instants_lose_nothing_and_repeat_nothing) {
  const TemporaryFolder folder;
  const auto& root = folder.path();
  const auto seed = std::random_device()();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random(seed);
  prepare_worker(root);
  Software software(root, random);
  Worker worker(root);
  for (int round = 0; round < rounds(); ++round) {
    worker.start();
    const auto end = std::chrono::steady_clock::now() + milliseconds(std::uniform_int_distribution(150, 900)(random));
    while (std::chrono::steady_clock::now() < end) {
      if (std::uniform_int_distribution(0, 3)(random) == 0) software.drop_a_file();
      software.take_files();
      std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution(1, 40)(random)));
    }
    worker.kill();
  }
  worker.start();
  for (int i = 0; i < 1'200 && !(all_read(root) && software.has_everything()); ++i) {
    software.take_files();
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_TRUE(all_read(root));
  worker.kill();
  software.take_all();

  for (int number = 1; number <= kDeliveries; ++number)
    EXPECT_EQ(1, software.times(delivered_name(number))) << "delivery " << number;
  EXPECT_TRUE(fs::is_empty(root / "work/spool"));

  const FakePost post(root / "store");
  std::map<std::string, int> sent;
  for (const auto& one : post.submitted()) {
    v1::Identity identity;
    ASSERT_TRUE(identity.ParseFromString(one.contents.at(0)));
    ++sent[identity.family_name()];
  }
  EXPECT_EQ(static_cast<std::size_t>(software.rows()), sent.size());
  for (int number = 1; number <= software.rows(); ++number)
    EXPECT_EQ(1, sent["LIGNE-" + std::to_string(number) + "."]) << "row " << number;

  std::map<std::string, int> rejected;
  for (const auto& entry : fs::directory_iterator(root / "rejects")) ++rejected[entry.path().extension()];
  EXPECT_EQ(2 * software.files(), rejected[".csv"]) << "one file and one table of reasons for each file dropped";
  std::cout << "rounds=" << rounds() << " files=" << software.files() << " rows=" << software.rows()
            << " delivered=" << kDeliveries << '\n';
}

}  // namespace
}  // namespace relais::tests
