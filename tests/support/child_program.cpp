#include "tests/support/child_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "broker/base/check.h"

namespace relais::tests {

ChildProgram::ChildProgram(std::vector<std::string> command, std::filesystem::path log)
    : command_(std::move(command)), log_(std::move(log)) {}

ChildProgram::~ChildProgram() { kill(); }

void ChildProgram::start() {
  std::vector<char*> words;
  for (auto& word : command_) words.push_back(word.data());
  words.push_back(nullptr);
  const int output = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  base::check(output >= 0, "the log of a child can be written");
  child_ = ::fork();
  base::check(child_ >= 0, "fork");
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(output);
}

int ChildProgram::wait() {
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int ChildProgram::stop() {
  if (child_ < 0) return 0;
  ::kill(child_, SIGTERM);
  return wait();
}

void ChildProgram::kill() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  wait();
}

int ChildProgram::wait_for_end() { return child_ < 0 ? 0 : wait(); }

void ChildProgram::suspend() {
  if (child_ > 0) ::kill(child_, SIGSTOP);
}

void ChildProgram::resume() {
  if (child_ > 0) ::kill(child_, SIGCONT);
}

bool ChildProgram::running() {
  if (child_ < 0) return false;
  if (::waitpid(child_, nullptr, WNOHANG) == 0) return true;
  child_ = -1;
  return false;
}

}  // namespace relais::tests
