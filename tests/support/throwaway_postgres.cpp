#include "tests/support/throwaway_postgres.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <memory>
#include <pwd.h>
#include <random>
#include <signal.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "broker/base/check.h"

namespace relais::tests {

namespace {

using base::check;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kPatience = seconds(60);
constexpr auto kPause = std::chrono::milliseconds(20);

/// The server refuses to run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* const user = ::getpwnam("postgres");
  check(user != nullptr, "the user postgres exists");
  return user;
}

/// Output goes to `log`. Between fork and exec only what a child of a threaded program may do.
pid_t spawn(const std::vector<std::string>& command, const std::filesystem::path& folder,
            const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* const user = other_user();
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  check(output >= 0, "the log of a throw-away server can be written");
  const pid_t child = ::fork();
  check(child >= 0, "fork");
  if (child == 0) {
    const bool mine =
        user == nullptr || (::setgroups(0, nullptr) == 0 && ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // the server's immediate shutdown
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (mine && ::chdir(folder.c_str()) == 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
        ::dup2(output, STDERR_FILENO) >= 0)
      ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(output);
  return child;
}

/// The server's processes: the one we started and its children, which /proc lists.
std::vector<pid_t> family(pid_t parent) {
  std::vector<pid_t> all{parent};
  std::ifstream file(fmt::format("/proc/{}/task/{}/children", parent, parent));
  for (pid_t child = 0; file >> child;) all.push_back(child);
  return all;
}

/// Ended; perhaps not yet collected by its new parent.
bool gone(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string facts{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto name_end = facts.rfind(')');
  return name_end == std::string::npos || facts.compare(name_end, 3, ") Z") == 0;
}

}  // namespace

// Below the ports that outgoing connections get: a client that tries and tries to reach a server that is down would
// otherwise connect to itself one day, and take the server's port.
int free_port() {
  constexpr int kFirst = 20'000;
  constexpr int kLast = 32'000;
  std::mt19937 random{std::random_device{}()};
  for (;;) {
    const int port = std::uniform_int_distribution(kFirst, kLast)(random);
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_free = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    if (is_free) return port;
  }
}

std::optional<std::filesystem::path> ThrowawayPostgres::programs() {
  const std::filesystem::path path = "/usr/lib/postgresql/15/bin";
  if (!std::filesystem::exists(path / "postgres")) return std::nullopt;
  return path;
}

ThrowawayPostgres::ThrowawayPostgres() : data_(folder_.path() / "data"), port_(free_port()) {
  check(programs().has_value(), "PostgreSQL 15 is installed");
  if (const passwd* const user = other_user(); user != nullptr)
    check(::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) == 0, "the folder can be given away");
  const pid_t maker =
      spawn({*programs() / "initdb", "-D", data_, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "-N"},
            folder_.path(), folder_.path() / "initdb.log");
  int status = 0;
  check(::waitpid(maker, &status, 0) == maker && WIFEXITED(status) && WEXITSTATUS(status) == 0, "initdb succeeds");
  // Only processes are killed here, never the machine: without fsync the files still hold every commit.
  std::ofstream(data_ / "postgresql.conf", std::ios::app)
      << "listen_addresses = '127.0.0.1'\nport = " << port_ << "\nunix_socket_directories = ''\n"
      << "fsync = off\nshared_buffers = 16MB\nmax_connections = 50\n";
  start();
}

ThrowawayPostgres::~ThrowawayPostgres() { kill(); }

std::string ThrowawayPostgres::conninfo(std::string_view database, std::string_view user) const {
  return fmt::format("host=127.0.0.1 port={} dbname={} user={}", port_, database, user);
}

std::string ThrowawayPostgres::create_database() {
  std::string name = fmt::format("test_{}", ++databases_);
  (void)sql("postgres", "CREATE DATABASE " + name);
  return name;
}

std::string ThrowawayPostgres::sql(std::string_view database, const std::string& text) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo(database).c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), text.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    fmt::print(stderr, "{}\n{}", text, PQerrorMessage(connection.get()));
  check(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "the test's SQL runs");
  if (PQntuples(result.get()) == 0) return {};
  return PQgetvalue(result.get(), 0, 0);
}

void ThrowawayPostgres::start() {
  if (running()) return;
  server_ = spawn({*programs() / "postgres", "-D", data_}, folder_.path(), folder_.path() / "server.log");
  wait_until_it_answers();
}

void ThrowawayPostgres::wait_until_it_answers() {
  const auto end = steady_clock::now() + kPatience;
  while (PQping(conninfo().c_str()) != PQPING_OK) {
    check(::waitpid(server_, nullptr, WNOHANG) == 0, "the throw-away server stays up");
    check(steady_clock::now() < end, "the throw-away server answers in time");
    std::this_thread::sleep_for(kPause);
  }
}

void ThrowawayPostgres::signal_all(int signal) const {
  for (const pid_t process : family(server_)) ::kill(process, signal);
}

void ThrowawayPostgres::suspend() {
  if (running()) signal_all(SIGSTOP);
}

void ThrowawayPostgres::resume() {
  if (running()) signal_all(SIGCONT);
}

void ThrowawayPostgres::stop() {
  if (!running()) return;
  resume();
  ::kill(server_, SIGINT);
  reap();
}

void ThrowawayPostgres::kill() {
  if (!running()) return;
  // Stopped first, so that it starts no further process meanwhile; all must be gone before a new server may start.
  ::kill(server_, SIGSTOP);
  const auto processes = family(server_);
  for (const pid_t process : processes) ::kill(process, SIGKILL);
  reap();
  const auto end = steady_clock::now() + kPatience;
  for (const pid_t process : processes)
    while (!gone(process) && steady_clock::now() < end) std::this_thread::sleep_for(kPause);
}

void ThrowawayPostgres::reap() {
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

}  // namespace relais::tests
