// The way to a real OpenSSH server: who is let in and who is believed, and each operation with its errors.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "adapters/sftp/sftp_remote.h"
#include "tests/support/throwaway_sshd.h"

namespace relais::sftp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;
using testing::SizeIs;

std::string code(const base::Status& status) { return status ? "" : files::why(status.refusal()); }

class SftpServer : public testing::Test {
 protected:
  SftpServer() {
    settings.host = "127.0.0.1";
    settings.port = static_cast<std::uint16_t>(sshd.port());
    settings.user = sshd.user();
    settings.known_hosts = sshd.known_hosts();
    settings.key_file = sshd.client_key();
    settings.timeout = seconds(5);
    folder = sshd.make_folder("files").string();
  }

  std::string connecting() const {
    SftpRemote remote(settings);
    return code(remote.connect());
  }
  /// The bytes of a file on the server from `from` on; "(code)" when they are not to be had.
  static std::string fetched(Remote& remote, const std::string& file, std::uint64_t from = 0) {
    std::string bytes;
    const auto read = remote.fetch(file, from, [&](std::string_view part) -> base::Status {
      bytes += part;
      return base::Done{};
    });
    return read ? bytes : "(" + code(read) + ")";
  }
  [[nodiscard]] std::string at(const std::string& name) const { return below(folder, name); }

  tests::ThrowawaySshd sshd;
  Server settings;
  std::string folder;
};

TEST_F(SftpServer, lets_in_our_key_once_we_know_its_own) { EXPECT_EQ("", connecting()); }

TEST_F(SftpServer, that_nobody_knows_is_not_believed) {
  const tests::TemporaryFolder other;
  settings.known_hosts = other.write("known_hosts", "");
  EXPECT_EQ("host_key_unknown", connecting());
  settings.known_hosts = other.path() / "none";
  EXPECT_EQ("host_key_unknown", connecting());
  EXPECT_FALSE(std::filesystem::exists(settings.known_hosts)) << "nothing is learnt by itself";
  EXPECT_FALSE(check_known_hosts(settings));
  settings.known_hosts = sshd.known_hosts();
  EXPECT_EQ("", code(check_known_hosts(settings)));
}

TEST_F(SftpServer, with_another_key_than_before_is_not_believed) {
  sshd.kill();
  sshd.change_host_key();
  sshd.start();
  EXPECT_EQ("host_key_changed", connecting());
}

TEST_F(SftpServer, does_not_let_in_a_key_it_does_not_know) {
  settings.key_file = sshd.new_key("stranger");
  EXPECT_EQ("user_key_refused", connecting());
}

std::ptrdiff_t open_descriptors() { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); }

TEST_F(SftpServer, connections_that_fail_leave_nothing_behind) {
  (void)connecting();
  const auto before = open_descriptors();
  auto stranger = settings;
  stranger.key_file = sshd.new_key("stranger");
  auto unknown = settings;
  unknown.known_hosts = "/dev/null";
  auto nobody = settings;
  nobody.port = 1;
  for (const auto& one : {settings, stranger, unknown, nobody})
    for (int i = 0; i < 3; ++i) {
      SftpRemote remote(one);
      (void)remote.connect().ok();
      if (remote.connected()) (void)remote.stamp_of(at("none")).ok();
    }
  sshd.kill_sessions();
  EXPECT_EQ(before, open_descriptors());
}

TEST_F(SftpServer, key_with_a_passphrase_and_key_that_others_may_read) {
  const auto locked = sshd.new_key("client", "secret");
  std::filesystem::copy_file(locked.string() + ".pub", locked.parent_path() / "authorized_keys",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ("key_unusable", connecting());
  const tests::TemporaryFolder other;
  settings.passphrase_file = other.write("passphrase", "secret\n");
  ::chmod(settings.passphrase_file.c_str(), 0600);
  EXPECT_EQ("", connecting());
  ::chmod(locked.c_str(), 0644);
  EXPECT_EQ("key_unusable", connecting());
  EXPECT_EQ(base::RefusalCode::key_file_mode, check_key(settings).refusal().code);
}

TEST_F(SftpServer, that_is_down_or_says_nothing_is_told_in_time) {
  sshd.suspend();
  settings.timeout = seconds(1);
  auto begin = steady_clock::now();
  EXPECT_EQ("timeout", connecting());
  EXPECT_LT(steady_clock::now() - begin, seconds(4));
  sshd.resume();
  sshd.kill();
  EXPECT_EQ("connection_refused", connecting());
  settings.host = "name.invalid";
  EXPECT_EQ("name_unknown", connecting());
  sshd.start();
}

TEST_F(SftpServer, each_operation_does_what_it_says) {
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  std::string bytes;
  for (int i = 0; i < 40'000; ++i) bytes += std::to_string(i) + "\n";
  EXPECT_EQ("", code(remote.put(at("a"), bytes)));
  EXPECT_EQ(bytes, fetched(remote, at("a")));
  EXPECT_EQ(bytes.substr(100'001), fetched(remote, at("a"), 100'001));
  EXPECT_EQ("", fetched(remote, at("a"), bytes.size()));
  ASSERT_TRUE(remote.stamp_of(at("a")));
  EXPECT_EQ(bytes.size(), remote.stamp_of(at("a"))->bytes);
  EXPECT_EQ("", code(remote.put(at("a"), "short"))) << "a file of ours is replaced";
  EXPECT_EQ("short", fetched(remote, at("a")));
  EXPECT_EQ("", code(remote.put(at("empty"), "")));
  EXPECT_EQ("", fetched(remote, at("empty")));
  EXPECT_EQ("exists", code(remote.move(at("empty"), at("a"))));
  EXPECT_EQ("", code(remote.move(at("a"), at("b"))));
  EXPECT_EQ("not_there", code(remote.move(at("a"), at("c"))));
  EXPECT_EQ("short", fetched(remote, at("b")));
  EXPECT_EQ("", code(remote.remove(at("b"))));
  EXPECT_EQ("", code(remote.remove(at("b")))) << "removed already";
  EXPECT_EQ("not_there", files::why(remote.stamp_of(at("b")).refusal()));
  EXPECT_EQ("(not_there)", fetched(remote, at("b")));
  EXPECT_EQ("", code(remote.look_at_folder(folder)));
  EXPECT_EQ("not_there", code(remote.look_at_folder(at("none"))));
  EXPECT_EQ("not_there", code(remote.look_at_folder(at("empty"))));
  EXPECT_EQ("not_there", code(remote.put(at("none/a"), "x")));
  EXPECT_TRUE(remote.connected()) << "no error of a file ends the connection";
}

TEST_F(SftpServer, lists_odd_names_links_and_folders_and_no_more_than_asked_for) {
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  for (const std::string name : {"-rf", "a b.csv", "caf\xE9.csv", "line\nend.csv", "..x", "*"})
    sshd.drop(folder, name, name);
  std::filesystem::create_directory(at("folder"));
  std::filesystem::create_symlink("/etc/passwd", at("link"));
  const auto listing = remote.list(folder, 100);
  ASSERT_TRUE(listing);
  EXPECT_TRUE(listing->whole);
  ASSERT_THAT(listing->entries, SizeIs(8));
  for (const auto& entry : listing->entries) {
    EXPECT_EQ(entry.name != "folder" && entry.name != "link", entry.regular) << entry.name;
    if (!entry.regular) continue;
    EXPECT_EQ(entry.name.size(), entry.stamp.bytes);
    EXPECT_EQ(entry.name, fetched(remote, at(entry.name)));
  }
  EXPECT_EQ("not_a_file", files::why(remote.stamp_of(at("link")).refusal()));
  const auto some = remote.list(folder, 3);
  ASSERT_TRUE(some);
  EXPECT_FALSE(some->whole);
  EXPECT_THAT(some->entries, SizeIs(3));
  EXPECT_EQ("not_there", files::why(remote.list(at("none"), 10).refusal()));
}

TEST_F(SftpServer, says_what_is_not_allowed) {
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  if (::geteuid() != 0) GTEST_SKIP() << "files of others need root";
  // Left with root, which the account is not.
  const auto locked = at("locked");
  std::filesystem::create_directory(locked);
  std::ofstream(locked + "/a") << "secret";
  ::chmod((locked + "/a").c_str(), 0600);
  EXPECT_EQ("no_permission", code(remote.try_to_read(locked + "/a")));
  EXPECT_EQ("no_permission", code(remote.put(locked + "/b", "x")));
  EXPECT_EQ("no_permission", code(remote.move(locked + "/a", at("a"))));
  EXPECT_EQ("no_permission", code(remote.remove(locked + "/a")));
  ::chmod(locked.c_str(), 0700);
  EXPECT_EQ("no_permission", files::why(remote.list(locked, 10).refusal()));
}

TEST_F(SftpServer, a_full_disk_is_told_and_leaves_the_connection) {
  const auto disk = at("disk");
  std::filesystem::create_directory(disk);
  if (::mount("relais-test", disk.c_str(), "tmpfs", 0, "size=256k,mode=0777") != 0)
    GTEST_SKIP() << "mounting needs root";
  SftpRemote remote(settings);
  EXPECT_EQ("", code(remote.connect()));
  EXPECT_EQ("no_space", code(remote.put(disk + "/a", std::string(1 << 20, 'x'))));
  EXPECT_EQ("", code(remote.remove(disk + "/a")));
  EXPECT_EQ("", code(remote.put(disk + "/a", std::string(1 << 10, 'x'))));
  ::umount2(disk.c_str(), MNT_DETACH);
}

TEST_F(SftpServer, that_stops_answering_or_dies_ends_the_step_and_a_new_connection_goes_on) {
  settings.timeout = seconds(5);
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  ASSERT_EQ("", code(remote.put(at("a"), "text")));
  sshd.suspend();
  const auto begin = steady_clock::now();
  EXPECT_EQ("timeout", files::why(remote.stamp_of(at("a")).refusal()));
  EXPECT_LT(steady_clock::now() - begin, seconds(20));
  EXPECT_FALSE(remote.connected());
  sshd.resume();
  ASSERT_EQ("", code(remote.connect()));
  sshd.kill_sessions();
  EXPECT_EQ("connection_lost", files::why(remote.stamp_of(at("a")).refusal()));
  EXPECT_FALSE(remote.connected());
  ASSERT_EQ("", code(remote.connect()));
  EXPECT_EQ("text", fetched(remote, at("a")));
}

TEST_F(SftpServer, that_breaks_the_line_is_told_and_nothing_is_closed_twice) {  // close_watch.cpp sees it
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  sshd.kill_sessions();
  EXPECT_EQ("connection_lost", files::why(remote.stamp_of(at("a")).refusal()));
  EXPECT_FALSE(remote.connected());
}

TEST_F(SftpServer, a_wait_can_be_broken_off) {
  settings.timeout = seconds(60);
  SftpRemote remote(settings);
  ASSERT_EQ("", code(remote.connect()));
  sshd.suspend();
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(200));
    remote.interrupt();
  });
  const auto begin = steady_clock::now();
  EXPECT_FALSE(remote.stamp_of(at("a")));
  EXPECT_LT(steady_clock::now() - begin, seconds(10));
  other.join();
  sshd.resume();
  EXPECT_NE("", code(remote.connect())) << "for good";
}

}  // namespace
}  // namespace relais::sftp
