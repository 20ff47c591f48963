#include "tests/integration/sftp/ferryman.h"

#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "adapters/sftp/ferry.h"
#include "adapters/sftp/sftp_remote.h"
#include "tests/support/fake_post.h"

namespace relais::tests {

namespace {

using std::chrono::milliseconds;

constexpr const char* kRoot = "RELAIS_SFTP_FERRYMAN";

files::ExchangeConfig exchange_in(const std::filesystem::path& root) {
  files::ExchangeConfig exchange;
  exchange.institution = "ccas-25056";
  exchange.folders = {root / "in", root / "out", root / "archive", root / "rejects", root / "work"};
  return exchange;
}

/// What the parent wrote down: port, user, known hosts, key, and the folder on the server.
sftp::Route route_in(const std::filesystem::path& root) {
  std::ifstream file(root / "route");
  sftp::Route route;
  std::string known_hosts;
  std::string key;
  std::string there;
  file >> route.server.port >> route.server.user >> known_hosts >> key >> there;
  route.server.host = "127.0.0.1";
  route.server.known_hosts = known_hosts;
  route.server.key_file = key;
  route.server.timeout = milliseconds(3'000);
  route.folders = {there + "/in", there + "/out", there + "/archive", ""};
  route.arrival.when = files::CompleteWhen::rename;
  route.look_every = milliseconds(50);
  route.reconnect_first = milliseconds(20);
  route.reconnect_most = milliseconds(200);
  return route;
}

void carry_for_ever(const std::filesystem::path& root) {
  const auto exchange = exchange_in(root);
  const auto route = route_in(root);
  const base::SystemClock clock;
  FakePost post(root / "store");
  sftp::Ferry ferry(post.store(), exchange, route, std::make_unique<sftp::SftpRemote>(route.server), clock);
  ferry.start();
  for (;;) ::pause();
}

}  // namespace

/// Does nothing but in the processes that Ferryman starts.
TEST(SftpFerryman, is_started_by_other_tests) {
  const char* const root = std::getenv(kRoot);
  if (root == nullptr) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  carry_for_ever(root);
}

Ferryman::Ferryman(std::filesystem::path root, const ThrowawaySshd& sshd) : root_(std::move(root)) {
  const auto there = sshd.make_folder("ferry");
  for (const auto* name : {"ferry/in", "ferry/out", "ferry/archive"}) (void)sshd.make_folder(name);
  std::ofstream(root_ / "route") << sshd.port() << '\n'
                                 << sshd.user() << '\n'
                                 << sshd.known_hosts().string() << '\n'
                                 << sshd.client_key().string() << '\n'
                                 << there.string() << '\n';
  const auto exchange = exchange_in(root_);
  base::check(files::prepare_folders(exchange.folders, exchange.institution).ok(), "the folders can be made");
}

void Ferryman::start() {
  process_ = ::fork();
  base::check(process_ >= 0, "a process can be started");
  if (process_ != 0) return;
  ::setenv(kRoot, root_.c_str(), 1);
  ::execl("/proc/self/exe", "integration_sftp", "--gtest_filter=SftpFerryman.*", nullptr);
  ::_exit(127);
}

void Ferryman::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace relais::tests
