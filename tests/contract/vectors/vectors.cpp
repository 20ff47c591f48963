#include "tests/contract/vectors/vectors.h"

#include <algorithm>
#include <fstream>

#include "relais_paths.h"

namespace relais::vectors {

Json load(std::string_view file) {
  std::ifstream in(std::string(RELAIS_SOURCE "/tests/data/vectors/") + std::string(file));
  base::check(in.good(), "a file of vectors can be read");
  return Json::parse(in);
}

std::string from_hex(const std::string& digits) {
  base::check(digits.size() % 2 == 0, "an even number of digits");
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string bytes(const Json& vector, std::string_view key) { return from_hex(vector.at(std::string(key))); }

base::PublicKeyBytes public_key(const std::string& bytes) {
  base::PublicKeyBytes key{};
  base::check(bytes.size() == key.size(), "a key of 32 bytes");
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

base::SecretKey secret_key(const std::string& bytes) { return base::SecretKey(public_key(bytes)); }

void each(const Json& all, const std::function<void(const Json&)>& check) {
  ASSERT_FALSE(all.empty());
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    check(vector);
  }
}

}  // namespace relais::vectors
