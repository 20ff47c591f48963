#include "tests/support/throwaway_sshd.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <pwd.h>
#include <signal.h>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "broker/base/check.h"
#include "tests/support/run_program.h"
#include "tests/support/throwaway_postgres.h"

namespace relais::tests {

namespace {

using base::check;
using std::chrono::steady_clock;

constexpr auto kSshdPatience = std::chrono::seconds(30);
constexpr auto kSshdPause = std::chrono::milliseconds(10);
constexpr const char* kProgram = "/usr/sbin/sshd";

constexpr std::string_view kConfiguration = R"(
ListenAddress 127.0.0.1
Port {0}
HostKey {1}/host
AuthorizedKeysFile {1}/authorized_keys
AllowUsers {2}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp
)";

const passwd& account() {
  const passwd* const found = ::geteuid() == 0 ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
  check(found != nullptr, "there is an account for the server");
  return *found;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string first_words(const std::string& text, int count) {
  std::istringstream words(text);
  std::string found;
  std::string word;
  while (count-- > 0 && words >> word) found += (found.empty() ? "" : " ") + word;
  return found;
}

void add_descendants(pid_t parent, std::vector<pid_t>& all) {
  std::ifstream file(fmt::format("/proc/{}/task/{}/children", parent, parent));
  for (pid_t child = 0; file >> child;) {
    all.push_back(child);
    add_descendants(child, all);
  }
}

}  // namespace

ThrowawaySshd::ThrowawaySshd()
    : user_(account().pw_name), uid_(account().pw_uid), gid_(account().pw_gid), port_(free_port()) {
  check(std::filesystem::exists(kProgram), "openssh-server is installed (deploy/test installs it)");
  // The account must be able to walk through.
  ::chmod(folder_.path().c_str(), 0755);
  if (::geteuid() == 0) std::filesystem::create_directories("/run/sshd");  // sshd insists on it as root
  (void)new_key("host");
  (void)new_key("client");
  std::filesystem::copy_file(folder_.path() / "client.pub", folder_.path() / "authorized_keys");
  write_known_hosts();
  write_configuration();
  start();
}

ThrowawaySshd::~ThrowawaySshd() { kill(); }

std::filesystem::path ThrowawaySshd::new_key(const std::string& name, const std::string& passphrase) const {
  const auto path = folder_.path() / name;
  std::filesystem::remove(path);
  const auto made = run_program(
      fmt::format("ssh-keygen -q -t ed25519 -C test -N '{}' -f '{}' </dev/null 2>&1", passphrase, path.string()));
  check(made.exit_code == 0, "ssh-keygen makes a key");
  return path;
}

void ThrowawaySshd::change_host_key() { (void)new_key("host"); }

void ThrowawaySshd::write_known_hosts() const {
  folder_.write("known_hosts",
                fmt::format("[127.0.0.1]:{} {}\n", port_, first_words(text_of(folder_.path() / "host.pub"), 2)));
}

void ThrowawaySshd::write_configuration() const {
  folder_.write("sshd_config", fmt::format(kConfiguration, port_, folder_.path().string(), user_));
}

std::filesystem::path ThrowawaySshd::make_folder(const std::string& name) const {
  const auto path = folder_.path() / name;
  std::filesystem::create_directories(path);
  give(path);
  return path;
}

void ThrowawaySshd::give(const std::filesystem::path& path) const {
  check(::lchown(path.c_str(), uid_, gid_) == 0, "a file can be given away");
}

void ThrowawaySshd::drop(const std::filesystem::path& folder, const std::string& name, std::string_view bytes) const {
  const auto made = folder_.write("dropping", bytes);
  give(made);
  std::filesystem::rename(made, folder / name);
}

void ThrowawaySshd::start() {
  const auto configuration = (folder_.path() / "sshd_config").string();
  const int output = ::open((folder_.path() / "sshd.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  check(output >= 0, "the log of a throw-away server can be written");
  server_ = ::fork();
  check(server_ >= 0, "fork");
  if (server_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execl(kProgram, kProgram, "-D", "-e", "-f", configuration.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(output);
  wait_until_it_answers();
}

bool ThrowawaySshd::answers() const {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool answers = ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return answers;
}

void ThrowawaySshd::wait_until_it_answers() {
  for (const auto end = steady_clock::now() + kSshdPatience; steady_clock::now() < end;) {
    check(::waitpid(server_, nullptr, WNOHANG) == 0, "sshd starts");
    if (answers()) return;
    std::this_thread::sleep_for(kSshdPause);
  }
  base::fail_check("sshd answers in time", std::source_location::current());
}

void ThrowawaySshd::signal_all(int signal) const {
  if (server_ < 0) return;
  std::vector<pid_t> all{server_};
  add_descendants(server_, all);
  for (const pid_t one : all) ::kill(one, signal);
}

void ThrowawaySshd::kill_sessions() {
  if (server_ < 0) return;
  std::vector<pid_t> all;
  add_descendants(server_, all);
  for (const pid_t one : all) ::kill(one, SIGKILL);
}

void ThrowawaySshd::kill() {
  if (server_ < 0) return;
  // Stopped first: a child that it has just now, and that nobody saw, would keep the port.
  int state = 0;
  ::kill(server_, SIGSTOP);
  ::waitpid(server_, &state, WUNTRACED);
  if (WIFSTOPPED(state)) {
    signal_all(SIGKILL);
    ::waitpid(server_, nullptr, 0);
  }
  server_ = -1;
  // Nobody waits for its children: one that is about to die may still hold the port.
  for (const auto end = steady_clock::now() + kSshdPatience; answers() && steady_clock::now() < end;)
    std::this_thread::sleep_for(kSshdPause);
}

void ThrowawaySshd::suspend() { signal_all(SIGSTOP); }

void ThrowawaySshd::resume() { signal_all(SIGCONT); }

std::string ThrowawaySshd::log() const { return text_of(folder_.path() / "sshd.log"); }

}  // namespace relais::tests
