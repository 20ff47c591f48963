#include "broker/base/refusal.h"
#include "tests/contract/vectors/vectors.h"

namespace relais::vectors {
namespace {

TEST(VectorsOfRefusals, the_catalogue_is_that_of_the_page) {
  const auto known = load("refusals.json").at("catalogue");
  EXPECT_EQ(known.size(), base::refusal_catalogue().size());
  for (const auto& row : base::refusal_catalogue()) {
    SCOPED_TRACE(row.name);
    const auto& vector = known.at(std::string(row.name));
    EXPECT_EQ(row.retry, vector.at("retry").get<bool>());
    EXPECT_EQ(row.english, vector.at("english").get<std::string>());
    EXPECT_EQ(row.french, vector.at("french").get<std::string>());
  }
}

TEST(VectorsOfRefusals, sentences_and_bytes) {
  const auto all = load("refusals.json").at("sentences");
  ASSERT_FALSE(all.empty());
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("english").get<std::string>());
    const auto code = base::refusal_code(vector.at("code").get<std::string>());
    ASSERT_TRUE(code);
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [name, value] : vector.at("facts").items()) facts.emplace_back(name, value);
    const auto refusal = base::refuse(*code, vector.at("field"), facts);
    EXPECT_EQ(refusal.english(), vector.at("english").get<std::string>());
    EXPECT_EQ(refusal.french(), vector.at("french").get<std::string>());
    EXPECT_EQ(refusal.to_wire(bytes(vector, "message_id")).SerializeAsString(), bytes(vector, "wire"));
  }
}

}  // namespace
}  // namespace relais::vectors
