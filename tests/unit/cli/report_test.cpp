#include "broker/cli/report.h"

#include <sstream>

#include <gtest/gtest.h>

namespace relais::cli {
namespace {

Report example() {
  Report report;
  report.fact("network", "network", "besancon").fact("signed_at", "signed at", nullptr);
  report.table({"rows",
                "Rows",
                {{"id", "ID"}, {"name", "NAME"}, {"count", "COUNT", true}, {"open", "OPEN"}},
                {{"a", "Département", 7, true}, {"long-id", Json::array({"x", "y"}), 1200, false}}});
  return report;
}

std::string printed(const Report& report, bool json) {
  std::ostringstream out;
  report.print(out, json);
  return out.str();
}

TEST(Report, aligns_columns_by_characters_and_numbers_to_the_right) {
  EXPECT_EQ(printed(example(), false),
            "network     besancon\n"
            "signed at   -\n"
            "\n"
            "Rows\n"
            "  ID        NAME          COUNT   OPEN\n"
            "  a         Département       7   yes\n"
            "  long-id   x, y           1200   no\n");
}

TEST(Report, is_one_json_object_for_scripts) {
  EXPECT_EQ(Json::parse(printed(example(), true)), Json::parse(R"({"network": "besancon", "signed_at": null, "rows": [
                {"id": "a", "name": "Département", "count": 7, "open": true},
                {"id": "long-id", "name": ["x", "y"], "count": 1200, "open": false}]})"));
}

TEST(Report, shows_people_a_text_instead_when_there_is_one) {
  Report report = example();
  report.instead("paste me\n");
  EXPECT_EQ(printed(report, false), "paste me\n");
  EXPECT_EQ(printed(report, true), printed(example(), true));
}

}  // namespace
}  // namespace relais::cli
