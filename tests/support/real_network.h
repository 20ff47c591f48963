// A whole network of its own for one test: keys, a signed definition, a real relaisd, and settings for adapters of
// ccas-25056 and caf-25.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_program.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {

class RealNetwork {
 public:
  /// Files of the network definition: name below its folder, and text.
  using Files = std::vector<std::pair<std::string, std::string>>;

  /// Starts the broker. `transport_keys`: how many adapters ccas-25056 may have at once. `files`: beside the two
  /// institutions and their agreement.
  explicit RealNetwork(int transport_keys = 1, const Files& files = {});

  /// The tables of the SDK for an adapter in a folder of its own; without `endpoints` the broker's.
  [[nodiscard]] std::string adapter_settings(const std::string& name, const std::string& institution,
                                             const std::vector<std::string>& endpoints = {},
                                             int transport_key = 1) const;

  [[nodiscard]] std::string endpoint() const;
  [[nodiscard]] int port() const { return port_; }

  /// Writes a file below folder() and answers its path.
  [[nodiscard]] std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
    return folder_.write(name, text);
  }

  ChildProgram& broker() { return *broker_; }
  void wait_for_broker();

  /// Everything that the programs wrote: logs, stores, settings.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  std::string control(const std::string& words) const;
  std::string new_key(const std::string& use, const std::string& name) const;
  void make_definition(int transport_keys, const Files& files);

  TemporaryFolder folder_;
  int port_;
  int admin_port_;
  std::string authority_;
  std::string broker_key_;
  std::unique_ptr<ChildProgram> broker_;
};

}  // namespace relais::tests
