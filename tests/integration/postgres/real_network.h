// A whole network of its own for one test: keys, a signed definition, a real relaisd, and adapters of ccas-25056 and
// caf-25, each on a database.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/integration/postgres/child_program.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {

class RealNetwork {
 public:
  /// Starts the broker. `transport_keys`: how many adapters ccas-25056 may have at once.
  explicit RealNetwork(int transport_keys = 1);

  /// A relais-postgres of that institution on that database, not started yet. `more` is added to its settings.
  std::unique_ptr<ChildProgram> adapter(const std::string& institution, const std::string& conninfo,
                                        const std::string& more = {}, int transport_key = 1);

  ChildProgram& broker() { return *broker_; }
  void wait_for_broker();

  /// Everything that the programs wrote: logs, stores, settings.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  std::string control(const std::string& words) const;
  std::string new_key(const std::string& use, const std::string& name) const;
  void make_definition(int transport_keys);

  TemporaryFolder folder_;
  int port_;
  int admin_port_;
  std::string authority_;
  std::string broker_key_;
  std::unique_ptr<ChildProgram> broker_;
  int adapters_ = 0;
};

}  // namespace relais::tests
