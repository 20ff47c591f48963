// A torn end loses nothing that was acknowledged; anything else that is missing or altered is named.
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

class RocksDamage : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path live() const { return folder_.path() / "live"; }
  [[nodiscard]] std::filesystem::path copy() const { return folder_.path() / "copy"; }

  /// Everything of this picture is in table files.
  void picture_flushed(core::Position records) {
    {
      const auto store = open_store(live());
      fill(*store, records);
    }
    // Recovery writes what the log held to table files.
    const auto store = open_store(live());
    wait_until_quiet(live());
    picture(live(), copy());
  }

 private:
  tests::TemporaryFolder folder_;
};

/// What a log holds; behind it are zeros.
std::string read_log(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  bytes.resize(bytes.find_last_not_of('\0') + 1);
  return bytes;
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  return bytes;
}

}  // namespace

TEST_F(RocksDamage, a_torn_last_batch_is_dropped_and_all_before_it_is_there) {
  const auto store = open_store(live());
  fill(*store, 5);
  picture(live(), copy());
  const std::string mark = read_file(copy() / "acknowledged");
  const auto log_before = read_log(files_ending(copy(), ".log").back()).size();
  fill(*store, 6);
  picture(live(), copy());
  write_file(copy() / "acknowledged", mark);  // the crash came before the last append returned
  const auto log = files_ending(copy(), ".log").back();
  const std::string whole = read_log(log);
  ASSERT_GT(whole.size(), log_before);
  for (std::size_t size = log_before; size < whole.size(); size += 13) {
    for (const std::size_t zeros : {0u, 100'000u}) {
      write_file(log, whole.substr(0, size) + std::string(zeros, '\0'));
      const auto seen = RocksStore::open_read_only(copy());
      ASSERT_TRUE(seen.ok()) << size << ": " << seen.refusal().english();
      ASSERT_EQ((*seen)->durable().position, 5u) << size;
      expect_consistent(**seen);
    }
  }
  // The same for writing, where recovery drops the tear and goes on.
  write_file(log, whole.substr(0, whole.size() - 3));
  auto reopened = open_store(copy());
  ASSERT_NE(reopened, nullptr);
  EXPECT_EQ(reopened->durable().position, 5u);
  fill(*reopened, 7);
  reopened = nullptr;
  reopened = open_store(copy());
  EXPECT_EQ(reopened->durable().position, 7u);
  expect_consistent(*reopened);
}

TEST_F(RocksDamage, a_hole_of_zeros_in_the_last_batch_is_a_tear) {
  const auto store = open_store(live());
  fill(*store, 5);
  picture(live(), copy());
  const std::string mark = read_file(copy() / "acknowledged");
  const auto log_before = read_log(files_ending(copy(), ".log").back()).size();
  ASSERT_TRUE(store->append(batch_at(6, 100'000)).ok());
  const auto torn = copy().parent_path() / "torn";
  picture(live(), copy());
  for (const std::size_t hole : {0u, 20'000u, 190'000u}) {
    picture(copy(), torn);
    write_file(torn / "acknowledged", mark);
    const auto log = files_ending(torn, ".log").back();
    std::string bytes = read_log(log);
    const std::size_t from = log_before + hole;
    ASSERT_LT(from, bytes.size());
    // A power cut may leave later pages of one write on the disk and not the earlier ones.
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), std::min<std::size_t>(65'536, bytes.size() - from),
                '\0');
    write_file(log, bytes);
    const auto reopened = open_store(torn);
    ASSERT_NE(reopened, nullptr) << hole;
    EXPECT_EQ(reopened->durable().position, 5u) << hole;
    expect_consistent(*reopened);
  }
}

TEST_F(RocksDamage, a_log_cut_before_its_acknowledged_end_is_refused_and_left_as_it_is) {
  const auto store = open_store(live());
  fill(*store, 6);
  picture(live(), copy());
  const auto log = files_ending(copy(), ".log").back();
  const std::string whole = read_log(log);
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 23) {
    write_file(log, whole.substr(0, size));
    const auto seen = RocksStore::open_read_only(copy());
    ASSERT_FALSE(seen.ok()) << size;
    ASSERT_EQ(seen.refusal().code, base::RefusalCode::journal_damaged) << size << seen.refusal().english();
  }
  const std::string cut = whole.substr(0, whole.size() - 3);
  write_file(log, cut);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto opened = RocksStore::open(copy(), small_settings());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.refusal().code, base::RefusalCode::journal_damaged);
    EXPECT_EQ(fact(opened.refusal(), "position"), "6");
    EXPECT_EQ(read_file(log), cut) << "what is left is there to be looked at";
  }
}

TEST_F(RocksDamage, a_flipped_byte_in_the_log_is_refused) {
  const auto store = open_store(live());
  fill(*store, 6);
  picture(live(), copy());
  const auto log = files_ending(copy(), ".log").back();
  const std::string whole = read_log(log);
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    write_file(log, flipped(whole, at));
    const auto seen = RocksStore::open_read_only(copy());
    ASSERT_FALSE(seen.ok()) << at;
    ASSERT_EQ(seen.refusal().code, base::RefusalCode::journal_damaged) << at << seen.refusal().english();
  }
  write_file(log, flipped(whole, whole.size() / 2));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto opened = RocksStore::open(copy(), small_settings());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.refusal().code, base::RefusalCode::journal_damaged);
    EXPECT_FALSE(fact(opened.refusal(), "position").empty());
  }
  write_file(log, whole);
  const auto healed = RocksStore::open_read_only(copy());
  ASSERT_TRUE(healed.ok());
  expect_consistent(**healed);
}

TEST_F(RocksDamage, a_flipped_byte_in_a_table_file_is_found) {
  picture_flushed(200);
  const auto files = files_ending(copy(), ".sst");
  ASSERT_GE(files.size(), 4u);
  for (const auto& file : files) {
    const std::string whole = read_file(file);
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 11) {
      write_file(file, flipped(whole, at));
      const auto seen = RocksStore::open_read_only(copy());
      if (!seen) {
        ASSERT_EQ(seen.refusal().code, base::RefusalCode::journal_damaged) << file << " " << at;
        continue;
      }
      const auto files_said = (*seen)->verify_files();
      ASSERT_FALSE(files_said.ok()) << file << " " << at;
      ASSERT_EQ(files_said.refusal().code, base::RefusalCode::journal_damaged);
    }
    write_file(file, whole);
  }
  const auto seen = RocksStore::open_read_only(copy());
  ASSERT_TRUE(seen.ok());
  EXPECT_TRUE((*seen)->verify_files().ok());
  expect_consistent(**seen);
}

TEST_F(RocksDamage, a_damaged_record_is_named_by_its_position) {
  picture_flushed(2000);
  int named = 0;
  for (const auto& file : files_ending(copy(), ".sst")) {
    const std::string whole = read_file(file);
    write_file(file, flipped(whole, whole.size() / 2));
    const auto seen = RocksStore::open_read_only(copy());
    if (seen) {
      core::Position shown = 0;
      const auto end = (*seen)->replay(1, [&](const StoredRecord& record) {
        shown = record.position;
        return true;
      });
      if (!end) {
        ++named;
        EXPECT_EQ(end.refusal().code, base::RefusalCode::journal_damaged);
        EXPECT_EQ(fact(end.refusal(), "position"), std::to_string(shown + 1));
        EXPECT_GT(shown, 0u) << "what comes before the damage is shown";
        EXPECT_FALSE(verify_chain(**seen).ok());
      }
    }
    write_file(file, whole);
  }
  EXPECT_EQ(named, 1) << "one file holds the journal";
}

TEST_F(RocksDamage, a_missing_file_is_damage_and_never_an_empty_store) {
  picture_flushed(50);
  const auto kept = copy().parent_path() / "kept";
  picture(copy(), kept);
  std::vector<std::filesystem::path> files = files_ending(copy(), ".sst");
  files.push_back(copy() / "db" / "CURRENT");
  for (const auto& entry : std::filesystem::directory_iterator(copy() / "db"))
    if (entry.path().filename().string().starts_with("MANIFEST")) files.push_back(entry.path());
  for (const auto& file : files) {
    std::filesystem::remove(file);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto opened = RocksStore::open(copy(), small_settings());
      ASSERT_FALSE(opened.ok()) << file;
      EXPECT_EQ(opened.refusal().code, base::RefusalCode::journal_damaged) << file << opened.refusal().english();
    }
    picture(kept, copy());
  }
  expect_consistent(*open_store(copy()));
}

TEST_F(RocksDamage, a_lost_mark_hides_nothing_that_the_log_holds) {
  const auto store = open_store(live());
  fill(*store, 6);
  picture(live(), copy());
  std::filesystem::remove(copy() / "acknowledged");
  const auto reopened = open_store(copy());
  EXPECT_EQ(reopened->durable().position, 6u);
  expect_consistent(*reopened);
}

}  // namespace relais::journal
