// Options that several command groups share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

namespace relais::cli {

/// `--data DIR`: the broker's data folder.
inline void add_data_option(CLI::App& command, std::filesystem::path& data) {
  data = "/var/lib/relais";
  command.add_option("--data", data, "data folder of the broker")->type_name("DIR")->capture_default_str();
}

/// Who does it and why: stands in the journal with the action.
struct Signature {
  std::string name;
  std::string reason;
};

inline void add_signature_options(CLI::App& command, Signature& signature) {
  const char* user = std::getenv("USER");
  signature.name = user != nullptr && *user != '\0' ? user : "operator";
  command.add_option("--operator", signature.name, "your name, for the journal")->type_name("NAME");
  command.add_option("--reason", signature.reason, "why, for the journal")->required()->type_name("TEXT");
}

}  // namespace relais::cli
