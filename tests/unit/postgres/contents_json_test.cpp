#include "adapters/postgres/contents_json.h"

#include <gtest/gtest.h>

#include "relais/v1/content.pb.h"

namespace relais::postgres {
namespace {

TEST(ContentsJson, contents_survive_the_way_through_json) {
  v1::Identity identity;
  identity.set_family_name("D'Élan \"test\"");
  v1::Contact contact;
  contact.add_phones("0600000000");
  const std::vector<mapping::Content> contents = {{v1::CATEGORY_IDENTITY, identity.SerializeAsString()},
                                                  {v1::CATEGORY_CONTACT, contact.SerializeAsString()}};
  const auto json = contents_to_json(contents);
  ASSERT_TRUE(json);
  EXPECT_NE(json->find("family_name"), std::string::npos);
  const auto again = contents_from_json(*json);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->size(), 2U);
  EXPECT_EQ((*again)[0].bytes, contents[0].bytes);
  EXPECT_EQ((*again)[1].bytes, contents[1].bytes);
}

TEST(ContentsJson, nothing_is_an_empty_object_and_back) {
  EXPECT_EQ(*contents_to_json({}), "{}");
  EXPECT_TRUE(contents_from_json("{}")->empty());
  EXPECT_TRUE(contents_from_json("")->empty());
  EXPECT_TRUE(contents_from_json(R"({"identity": {}})")->empty());
}

TEST(ContentsJson, a_fault_names_the_category_and_never_a_value) {
  for (const auto* json : {R"({"identity": {"family_name": 12, "nickname": "CANARY"}})", R"({"identity": "CANARY"})",
                           R"({"household": {"adults": "CANARY"}})"}) {
    const auto said = contents_from_json(json);
    ASSERT_FALSE(said) << json;
    EXPECT_EQ(said.refusal().english().find("CANARY"), std::string::npos);
    EXPECT_TRUE(said.refusal().field.starts_with("contents.")) << said.refusal().field;
  }
  for (const auto* json : {"[]", "CANARY", R"({"CANARY": {}})", "{\"identity\": "}) {
    const auto said = contents_from_json(json);
    ASSERT_FALSE(said) << json;
    EXPECT_EQ(said.refusal().english().find("CANARY"), std::string::npos);
  }
}

TEST(ContentsJson, a_content_that_is_not_what_it_says_is_refused) {
  const auto said = contents_to_json({{v1::CATEGORY_IDENTITY, "\xff\xff\xff"}});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().field, "identity");
}

}  // namespace
}  // namespace relais::postgres
