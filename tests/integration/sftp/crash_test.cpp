// Large and small files under way while lines break, the server dies and the adapter is killed: each arrives whole and
// once.
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/sftp/campaign_length.h"
#include "tests/integration/sftp/ferryman.h"

namespace relais::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Of a whole campaign.
constexpr int kRounds = 8;
constexpr int kLargeMebibytes = 8;
constexpr auto kCrashPatience = std::chrono::seconds(60);

/// Bytes that tell where they stand, so that a hole, a repeat or a mixture shows.
std::string numbered(const std::string& name, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 64);
  for (std::size_t line = 0; text.size() < bytes; ++line) text += name + ";" + std::to_string(line) + "\r\n";
  return text;
}

class Traffic {
 public:
  Traffic(fs::path here, fs::path there, const ThrowawaySshd& sshd)
      : here_(std::move(here)), there_(std::move(there)), sshd_(sshd) {}

  void drop(std::size_t bytes) {
    const auto name = "file-" + std::to_string(++count_) + ".csv";
    const auto in = numbered("in-" + name, bytes);
    sshd_.drop(there_ / "in", name, in);
    wanted_["in " + name] = in;
    const auto out = numbered("out-" + name, bytes);
    std::ofstream(here_ / "writing", std::ios::binary) << out;
    fs::rename(here_ / "writing", here_ / "out" / name);
    wanted_["out " + name] = out;
  }

  void take() {
    take_from(here_ / "in", "in ");
    take_from(there_ / "out", "out ");
  }

  [[nodiscard]] std::size_t taken() const { return taken_.size(); }
  [[nodiscard]] bool complete() const { return taken_.size() >= wanted_.size(); }

  /// Everything, taken or not. Without a look into any file, which takes its time.
  [[nodiscard]] bool all_there() const {
    auto found = taken_.size();
    for (const auto& folder : {here_ / "in", there_ / "out"})
      for (const auto& entry : fs::directory_iterator(folder))
        found += !entry.path().filename().string().starts_with('.');
    return found >= wanted_.size();
  }

  void expect_each_once() const {
    for (const auto& [name, bytes] : wanted_) {
      ASSERT_EQ(1U, taken_.count(name)) << name;
      const auto& got = taken_.find(name)->second;
      EXPECT_EQ(bytes.size(), got.size()) << name;
      EXPECT_TRUE(bytes == got) << name;
    }
    EXPECT_EQ(wanted_.size(), taken_.size());
  }

 private:
  void take_from(const fs::path& folder, const std::string& way) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (name.starts_with('.')) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << file.rdbuf();
      taken_.emplace(way + name, std::move(bytes).str());
      fs::remove(entry.path());
    }
  }

  fs::path here_;
  fs::path there_;
  const ThrowawaySshd& sshd_;
  int count_ = 0;
  std::map<std::string, std::string> wanted_;
  std::multimap<std::string, std::string> taken_;
};

/// Under way now: bytes of a file are on the other side, not all of them.
bool arriving(const fs::path& folder, std::size_t least, std::size_t whole) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    std::error_code gone;
    const auto bytes = entry.file_size(gone);
    if (!gone && bytes >= least && bytes < whole) return true;
  }
  return false;
}

class SftpCrash : public testing::Test {
 protected:
  SftpCrash() : ferryman(root.path(), sshd), there(sshd.make_folder("ferry")), traffic(root.path(), there, sshd) {}

  void finish() {
    auto end = steady_clock::now() + kCrashPatience;
    while (!traffic.complete() && steady_clock::now() < end) {
      const auto before = traffic.taken();
      traffic.take();
      if (traffic.taken() > before) end = steady_clock::now() + kCrashPatience;
      std::this_thread::sleep_for(milliseconds(20));
    }
    std::this_thread::sleep_for(milliseconds(500));  // what comes twice comes now
    traffic.take();
    traffic.expect_each_once();
    ferryman.kill();
    EXPECT_TRUE(fs::is_empty(there / "in"));
    EXPECT_TRUE(fs::is_empty(there / "out"));
    EXPECT_TRUE(fs::is_empty(root.path() / "work/arriving"));
  }

  /// Until a part of a file is on the other side. Each way once, whichever comes first. What was whole before anybody
  /// looked is followed by another one.
  void wait_until_arriving(std::vector<fs::path>& ways) {
    for (auto end = steady_clock::now() + kCrashPatience; steady_clock::now() < end;) {
      for (const auto& folder : ways)
        if (arriving(folder, 1 << 20, large)) {
          std::erase(ways, fs::path(folder));
          return;
        }
      if (traffic.all_there()) {
        traffic.take();
        traffic.drop(large);
        end = steady_clock::now() + kCrashPatience;
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    ADD_FAILURE() << "nothing arrives";
    ways.clear();
  }

  const std::size_t large = static_cast<std::size_t>(campaign_length(kLargeMebibytes)) << 20;

  TemporaryFolder root;
  ThrowawaySshd sshd;
  Ferryman ferryman;
  fs::path there;
  Traffic traffic;
};

TEST_F(SftpCrash, a_server_killed_in_the_middle_of_large_files_gets_and_gives_them_whole) {
  traffic.drop(large);
  ferryman.start();
  for (std::vector<fs::path> ways{there / "out", root.path() / "work/arriving"}; !ways.empty();) {
    wait_until_arriving(ways);
    sshd.kill();
    traffic.take();
    std::this_thread::sleep_for(milliseconds(300));
    sshd.start();
  }
  finish();
}

TEST_F(SftpCrash, an_adapter_killed_in_the_middle_of_large_files_brings_and_fetches_them_once) {
  traffic.drop(large);
  for (std::vector<fs::path> ways{there / "out", root.path() / "work/arriving"}; !ways.empty();) {
    ferryman.start();
    wait_until_arriving(ways);
    ferryman.kill();
    traffic.take();
  }
  ferryman.start();
  finish();
}

TEST_F(SftpCrash, random_kills_of_everything_lose_and_repeat_nothing) {
  const auto seed = std::random_device()();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random(seed);
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  ferryman.start();
  for (int round = 0; round < campaign_length(kRounds); ++round) {
    for (int file = 0; file < 4; ++file) traffic.drop(static_cast<std::size_t>(draw(0, 1 << 18)));
    const auto end = steady_clock::now() + milliseconds(draw(20, 500));
    while (steady_clock::now() < end) {
      traffic.take();
      std::this_thread::sleep_for(milliseconds(draw(1, 30)));
    }
    switch (draw(0, 2)) {
      case 0:
        ferryman.kill();
        ferryman.start();
        break;
      case 1:
        sshd.kill_sessions();
        break;
      default:
        sshd.kill();
        std::this_thread::sleep_for(milliseconds(draw(0, 100)));
        sshd.start();
    }
  }
  finish();
}

}  // namespace
}  // namespace relais::tests
