#include "broker/core/territory.h"

#include <gtest/gtest.h>

namespace relais::core {
namespace {

const Territory& france() { return Territory::france(); }

TEST(Territory, knows_every_commune_of_france) {
  EXPECT_EQ(france().communes(), 34'969U);
  EXPECT_EQ(france().commune_today("25056"), "25056");
  EXPECT_EQ(france().commune_today("2A004"), "2A004");
  EXPECT_EQ(france().commune_today("97411"), "97411");
  EXPECT_EQ(france().commune_today("25999"), std::nullopt);
  EXPECT_EQ(france().commune_today(""), std::nullopt);
}

TEST(Territory, leads_from_a_merged_commune_to_the_one_of_today) {
  EXPECT_EQ(france().commune_today("62461"), "62447");  // one of three that became Hesdin-la-Forêt
  EXPECT_EQ(france().commune_today("62447"), "62447");  // whose code is that of a fourth
  EXPECT_FALSE(france().is_arrondissement("62461"));
}

TEST(Territory, leads_from_an_arrondissement_to_its_city) {
  EXPECT_EQ(france().commune_today("75112"), "75056");
  EXPECT_EQ(france().commune_today("13201"), "13055");
  EXPECT_EQ(france().commune_today("69381"), "69123");
  EXPECT_TRUE(france().is_arrondissement("75112"));
  EXPECT_FALSE(france().is_arrondissement("75056"));
}

TEST(Territory, knows_the_epci_and_the_departement_of_a_commune) {
  EXPECT_TRUE(france().has_epci("242500361"));
  EXPECT_TRUE(france().lies_in_epci("25056", "242500361"));
  EXPECT_FALSE(france().lies_in_epci("25388", "242500361"));
  EXPECT_FALSE(france().lies_in_epci("25056", ""));
  EXPECT_EQ(Territory::departement_of("25056"), "25");
  EXPECT_EQ(Territory::departement_of("2A004"), "2A");
  EXPECT_EQ(Territory::departement_of("97411"), "974");
  EXPECT_TRUE(france().has_departement("2B"));
  EXPECT_FALSE(france().has_departement("20"));
}

TEST(Territory, puts_a_commune_of_grand_paris_into_the_metropole_and_into_its_territory) {
  EXPECT_TRUE(france().lies_in_epci("93066", "200054781"));
  EXPECT_TRUE(france().lies_in_epci("93066", "200057867"));
}

TEST(Territory, lists_the_communes_of_an_area_and_the_arrondissements_of_a_city) {
  EXPECT_EQ(france().communes_in("", "90").size(), 101U);
  EXPECT_EQ(france().communes_in("200057867", "").size(), 8U);
  EXPECT_EQ(france().communes_in("200057867", "90").size(), 109U);
  EXPECT_TRUE(france().communes_in("", "").empty());
  EXPECT_EQ(france().arrondissements_of("13055").size(), 16U);
  EXPECT_TRUE(france().arrondissements_of("25056").empty());
}

TEST(Territory, leaves_island_communes_without_an_epci) {
  for (const auto* island : {"29083", "29155", "22016", "85113"}) {
    EXPECT_EQ(france().commune_today(island), island);
    EXPECT_FALSE(france().lies_in_epci(island, "242500361"));
  }
}

}  // namespace
}  // namespace relais::core
