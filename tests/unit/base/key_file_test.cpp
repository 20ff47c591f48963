#include "broker/base/key_file.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace relais::base {
namespace {

namespace fs = std::filesystem;

class KeyFiles : public testing::Test {
 protected:
  void SetUp() override { crypto_init(); }

  fs::path written(KeyUse use = KeyUse::signing) {
    const auto path = folder_.path() / "a.key";
    KeyFile key{use, "sign-1", use == KeyUse::signing ? new_signing_pair() : new_transport_pair()};
    EXPECT_TRUE(write_key_file(path, key));
    public_ = key.pair.public_key;
    return path;
  }

  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  /// A key file with `from` replaced by `to`.
  Refusal refusal_with(const std::string& from, const std::string& to) {
    const auto path = written();
    std::string text = text_of(path);
    text.replace(text.find(from), from.size(), to);
    std::ofstream(path, std::ios::binary) << text;
    auto refusal = read_key_file(path).refusal();
    fs::remove(path);
    return refusal;
  }

  tests::TemporaryFolder folder_;
  PublicKeyBytes public_{};
};

TEST_F(KeyFiles, read_back_what_was_written) {
  const auto path = written();
  const auto key = read_key_file(path);
  ASSERT_TRUE(key) << key.refusal().english();
  EXPECT_EQ(key->use, KeyUse::signing);
  EXPECT_EQ(key->id, "sign-1");
  EXPECT_EQ(key->pair.public_key, public_);
  EXPECT_EQ(signing_public(key->pair.secret), public_);
}

TEST_F(KeyFiles, are_written_for_their_owner_alone_and_leave_nothing_beside) {
  const auto path = written();
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(KeyFiles, are_refused_when_others_may_read_them) {
  const auto path = written();
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  const auto refusal = read_key_file(path).refusal();
  EXPECT_EQ(refusal.name(), "key.file_mode");
  EXPECT_NE(refusal.english().find("its mode is 0640"), std::string::npos) << refusal.english();
}

TEST_F(KeyFiles, never_replace_an_existing_file) {
  const auto path = written();
  const std::string before = text_of(path);
  EXPECT_EQ(write_key_file(path, {KeyUse::signing, "sign-2", new_signing_pair()}).refusal().name(), "io.failed");
  EXPECT_EQ(text_of(path), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(KeyFiles, name_the_line_that_is_wrong) {
  EXPECT_EQ(refusal_with("\"1\"", "\"2\"").field, "line 2");
  EXPECT_EQ(refusal_with("signing", "singing").field, "line 3");
  EXPECT_EQ(refusal_with("id = \"sign-1\"", "id = \"\"").field, "line 4");
  EXPECT_EQ(refusal_with("id = \"sign-1\"", "id: sign-1").field, "line 4");
  EXPECT_EQ(refusal_with("public = \"", "public = \"AA").field, "line 5");
  EXPECT_EQ(refusal_with("secret = \"", "secret = \"%").field, "line 6");
  EXPECT_EQ(refusal_with("use = ", "id = ").field, "line 4");
}

TEST_F(KeyFiles, refuse_unknown_and_missing_names) {
  EXPECT_EQ(refusal_with("id = ", "ids = ").name(), "key.invalid");
  EXPECT_EQ(refusal_with("# Secret", "more = \"x\"\n#").name(), "key.invalid");
}

TEST_F(KeyFiles, refuse_a_public_half_that_belongs_to_another_secret) {
  // The same bytes are another key when they are used otherwise.
  const auto refusal = refusal_with("signing", "sealing");
  EXPECT_EQ(refusal.field, "line 5");
  EXPECT_EQ(refusal.name(), "key.invalid");
}

TEST_F(KeyFiles, never_show_the_secret_in_a_refusal) {
  const auto path = written();
  std::string text = text_of(path);
  const auto at = text.find("secret = \"") + 10;
  const std::string secret = text.substr(at, 20);
  text.insert(at, "%");
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(read_key_file(path).refusal().english().find(secret), std::string::npos);
}

TEST_F(KeyFiles, say_when_there_is_no_such_file_or_it_is_none) {
  EXPECT_EQ(read_key_file(folder_.path() / "none").refusal().name(), "io.failed");
  EXPECT_EQ(read_key_file(folder_.path()).refusal().name(), "key.invalid");
  const auto large = folder_.write("large", std::string(5000, 'x'));
  fs::permissions(large, fs::perms::owner_read);
  EXPECT_EQ(read_key_file(large).refusal().name(), "key.invalid");
}

}  // namespace
}  // namespace relais::base
