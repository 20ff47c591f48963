#include "broker/core/catchment.h"

#include <gtest/gtest.h>

namespace relais::core {
namespace {

TEST(Catchment, of_a_service_goes_before_that_of_its_institution) {
  v1::Institution institution;
  institution.add_departements("25");
  institution.add_departements("974");
  v1::Service service;
  EXPECT_TRUE(serves_commune(institution, nullptr, "25056"));
  EXPECT_TRUE(serves_commune(institution, &service, "97411"));
  EXPECT_FALSE(serves_commune(institution, &service, "97209"));
  service.add_communes("39198");
  EXPECT_FALSE(serves_commune(institution, &service, "25056"));
  EXPECT_TRUE(serves_commune(institution, &service, "39198"));
  EXPECT_FALSE(serves_commune(v1::Institution(), nullptr, "25056")) << "there for no place";
}

TEST(Needs, of_a_family_are_offered_by_who_offers_one_of_it) {
  v1::Service service;
  service.add_thematics("logement-hebergement--acheter");
  EXPECT_TRUE(offers_need(service, "logement-hebergement--acheter"));
  EXPECT_TRUE(offers_need(service, "logement-hebergement"));
  EXPECT_FALSE(offers_need(service, "logement-hebergement--louer"));
  EXPECT_FALSE(offers_need(service, "logement"));
  service.add_thematics("numerique");
  EXPECT_TRUE(offers_need(service, "numerique--acceder-a-internet"));
}

}  // namespace
}  // namespace relais::core
