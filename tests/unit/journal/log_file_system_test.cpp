// A log in blocks that exist already: zeros behind its end while it is written, none of them over what it holds.
#include "broker/journal/log_file_system.h"

#include <fcntl.h>
#include <functional>
#include <random>
#include <unistd.h>

#include <rocksdb/file_system.h>

#include "broker/journal/zeroed_ahead.h"
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

bool soon(const std::function<bool()>& holds) {
  for (int look = 0; look < 2000; ++look) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::string random_text(std::mt19937& random, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (auto& letter : text) letter = static_cast<char>('a' + random() % 26);
  return text;
}

class LogFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSWritableFile> make(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(files().NewWritableFile(path(name), {}, &file, nullptr).ok());
    return file;
  }
  [[nodiscard]] rocksdb::FileSystem& files() const { return *environment_->GetFileSystem(); }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] std::uint64_t on_disk(const std::string& name) const { return std::filesystem::file_size(path(name)); }
  [[nodiscard]] std::uint64_t told(const std::string& name) const {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(files().GetFileSize(path(name), {}, &bytes, nullptr).ok());
    return bytes;
  }

 private:
  tests::TemporaryFolder folder_;
  std::shared_ptr<rocksdb::Env> environment_ = log_environment();
};

void append(rocksdb::FSWritableFile& file, const std::string& text) {
  ASSERT_TRUE(file.Append(text, {}, nullptr).ok());
  ASSERT_TRUE(file.Sync({}, nullptr).ok());
}

}  // namespace

TEST_F(LogFileSystemTest, a_log_has_zeros_behind_its_end_until_it_is_closed) {
  std::mt19937 random(1);
  const std::string text = random_text(random, 10'000);
  auto log = make("000007.log");
  append(*log, text);
  ASSERT_TRUE(soon([&] { return on_disk("000007.log") > ZeroedAhead::kAheadBytes; }));
  EXPECT_EQ(told("000007.log"), text.size()) << "who copies the log copies what it holds";
  const std::string bytes = read_file(path("000007.log"));
  EXPECT_EQ(bytes.substr(0, text.size()), text);
  EXPECT_EQ(bytes.find_first_not_of('\0', text.size()), std::string::npos);
  ASSERT_TRUE(log->Close({}, nullptr).ok());
  EXPECT_EQ(read_file(path("000007.log")), text);
  EXPECT_EQ(told("000007.log"), text.size());
}

TEST_F(LogFileSystemTest, nothing_but_logs_has_zeros) {
  auto table = make("000008.sst");
  append(*table, "rows");
  auto log = make("000009.log");
  append(*log, "records");
  ASSERT_TRUE(soon([&] { return on_disk("000009.log") > 7; }));
  EXPECT_EQ(on_disk("000008.sst"), 4u);
}

TEST_F(LogFileSystemTest, zeros_are_never_written_over_what_was_appended) {
  std::mt19937 random(2);
  auto log = make("000010.log");
  std::string all;
  for (int i = 0; i < 1500; ++i) {
    // Most appends stay within the zeros that are there; some reach far beyond them, and into those being written.
    const std::size_t most = i % 50 == 0 ? 2 * ZeroedAhead::kAheadBytes : 9'000;
    const std::string text = random_text(random, 1 + random() % most);
    ASSERT_TRUE(log->Append(text, {}, nullptr).ok());
    all += text;
    if (i % 3 != 0) {
      ASSERT_TRUE(log->Sync({}, nullptr).ok());
    }
  }
  ASSERT_TRUE(log->Close({}, nullptr).ok());
  const std::string bytes = read_file(path("000010.log"));
  ASSERT_EQ(bytes.size(), all.size());
  EXPECT_TRUE(bytes == all);
}

TEST_F(LogFileSystemTest, a_log_that_is_written_in_large_pieces_gets_none) {
  std::mt19937 random(3);
  auto log = make("000011.log");
  std::uint64_t size = 0;
  for (int i = 0; i < 20; ++i) {
    append(*log, random_text(random, 2 * ZeroedAhead::kLargePieceBytes));
    size += 2 * ZeroedAhead::kLargePieceBytes;
    ASSERT_EQ(on_disk("000011.log"), size);
  }
}

}  // namespace relais::journal
