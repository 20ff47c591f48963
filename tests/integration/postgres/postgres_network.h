// A network whose institutions have a PostgreSQL each.
#pragma once

#include <memory>
#include <string>

#include "tests/support/child_program.h"
#include "tests/support/real_network.h"

namespace relais::tests {

class PostgresNetwork : public RealNetwork {
 public:
  using RealNetwork::RealNetwork;

  /// A relais-postgres of that institution on that database, not started yet. `more` is added to its settings.
  std::unique_ptr<ChildProgram> adapter(const std::string& institution, const std::string& conninfo,
                                        const std::string& more = {}, int transport_key = 1);

 private:
  int adapters_ = 0;
};

}  // namespace relais::tests
