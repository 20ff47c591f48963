// What keeps a broker well, over HTTP: a network definition that is tried, backups and evidence that are asked for
// wrongly.
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

class NetworkTrialTest : public AdminTest {
 protected:
  static std::string text_of(const v1::SignedNetwork& network) { return base::base64(network.SerializeAsString()); }

  json look(const v1::SignedNetwork& network) {
    return post("network", {{"signed_network", text_of(network)}, {"dry_run", true}});
  }

  static v1::NetworkDefinition with_faults() {
    auto network = simulation::territory(1);
    network.mutable_agreements(0)->mutable_directions(0)->set_to("nobody");
    network.mutable_institutions(0)->set_mission("none");
    return network;
  }
};

TEST_F(NetworkTrialTest, all_that_stands_against_a_definition_is_said_at_once) {
  apply_network();
  const auto trial = look(simulation::signed_by(signer_, with_faults()));
  EXPECT_EQ(trial["authentic"], false);
  EXPECT_EQ(trial["present"], 1);
  EXPECT_EQ(trial["network"]["version"], 1);
  EXPECT_EQ(trial["acceptable"], false);
  ASSERT_GE(trial["violations"].size(), 2u) << trial;
  EXPECT_NE(trial["violations"].dump().find("directions[0].to"), std::string::npos) << trial;
  EXPECT_NE(trial["violations"].dump().find("mission"), std::string::npos) << trial;
}

TEST_F(NetworkTrialTest, each_reason_alone_stands_against_it) {
  EXPECT_EQ(look(simulation::signed_by(authority_, simulation::territory(1)))["acceptable"], true);
  EXPECT_TRUE(look(simulation::signed_by(authority_, simulation::territory(1)))["present"].is_null());
  apply_network();
  EXPECT_EQ(look(simulation::signed_by(authority_, simulation::territory(2)))["acceptable"], true);
  EXPECT_EQ(look(simulation::signed_by(authority_, simulation::territory(1)))["acceptable"], false) << "not newer";
  EXPECT_EQ(look(simulation::signed_by(signer_, simulation::territory(2)))["acceptable"], false) << "not authentic";
  auto faulty = with_faults();
  faulty.set_version(2);
  EXPECT_EQ(look(simulation::signed_by(authority_, faulty))["acceptable"], false);
  EXPECT_EQ(get("network")["version"], 1) << "a look changes nothing";
  EXPECT_EQ(get("audit")["acts"].size(), 1u) << "nor does it stand in the journal";
}

TEST_F(NetworkTrialTest, what_is_in_force_says_who_signed_it) {
  EXPECT_EQ(get("network", 503)["refused"]["code"], "network.none");
  apply_network();
  const auto network = get("network");
  EXPECT_EQ(network["authority"], base::base64(base::view(base::signing_public(secret_of(1)))));
  EXPECT_EQ(network["institutions"], simulation::territory(1).institutions_size());
  v1::NetworkDefinition definition;
  ASSERT_TRUE(definition.ParseFromString(*base::from_base64(network["definition"].get<std::string>())));
  EXPECT_EQ(network["id"], definition.network());
}

TEST_F(NetworkTrialTest, what_is_no_definition_is_refused) {
  EXPECT_EQ(post("network", {{"signed_network", "?"}, {"dry_run", true}}, 400)["refused"]["field"], "signed_network");
  EXPECT_EQ(post("network", {{"signed_network", text_of({})}, {"dry_run", true}}, 422)["refused"]["field"],
            "definition");
  EXPECT_EQ(post("network", {{"signed_network", ""}, {"dry_run", "yes"}}, 400)["refused"]["field"], "dry_run");
  EXPECT_EQ(post("network", {{"signed_network", ""}, {"force", true}}, 400)["refused"]["field"], "force");
}

TEST_F(AdminTest, backups_and_evidence_are_asked_for_with_all_that_it_takes) {
  EXPECT_EQ(get("backups", 400)["refused"]["field"], "folder");
  EXPECT_EQ(get("backups/1", 400)["refused"]["field"], "folder");
  for (const std::string number : {"0", "-1", "1x", "99999999999"})
    EXPECT_EQ(get("backups/" + number + "?folder=/b", 400)["refused"]["field"], "number") << number;
  EXPECT_EQ(get("backups?folder=/b&all=1", 400)["refused"]["field"], "all");
  EXPECT_EQ(get("messages/nonsense/evidence", 404)["refused"]["field"], "message_id");
}

}  // namespace
}  // namespace relais::admin
