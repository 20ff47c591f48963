#include <fstream>
#include <set>
#include <sstream>

#include "adapters/http/openapi.h"
#include "relais_paths.h"
#include "tests/unit/http/http_fixture.h"

namespace relais::http {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(HttpConfig, says_little_and_means_the_defaults) {
  const tests::TemporaryFolder folder;
  const auto said = read(folder, "[[exchange]]\ninstitution = \"ccas-25056\"\ntoken_files = [\"token\"]\n");
  EXPECT_THAT(said.faults, IsEmpty());
  EXPECT_EQ("127.0.0.1", said.config.gateway.host);
  EXPECT_EQ(8480, said.config.gateway.port);
  ASSERT_THAT(said.config.exchanges, SizeIs(1));
  EXPECT_FALSE(said.config.exchanges[0].webhook);
  EXPECT_THAT(said.config.exchanges[0].tokens, testing::ElementsAre("a-token-of-the-software"));
}

TEST(HttpConfig, tells_all_faults_at_once_with_their_lines) {
  const tests::TemporaryFolder folder;
  const auto said = read(folder, R"(
[http]
listen = "0.0.0.0:8480"
key_file = "none.pem"
body_bytes_max = 999999999
wait_most = "5m"
[[exchange]]
token_files = ["short-token", "mapping.toml"]
remember_for = "1h"
colour = "blue"
[[exchange.submit]]
name = "Ma Correspondance"
mapping = "none.toml"
[exchange.receive]
mapping = "token"
[exchange.webhook]
url = "http://logiciel.example/x"
secret_files = ["token"]
success = ["all"]
success_if = { pointer = "etat" }
retry_first = "2h"
reference = "numero"
[[exchange.hook]]
name = "rdv"
mapping = "mapping.toml"
)");
  for (const auto* fault : {"http.toml:3: http.listen: would take tokens",
                            "http.toml:4: http.key_file: is not a file",
                            "http.certificate_file: needs its key",
                            "http.toml:5: http.body_bytes_max: is too large",
                            "http.toml:6: http.wait_most: is too long",
                            "exchange[0].institution: is missing",
                            "http.toml:8: exchange[0].token_files: holds a token that is too short",
                            "http.toml:8: exchange[0].token_files: Others",
                            "http.toml:9: exchange[0].remember_for: is too short",
                            "http.toml:10: exchange[0].colour: is not a known key",
                            "http.toml:12: exchange[0].submit[0].name: is not a name",
                            "http.toml:13: exchange[0].submit[0].mapping: ",
                            "http.toml:15: exchange[0].receive.mapping: ",
                            "http.toml:17: exchange[0].webhook.url: sends persons' data",
                            "http.toml:18: exchange[0].webhook.secret_files: ",
                            "http.toml:19: exchange[0].webhook.success: holds no status",
                            "exchange[0].webhook.success_if.pointer: is not a JSON pointer",
                            "exchange[0].webhook.success_if.is: is missing",
                            "http.toml:21: exchange[0].webhook.retry_first: is too long",
                            "http.toml:22: exchange[0].webhook.reference: is not a JSON pointer",
                            "exchange[0].hook[0].secret_files: is missing"})
    EXPECT_THAT(said.faults, Contains(HasSubstr(fault))) << fault;
}

TEST(HttpConfig, a_token_or_a_hooks_name_belongs_to_one_institution) {
  const tests::TemporaryFolder folder;
  const std::string hook =
      "[[exchange.hook]]\nname = \"rdv\"\nmapping = \"mapping.toml\"\nsecret_files = [\"secret\"]\n";
  const auto one = "[[exchange]]\ninstitution = \"ccas-25056\"\ntoken_files = [\"token\"]\n" + hook;
  const auto two = "[[exchange]]\ninstitution = \"caf-25\"\ntoken_files = [\"token\"]\n" + hook;
  const auto said = read(folder, one + two);
  EXPECT_THAT(said.faults, Contains(HasSubstr("exchange[1].token_files: holds a token that stands twice")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("exchange[1].hook: has a name that stands twice")));
  EXPECT_THAT(read(folder, one + one).faults, Contains(HasSubstr("institution: has an exchange already")));
}

TEST(HttpConfig, an_institution_without_an_exchange_or_keys_is_told) {
  const tests::TemporaryFolder folder;
  auto said = read(folder, kSettings);
  sdk::AdapterConfig adapter;
  EXPECT_EQ("config.invalid", fit_to(adapter, said.config).refusal().name());
  adapter.institutions.emplace_back().id = "ccas-25056";
  EXPECT_TRUE(fit_to(adapter, said.config).ok());
  adapter.institutions.emplace_back().id = "caf-25";
  EXPECT_THAT(fit_to(adapter, said.config).refusal().english(), HasSubstr("caf-25"));
}

TEST(HttpConfig, the_example_is_valid_once_there_are_tokens_and_secrets) {
  const tests::TemporaryFolder folder;
  const auto examples = std::filesystem::path(RELAIS_SOURCE) / "config/examples";
  std::ifstream file(examples / "http.toml");
  std::stringstream text;
  text << file.rdbuf();
  auto own = text.str().substr(text.str().find("\n[http]"));
  const auto replace = [&](const std::string& what, const std::string& with) {
    for (auto at = own.find(what); at != std::string::npos; at = own.find(what, at + with.size()))
      own.replace(at, what.size(), with);
  };
  replace("keys/ccas-http.token", "token");
  replace("keys/ccas-webhook.secret", "secret");
  replace("keys/rdv-hook.secret", "secret");
  replace("../mappings", (std::filesystem::path(RELAIS_SOURCE) / "config/mappings").string());
  EXPECT_THAT(read(folder, own).faults, IsEmpty());
}

TEST(OpenApi, describes_the_routes_that_there_are_and_no_others) {
  const auto document = Json::parse(openapi());
  EXPECT_EQ("3.1.0", document["openapi"]);
  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 32); });
      described.insert(name + " " + path);
    }
  const auto paths = Gateway({}, {}).paths();
  EXPECT_EQ(described, std::set<std::string>(paths.begin(), paths.end()));
}

}  // namespace
}  // namespace relais::http
