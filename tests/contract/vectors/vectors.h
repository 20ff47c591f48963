// The protocol's test vectors, tests/data/vectors, for the tests beside this file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "broker/base/crypto.h"
#include "broker/base/result.h"

namespace relais::vectors {

using Json = nlohmann::json;

Json load(std::string_view file);

/// The bytes that stand in hexadecimal under `key`.
std::string bytes(const Json& vector, std::string_view key);
std::string from_hex(const std::string& digits);
base::PublicKeyBytes public_key(const std::string& bytes);
base::SecretKey secret_key(const std::string& bytes);

/// Calls `check` for each; a failure tells the name of the vector.
void each(const Json& all, const std::function<void(const Json&)>& check);

/// True when the vector says that there is a result, and there is one; a refusal must be the one that it names.
template <class Value>
bool good(const Json& vector, const base::Result<Value>& said) {
  const auto& expected = vector.at("expect");
  if (!expected.contains("code")) {
    EXPECT_TRUE(said.ok()) << (said.ok() ? "" : said.refusal().english());
    return said.ok();
  }
  EXPECT_FALSE(said.ok());
  if (!said.ok()) {
    EXPECT_EQ(said.refusal().name(), expected.at("code").get<std::string>());
    EXPECT_EQ(said.refusal().field, expected.at("field").get<std::string>());
  }
  return false;
}

}  // namespace relais::vectors
