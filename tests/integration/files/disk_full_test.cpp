// A full disk under the folders: told, nothing lost, and over by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include "tests/support/files_fixture.h"

namespace relais::tests {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// A small disk of its own; null when this machine does not let us have one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directories(at);
    mounted_ = ::mount("relais-test", at.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  void fill() const { std::ofstream(at_ / "ballast") << std::string(1 << 20, 'x'); }
  void free() const { std::filesystem::remove(at_ / "ballast"); }
  void vanish() {
    ::umount2(at_.c_str(), MNT_DETACH);
    mounted_ = false;
  }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

void move_folders_to(FilesFixture& f, const std::filesystem::path& disk) {
  f.config.folders = {disk / "in", disk / "out", disk / "archive", disk / "rejects", disk / "work"};
  f.config.institution = f.config.readers.front().drafting.institution = "caf-25";
  f.restart();
}

TEST(FilesDisk, a_full_disk_is_told_and_ends_by_itself) {
  FilesFixture f;
  const SmallDisk disk(f.root.path() / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "mounting needs root";
  move_folders_to(f, f.root.path() / "disk");
  std::ofstream(f.config.folders.in / "a.csv") << "Action;Numero;Nom\r\nO;D1;AUBE\r\nZ;;\r\n";
  disk.fill();
  f.work();
  EXPECT_EQ("no_space", f.exchange->health().fault);
  EXPECT_THAT(f.post->submitted(), SizeIs(1)) << "what needs no room goes on";
  const auto message = referral_for("caf-25", "BRUME");
  const auto verdict = f.deliver(message);
  EXPECT_EQ(sdk::Verdict::Kind::retry, verdict.kind);
  EXPECT_EQ("disk.full", verdict.reason);
  disk.free();
  std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
  EXPECT_EQ(sdk::Verdict::Kind::handled, f.deliver(message).kind);
  f.work();
  EXPECT_TRUE(f.exchange->health().well()) << f.exchange->health().fault;
  EXPECT_THAT(f.post->submitted(), SizeIs(1));
  EXPECT_THAT(f.names(f.config.folders.out), SizeIs(1));
  EXPECT_THAT(f.names(f.config.folders.rejects), SizeIs(2));
  EXPECT_THAT(f.names(f.config.folders.claims()), IsEmpty());
}

TEST(FilesDisk, a_disk_that_goes_away_is_not_replaced_by_its_mount_point) {
  FilesFixture f;
  SmallDisk disk(f.root.path() / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "mounting needs root";
  move_folders_to(f, f.root.path() / "disk");
  EXPECT_TRUE(f.exchange->health().well());
  disk.vanish();
  f.work();
  EXPECT_EQ("not_there", f.exchange->health().fault);
  EXPECT_THAT(f.names(f.root.path() / "disk"), IsEmpty());
}

}  // namespace
}  // namespace relais::tests
