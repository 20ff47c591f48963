// Mappings and documents made in a test.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "adapters/mapping/content_types.h"
#include "adapters/mapping/mapping.h"
#include "relais_paths.h"
#include "tests/support/temporary_folder.h"

namespace relais::mapping {

/// The file's faults are the test's failure.
inline Mapping load_text(std::string_view text) {
  const tests::TemporaryFolder folder;
  auto loaded = Mapping::load(folder.write("mapping.toml", text));
  for (const auto& fault : loaded.faults) ADD_FAILURE() << mapping::text(fault);
  return std::move(loaded.mapping).value();
}

/// "line key" of each fault.
inline std::vector<std::string> faults_of(std::string_view text) {
  const tests::TemporaryFolder folder;
  std::vector<std::string> said;
  for (const auto& fault : Mapping::load(folder.write("mapping.toml", text)).faults)
    said.push_back(std::to_string(fault.line) + " " + fault.key);
  return said;
}

inline std::string head(std::string_view format) {
  return "[mapping]\nname = \"test\"\nversion = 1\n[in]\nformat = \"" + std::string(format) + "\"\n";
}

inline std::string file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline std::string data(const std::string& path) {
  return file_text(std::string(RELAIS_SOURCE) + "/tests/data/" + path);
}

template <class Message>
Message content(const MappedMessage& message, v1::Category category) {
  Message opened;
  for (const auto& one : message.contents) {
    if (one.category == category) {
      EXPECT_TRUE(opened.ParseFromString(one.bytes));
    }
  }
  return opened;
}

/// "line rule field" of each fault of each reject.
inline std::vector<std::string> rejects_of(const ReadResult& result) {
  std::vector<std::string> said;
  for (const auto& reject : result.rejects)
    for (const auto& fault : reject.faults)
      said.push_back(std::to_string(fault.line) + " " + fault.rule + " " + fault.field);
  return said;
}

inline std::vector<std::string> rules_of(const std::vector<Fault>& faults) {
  std::vector<std::string> said;
  for (const auto& fault : faults) said.push_back(fault.rule);
  return said;
}

}  // namespace relais::mapping
