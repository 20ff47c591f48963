#include "adapters/sftp/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "relais_paths.h"
#include "tests/support/files_fixture.h"
#include "tests/support/run_program.h"

namespace relais::sftp {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  Config config;
  std::vector<std::string> faults;
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class SftpConfig : public testing::Test {
 protected:
  void SetUp() override {
    (void)folder_.write("mapping.toml", tests::kFilesMapping);
    make_key("key", "");
    make_key("locked", "secret");
    write_secret("passphrase", "secret\n");
    write_secret("wrong", "other\n");
    const auto key = contents(folder_.path() / "key.pub");
    (void)folder_.write("known_hosts", "[sftp.example]:2222 " + key + "other.example " + key);
  }

  void make_key(const std::string& name, const std::string& passphrase) {
    const auto made = tests::run_program(fmt::format("ssh-keygen -q -t ed25519 -C test -N '{}' -f '{}' 2>&1",
                                                     passphrase, (folder_.path() / name).string()));
    ASSERT_EQ(0, made.exit_code) << made.output;
  }
  void write_secret(const std::string& name, const std::string& text) {
    ::chmod(folder_.write(name, text).c_str(), 0600);
  }

  Read read(const std::string& text, const std::filesystem::path& folder) const {
    const auto file = folder_.write("sftp.toml", text);
    base::Findings findings;
    const auto content = base::read_toml(file, "sftp.toml", findings);
    Read read;
    if (content) {
      base::TableReader whole(*content, "sftp.toml", {}, findings);
      read.config = read_config(whole, folder);
      whole.finish();
    }
    for (const auto& fault : findings.take())
      read.faults.push_back(fault.place.file + ":" + std::to_string(fault.place.line) + ": " + fault.path + ": " +
                            fault.problem);
    return read;
  }
  Read read(const std::string& text) const { return read(text, folder_.path()); }

  tests::TemporaryFolder folder_;
};

constexpr const char* kLittle = R"(
[[exchange]]
institution = "ccas-25056"
folder = "ccas"
complete = "marker"
[exchange.server]
host = "sftp.example"
port = 2222
user = "relais"
known_hosts = "known_hosts"
key_file = "key"
in = "/export/"
out = "import"
[[exchange.read]]
mapping = "mapping.toml"
[[exchange.write]]
mapping = "mapping.toml"
)";

TEST_F(SftpConfig, says_little_and_means_the_defaults) {
  const auto said = read(kLittle);
  EXPECT_THAT(said.faults, IsEmpty());
  ASSERT_THAT(said.config.routes, SizeIs(1));
  const auto& route = said.config.routes.front();
  EXPECT_EQ("/export", route.folders.in);
  EXPECT_EQ("import", route.folders.out);
  EXPECT_EQ("", route.folders.archive);
  EXPECT_EQ(2222, route.server.port);
  EXPECT_EQ(folder_.path() / "key", route.server.key_file);
  EXPECT_EQ(files::CompleteWhen::marker, route.arrival.when) << "what is said of files holds on the server";
  const auto& exchange = said.config.exchanges.front();
  EXPECT_EQ(files::CompleteWhen::rename, exchange.arrival.when) << "here they appear by renaming";
  EXPECT_THAT(exchange.arrival.ignored, IsEmpty());
  EXPECT_THAT(exchange.readers, SizeIs(1));
}

TEST_F(SftpConfig, tells_all_faults_at_once_with_their_lines) {
  const auto said = read(R"(
[[exchange]]
institution = "ccas-25056"
folder = "ccas"
poll = 5
[exchange.server]
host = "relais@sftp.example"
port = 70000
user = "a b"
known_hosts = "none"
key_file = "mapping.toml"
archive = "/in"
look_every = "soon"
reconnect_first = "10s"
reconnect_most = "1s"
password = "secret"
in = "/in"
[[exchange.read]]
mapping = "none.toml"
[[exchange.write]]
mapping = "mapping.toml"
)");
  for (const auto* fault :
       {"sftp.toml:5: exchange[0].poll: ", "sftp.toml:7: exchange[0].server.host: ",
        "sftp.toml:8: exchange[0].server.port: ", "sftp.toml:9: exchange[0].server.user: ",
        "sftp.toml:10: exchange[0].server.known_hosts: ", "sftp.toml:11: exchange[0].server.key_file: ",
        "sftp.toml:12: exchange[0].server.archive: is the folder in",
        "sftp.toml:13: exchange[0].server.look_every: ", "sftp.toml:15: exchange[0].server.reconnect_most: ",
        "sftp.toml:16: exchange[0].server.password: is not a known key", "exchange[0].server.out: is missing",
        "sftp.toml:19: exchange[0].read[0].mapping: "})
    EXPECT_THAT(said.faults, Contains(HasSubstr(fault)));
}

TEST_F(SftpConfig, a_server_is_needed) {
  const auto said = read("[[exchange]]\ninstitution = \"ccas-25056\"\nfolder = \"ccas\"\n");
  EXPECT_THAT(said.faults, Contains(HasSubstr("exchange[0].server: is missing")));
}

std::string with(std::string text, const std::string& what, const std::string& instead) {
  text.replace(text.find(what), what.size(), instead);
  return text;
}

TEST_F(SftpConfig, a_key_is_tried_before_it_is_needed) {
  const auto locked = with(kLittle, "\"key\"", "\"locked\"");
  EXPECT_THAT(read(locked).faults, Contains(HasSubstr("server.key_file: ")));
  EXPECT_THAT(read(with(locked, "in =", "passphrase_file = \"wrong\"\nin =")).faults,
              Contains(HasSubstr("server.key_file: ")));
  EXPECT_THAT(read(with(locked, "in =", "passphrase_file = \"passphrase\"\nin =")).faults, IsEmpty());
  ::chmod((folder_.path() / "key").c_str(), 0640);
  EXPECT_THAT(read(kLittle).faults, Contains(HasSubstr("server.key_file: ")));
}

TEST_F(SftpConfig, a_server_without_a_known_key_is_told_before_it_is_asked) {
  EXPECT_THAT(read(with(kLittle, "2222", "22")).faults, Contains(HasSubstr("server.known_hosts: ")));
  EXPECT_THAT(read(with(with(kLittle, "port = 2222\n", ""), "sftp.example", "other.example")).faults, IsEmpty());
}

TEST_F(SftpConfig, two_institutions_never_read_the_same_folder) {
  const auto second = with(with(kLittle, "ccas-25056", "caf-25"), "\"ccas\"", "\"caf\"");
  EXPECT_THAT(read(std::string(kLittle) + second).faults, Contains(HasSubstr("is that of another exchange")));
  EXPECT_THAT(read(std::string(kLittle) + with(second, "/export/", "/other")).faults, IsEmpty());
}

TEST_F(SftpConfig, the_example_is_valid_once_there_are_keys) {
  const auto examples = std::filesystem::path(RELAIS_SOURCE) / "config/examples";
  auto text = contents(examples / "sftp.toml");
  text = text.substr(text.find("\n[[exchange]]"));
  text = with(text, "\"keys/ccas-sftp.ssh\"", "\"" + (folder_.path() / "key").string() + "\"");
  text = with(text, "\"keys/known_hosts\"", "\"" + (folder_.path() / "known_hosts").string() + "\"");
  text = with(text, "\"sftp.ccas.example\"", "\"other.example\"");
  EXPECT_THAT(read(text, examples).faults, IsEmpty());
}

}  // namespace
}  // namespace relais::sftp
