// The program itself: exit codes, files, and that what it signs can be trusted.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "broker/base/key_file.h"
#include "relais_paths.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Relaisctl : public testing::Test {
 protected:
  void SetUp() override { base::crypto_init(); }

  static tests::Run ctl(const std::string& words) {
    return tests::run_program(RELAIS_BIN "/relaisctl " + words + " 2>&1");
  }
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  /// A complete definition with one institution's keys made by relaisctl.
  std::string definition() {
    const auto transport = Json::parse(ctl("--json keys new --use transport --id t " + at("t.key")).output);
    const auto signing = Json::parse(ctl("--json keys new --use signing --id broker-1 " + at("s.key")).output);
    folder_.write("network/network.toml",
                  "id = \"test\"\nname = \"Test\"\nversion = 1\n[broker]\ntransport_key = \"" +
                      transport["public"].get<std::string>() + "\"\nsigning_key = {id = \"broker-1\", key = \"" +
                      signing["public"].get<std::string>() +
                      "\"}\n[[purpose]]\nid = \"housing\"\nname_en = \"Housing\"\nname_fr = \"Logement\"\n"
                      "[[mission]]\nid = \"social\"\nname = \"Social\"\ncategories = [\"identity\"]\n");
    folder_.write("network/institutions/caf.toml",
                  "[[institution]]\nid = \"caf-25\"\nname = \"CAF\"\nkind = \"caf\"\nmission = \"social\"\n" +
                      ctl("keys institution --id caf-25 " + at("keys")).output);
    return at("network");
  }

  tests::TemporaryFolder folder_;
};

TEST_F(Relaisctl, makes_and_shows_a_key) {
  const auto made = Json::parse(ctl("keys new --use transport --id t-1 --json " + at("a.key")).output);
  const auto shown = Json::parse(ctl("keys show --json " + at("a.key")).output);
  EXPECT_EQ(made, shown);
  EXPECT_EQ(shown["use"], "transport");
  EXPECT_EQ(*base::from_z85(shown["public_z85"].get<std::string>()),
            *base::from_base64(shown["public"].get<std::string>()));
  const auto key = base::read_key_file(at("a.key"));
  ASSERT_TRUE(key);
  EXPECT_EQ(base::base64(base::view(key->pair.public_key)), shown["public"].get<std::string>());
}

TEST_F(Relaisctl, never_shows_a_secret) {
  ctl("keys new --use signing --id s-1 " + at("a.key"));
  const auto key = base::read_key_file(at("a.key"));
  const auto secret = base::base64(base::view(key->pair.secret.bytes()));
  EXPECT_EQ(ctl("keys show " + at("a.key")).output.find(secret), std::string::npos);
  EXPECT_EQ(ctl("--json keys show " + at("a.key")).output.find(secret), std::string::npos);
}

TEST_F(Relaisctl, ends_with_one_when_refused_and_with_two_when_misused) {
  ctl("keys new --use signing --id s-1 " + at("a.key"));
  const auto again = ctl("keys new --use signing --id s-2 " + at("a.key"));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.output, testing::StartsWith("relaisctl: io.failed: "));
  EXPECT_EQ(ctl("keys show " + at("none.key")).exit_code, 1);
  EXPECT_EQ(ctl("keys new --use shouting --id s-1 " + at("b.key")).exit_code, 2);
  EXPECT_EQ(ctl("keys new --use signing " + at("b.key")).exit_code, 2);
  EXPECT_EQ(ctl("network check " + at("none")).exit_code, 2);
  EXPECT_EQ(ctl("").exit_code, 2);
  EXPECT_EQ(ctl("--version").output, "relaisctl " RELAIS_VERSION "\n");
}

TEST_F(Relaisctl, writes_refusals_as_json_when_asked) {
  const auto run = ctl("--json keys show " + at("none.key"));
  EXPECT_EQ(Json::parse(run.output)["refused"]["code"], "io.failed");
}

TEST_F(Relaisctl, makes_the_keys_of_an_institution_for_its_owner_alone) {
  const auto run = ctl("keys institution --id caf-25 --number 2 " + at("keys"));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(fs::status(at("keys")).permissions(), fs::perms::owner_all);
  for (const auto* const name : {"caf-25.transport-2.key", "caf-25.signing-2.key", "caf-25.sealing-2.key"})
    EXPECT_TRUE(base::read_key_file(folder_.path() / "keys" / name)) << name;
  EXPECT_EQ(ctl("keys institution --id caf-25 --number 2 " + at("keys")).exit_code, 1);
}

TEST_F(Relaisctl, signs_a_definition_that_its_authority_can_be_known_by) {
  const std::string directory = definition();
  EXPECT_EQ(ctl("network check " + directory).exit_code, 0) << ctl("network check " + directory).output;
  const auto authority =
      Json::parse(ctl("--json keys new --use signing --id a " + at("a.key")).output)["public"].get<std::string>();
  const auto run = ctl("network sign " + directory + " --key " + at("a.key") + " --out " + at("signed"));
  ASSERT_EQ(run.exit_code, 0) << run.output;

  std::ifstream file(at("signed"), std::ios::binary);
  v1::SignedNetwork signed_network;
  ASSERT_TRUE(signed_network.ParseFromIstream(&file));
  const auto key = base::read_key_file(at("a.key"));
  EXPECT_TRUE(base::verify(key->pair.public_key, base::kNetworkDomain, signed_network.definition(),
                           signed_network.signature()));
  v1::NetworkDefinition network;
  ASSERT_TRUE(network.ParseFromString(signed_network.definition()));
  EXPECT_GT(network.signed_at_ms(), 0);
  EXPECT_EQ(network.institutions(0).id(), "caf-25");

  EXPECT_THAT(ctl("network show " + at("signed") + " --authority " + authority).output,
              testing::HasSubstr("signature   valid"));
  const auto other = Json::parse(ctl("--json keys show " + at("s.key")).output)["public"].get<std::string>();
  const auto refused = ctl("network show " + at("signed") + " --authority " + other);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, testing::HasSubstr("network.signature"));
}

TEST_F(Relaisctl, signs_nothing_that_has_a_fault_and_not_with_another_key) {
  const auto faulty =
      ctl("network sign tests/data/network-with-faults --key " + at("a.key") + " --out " + at("signed"));
  EXPECT_EQ(faulty.exit_code, 1);
  const auto transport = ctl("network sign " + definition() + " --key " + at("t.key") + " --out " + at("signed"));
  EXPECT_THAT(transport.output, testing::HasSubstr("not a signing key"));
  EXPECT_FALSE(fs::exists(at("signed")));
}

TEST_F(Relaisctl, shows_no_file_that_is_not_a_signed_definition) {
  folder_.write("noise", "\xff\xff\xff");
  folder_.write("empty", "");
  EXPECT_THAT(ctl("network show " + at("noise")).output, testing::HasSubstr("network.invalid"));
  EXPECT_THAT(ctl("network show " + at("empty")).output, testing::HasSubstr("network.invalid"));
}

}  // namespace
}  // namespace relais::cli
