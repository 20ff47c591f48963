// An institution whose software knows only files on an SFTP server: its folders there, and its adapter.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/child_program.h"
#include "tests/support/real_network.h"
#include "tests/support/throwaway_sshd.h"

namespace relais::tests {

/// CSV in windows-1252 in, fixed width out.
extern const std::string_view kCcasMapping;
/// XML with a schema in, XML in ISO-8859-1 out.
extern const std::string_view kCafMapping;

/// Every file is read and written with the mapping given; referrals go to the CAF.
extern const std::string_view kOneMapping;

/// The bytes of a file; none when it is not there.
std::string contents(const std::filesystem::path& path);

class Institution {
 public:
  /// `exchanges`: the tables that say which mapping reads and writes which files; "mapping.toml" is `mapping`.
  Institution(RealNetwork& network, const ThrowawaySshd& sshd, const std::string& id, std::string_view mapping,
              const std::string& complete, const std::filesystem::path& key, std::string_view exchanges = kOneMapping);

  void drop(const std::string& name, std::string_view bytes) const { sshd_.drop(there_ / "in", name, bytes); }

  /// All files of `out`, one after the other; they are gone then.
  [[nodiscard]] std::string take() const;

  [[nodiscard]] std::string rejects() const;
  [[nodiscard]] std::string log() const { return contents(here_ / "adapter.log"); }
  [[nodiscard]] const std::string& config() const { return settings_; }
  [[nodiscard]] const std::filesystem::path& there() const { return there_; }
  [[nodiscard]] const std::filesystem::path& here() const { return here_; }
  ChildProgram& adapter() { return *adapter_; }

 private:
  const ThrowawaySshd& sshd_;
  std::filesystem::path there_;
  std::filesystem::path here_;
  std::string settings_;
  std::unique_ptr<ChildProgram> adapter_;
};

}  // namespace relais::tests
