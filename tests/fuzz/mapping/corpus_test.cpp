// Everything under tests/data, whatever it was meant for, goes through every target: whole, cut short, and with bytes
// turned over. Findings of the fuzzers are kept in tests/data/mapping/found/.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fuzz/mapping/targets.h"

namespace relais::mapping::fuzz {

namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> inputs;
  const std::filesystem::path source = RELAIS_SOURCE;
  for (const auto* const folder : {"tests/data", "config/mappings", "config/demo/mappings"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 100'000) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
  }
  return inputs;
}

void feed(void (*target)(std::string_view)) {
  std::uint32_t random = 12345;
  const auto next = [&random] { return random = random * 1'664'525U + 1'013'904'223U; };
  for (auto input : corpus()) {
    target(input);
    if (input.empty()) continue;
    target(std::string_view(input).substr(0, next() % input.size()));
    for (int i = 0; i < 3; ++i) input[(next() >> 8U) % input.size()] = static_cast<char>(next() >> 24U);
    target(input);
  }
}

TEST(Corpus, passes_through_csv) { feed(csv); }
TEST(Corpus, passes_through_fixed_width) { feed(fixed); }
TEST(Corpus, passes_through_xml) { feed(xml); }
TEST(Corpus, passes_through_json) { feed(json); }
TEST(Corpus, passes_through_mapping_files) { feed(mapping_file); }
TEST(Corpus, passes_through_what_is_written) { feed(written); }

}  // namespace

}  // namespace relais::mapping::fuzz
