#include "adapters/sdk/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

std::filesystem::path file_with(const tests::TemporaryFolder& folder, std::string_view text, mode_t mode) {
  const auto path = folder.write("secret", text);
  ::chmod(path.c_str(), mode);
  return path;
}

TEST(SecretFile, gives_the_first_line) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(*read_secret_line(file_with(folder, "se cret\nrest\n", 0600)), "se cret");
}

TEST(SecretFile, gives_the_whole_of_a_key) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(*read_secret(file_with(folder, "BEGIN\nkey\nEND\n", 0600)), "BEGIN\nkey\nEND\n");
  const std::string long_one(20'000, 'x');
  EXPECT_EQ(read_secret(file_with(folder, long_one, 0600)).refusal().code, base::RefusalCode::key_invalid);
}

TEST(SecretFile, is_refused_when_others_may_read_it) {
  const tests::TemporaryFolder folder;
  const auto said = read_secret_line(file_with(folder, "secret", 0640));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, base::RefusalCode::key_file_mode);
}

TEST(SecretFile, is_refused_when_empty_absent_or_no_file) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(read_secret_line(file_with(folder, "\nx", 0600)).refusal().code, base::RefusalCode::key_invalid);
  EXPECT_EQ(read_secret_line(folder.path() / "absent").refusal().code, base::RefusalCode::io_failed);
  EXPECT_EQ(read_secret_line(folder.path()).refusal().code, base::RefusalCode::key_invalid);
}

}  // namespace
}  // namespace relais::sdk
