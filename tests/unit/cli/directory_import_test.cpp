#include "broker/cli/directory_import.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/base/time_text.h"
#include "broker/cli/network_places.h"
#include "tests/support/temporary_folder.h"

namespace relais::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

PublishedService service(const std::string& id, const std::string& date = "2026-02-10") {
  PublishedService made;
  made.place = {"services.json", 1, id};
  made.structure = "structure";
  made.name = "Service " + id;
  made.thematics = {"logement-hebergement"};
  made.date = date;
  made.area_field = "zone_eligibilite";
  made.fields = {"nom", "thematiques", "date_maj", "code_insee"};
  return made;
}

class DirectoryRules : public testing::Test {
 protected:
  DirectoryRules() {
    known_.institutions = {"adil-25"};
    known_.by_id = {{"structure", "adil-25"}};
    rules_.now = *base::paris_time(2026, 3, 31, std::chrono::hours(12));
  }

  Import import() const { return import_directory(published_, known_, before_, core::Territory::france(), rules_); }
  const v1::Service& only(const Import& import) const {
    return import.offerings.at("adil-25").services.begin()->second;
  }

  Published published_;
  KnownStructures known_;
  Offerings before_;
  ImportRules rules_;
};

TEST_F(DirectoryRules, know_a_structure_by_its_siret_when_not_by_its_id) {
  known_.by_id.clear();
  published_.services = {service("a")};
  EXPECT_THAT(import().unmapped, SizeIs(1));
  EXPECT_THAT(import().rejected, IsEmpty());
  published_.structures["structure"] = {"structure", "26250011500015", "CCAS"};
  EXPECT_EQ(import().unmapped.front().structure.siret, "26250011500015");
  known_.by_siret = {{"26250011500015", "adil-25"}};
  EXPECT_THAT(import().added, SizeIs(1));
}

TEST_F(DirectoryRules, call_stale_what_was_not_confirmed_for_the_months_allowed) {
  published_.services = {service("a", "2025-03-30"), service("b", "2025-03-31"), service("c", "")};
  std::vector<std::string> stale;
  for (const auto& one : import().stale) stale.push_back(one.service + " " + one.detail);
  EXPECT_THAT(stale, ElementsAre("a 2025-03-30", "c never"));
  rules_.stale_after = std::chrono::months(13);  // the 31 March less 13 months is the last day of February
  published_.services = {service("a", "2025-02-27"), service("b", "2025-02-28")};
  EXPECT_THAT(import().stale, SizeIs(1));
}

TEST_F(DirectoryRules, write_an_area_in_the_communes_of_today) {
  published_.services = {service("a")};
  published_.services[0].area = {"62549", "62461", "75112", "2A", "242500361"};
  const auto made = import();
  EXPECT_THAT(only(made).communes(), ElementsAre("62447", "75112"));
  EXPECT_THAT(only(made).departements(), ElementsAre("2A"));
  EXPECT_THAT(only(made).epcis(), ElementsAre("242500361"));
  published_.services[0].area = {"france"};
  EXPECT_THAT(only(import()).departements(), SizeIs(109));
}

TEST_F(DirectoryRules, name_the_field_for_which_a_record_is_rejected) {
  const auto why = [&](const std::function<void(PublishedService&)>& change) {
    published_.services = {service("a")};
    change(published_.services[0]);
    const auto made = import();
    EXPECT_THAT(made.added, IsEmpty());
    return made.rejected.size() == 1 ? made.rejected[0].field : std::string("?");
  };
  EXPECT_EQ(why([](auto& s) { s.place.id.clear(); }), "id");
  EXPECT_EQ(why([](auto& s) { s.structure.clear(); }), "structure");
  EXPECT_EQ(why([](auto& s) { s.name.clear(); }), "nom");
  EXPECT_EQ(why([](auto& s) { s.thematics.clear(); }), "thematiques");
  EXPECT_EQ(why([](auto& s) { s.thematics = {"Logement"}; }), "thematiques");
  EXPECT_EQ(why([](auto& s) { s.area = {"25056", "25999"}; }), "zone_eligibilite");
  EXPECT_EQ(why([](auto& s) { s.area = {"242500362"}; }), "zone_eligibilite");
  EXPECT_EQ(why([](auto& s) { s.date = "2026-02-30"; }), "date_maj");
  EXPECT_EQ(why([](auto& s) { s.date = "10/02/2026"; }), "date_maj");
  EXPECT_EQ(why([](auto& s) { s.date = "2026-04-01"; }), "date_maj");
  EXPECT_EQ(why([](auto& s) {
              s.address = "1 rue";
              s.commune = "25999";
            }),
            "code_insee");
}

TEST_F(DirectoryRules, give_every_published_id_one_of_its_own) {
  published_.services = {service("dora--AidantsConnect:2024"), service("dora--aidantsconnect-2024"),
                         service(std::string(90, 'x'))};
  const auto made = import();
  EXPECT_THAT(made.rejected, IsEmpty());
  EXPECT_THAT(made.offerings.at("adil-25").services, SizeIs(3));
  for (const auto& [id, one] : made.offerings.at("adil-25").services) EXPECT_LE(id.size(), 64U);
}

TEST_F(DirectoryRules, compare_with_the_import_before) {
  published_.services = {service("a"), service("b"), service("c")};
  before_ = import().offerings;
  published_.services = {service("a"), service("b", "2026-02-11"), service("d")};
  auto made = import();
  EXPECT_EQ(made.unchanged, 1U);
  EXPECT_EQ(made.changed.at(0).service, "b");
  EXPECT_EQ(made.added.at(0).service, "d");
  EXPECT_EQ(made.gone.at(0).service, "c");
  EXPECT_FALSE(made.offerings.at("adil-25").services.contains("c"));
  rules_.keep_gone = true;
  EXPECT_TRUE(import().offerings.at("adil-25").services.contains("c"));
}

TEST_F(DirectoryRules, leave_out_what_is_not_offered_any_more) {
  published_.services = {service("a"), service("b")};
  published_.services[0].ended = true;
  published_.services[1].full = true;
  const auto made = import();
  EXPECT_THAT(made.added, SizeIs(1));
  EXPECT_THAT(made.rejected, IsEmpty());
  EXPECT_EQ(only(made).capacity(), v1::CAPACITY_FULL);
}

TEST(NetworkPlaces, read_back_as_they_were_written) {
  v1::Service service;
  service.set_id("a");
  service.set_institution("caf-25");
  service.set_name("\"Accueil\" \\ d'été\tet plus");
  for (int i = 0; i < 60; ++i) service.add_communes("2505" + std::to_string(i % 10));
  service.add_thematics("logement-hebergement");
  service.add_locations("here");
  service.set_checked_at_ms(base::to_ms(*base::paris_time(2026, 7, 14, std::chrono::seconds(0))));
  service.set_capacity(v1::CAPACITY_FURTHER_ASSESSMENT);
  const tests::TemporaryFolder folder;
  base::Findings findings;
  const auto file = base::read_toml(folder.write("a.toml", service_text(service)), "a.toml", findings);
  ASSERT_TRUE(file);
  base::TableReader whole(*file, "a.toml", {}, findings);
  v1::Service read;
  whole.tables("service", "services", [&](base::TableReader& table, int) {
    read_service(table, read);
    table.finish();
  });
  EXPECT_THAT(findings.take(), IsEmpty());
  EXPECT_EQ(read.SerializeAsString(), service.SerializeAsString());
}

}  // namespace
}  // namespace relais::cli
