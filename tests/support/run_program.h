// Runs a program of the build and takes what it prints.
#pragma once

#include <array>
#include <cstdio>
#include <string>

#include <sys/wait.h>

#include "broker/base/check.h"
#include "relais_paths.h"

namespace relais::tests {

struct Run {
  int exit_code = -1;  // -1: ended by a signal
  std::string output;  // standard output; with 2>&1 in the command also standard error
};

/// `command` is a line of the shell; the sources' folder is the current one.
inline Run run_program(const std::string& command) {
  Run run;
  std::FILE* const pipe = ::popen(("cd '" RELAIS_SOURCE "' && " + command).c_str(), "r");
  base::check(pipe != nullptr, "a shell can be started");
  std::array<char, 4096> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    run.output.append(part.data(), got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  return run;
}

}  // namespace relais::tests
