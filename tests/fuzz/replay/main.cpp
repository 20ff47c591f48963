// The program of a fuzz target where there is no libFuzzer: every file below the folders named goes through it, whole,
// cut short, and with bytes turned over.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr std::uintmax_t kInputBytesMax = 100'000;

std::uint32_t next_random() {
  static std::uint32_t state = 12345;
  return (state = state * 1'664'525U + 1'013'904'223U) >> 8U;
}

void feed(const std::string& input, std::size_t size) {
  // Of exactly this size, so that a read behind the end is one behind the allocation.
  const auto bytes = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(input.begin(), size, bytes.get());
  LLVMFuzzerTestOneInput(bytes.get(), size);
}

}  // namespace

int main(int count, char** arguments) {
  std::set<std::filesystem::path> files;
  for (int i = 1; i < count; ++i)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i]))
      if (entry.is_regular_file() && entry.file_size() <= kInputBytesMax) files.insert(entry.path());
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::string input((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    feed(input, input.size());
    if (input.empty()) continue;
    feed(input, next_random() % input.size());
    for (int turned = 0; turned < 3; ++turned) input[next_random() % input.size()] = static_cast<char>(next_random());
    feed(input, input.size());
  }
  std::cout << files.size() << " inputs\n";
  return files.empty() ? 1 : 0;
}
