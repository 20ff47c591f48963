// What the tests of RocksStore share: filling a store, taking the picture a crash would leave, damaging it.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "broker/journal/chain.h"
#include "broker/journal/rocks_store.h"
#include "tests/support/temporary_folder.h"

namespace relais::journal {

inline RocksSettings small_settings() {
  RocksSettings settings;
  settings.log_bytes_max = 4u << 20;
  settings.cache_bytes = 4u << 20;
  settings.reserve_bytes = 1u << 20;
  settings.headroom_bytes = 1u << 20;
  return settings;
}

/// One record, one payload and two rows that name its position.
inline Batch batch_at(core::Position position, std::size_t bytes = 100) {
  const std::string name = std::to_string(position);
  Batch batch;
  batch.first_position = position;
  batch.records = {"record " + name + std::string(bytes, 'r')};
  batch.payloads = {{{position, 0}, {"payload " + name + std::string(bytes, 'p')}}};
  batch.writes = {{core::TableId::cells, "last", name}, {core::TableId::messages, name, "message " + name}};
  return batch;
}

inline std::unique_ptr<RocksStore> open_store(const std::filesystem::path& folder,
                                              const RocksSettings& settings = small_settings()) {
  auto opened = RocksStore::open(folder, settings);
  EXPECT_TRUE(opened.ok()) << opened.refusal().english();
  return opened ? std::move(*opened) : nullptr;
}

inline void fill(RocksStore& store, core::Position up_to, std::size_t bytes = 100) {
  for (core::Position at = store.durable().position + 1; at <= up_to; ++at)
    ASSERT_TRUE(store.append(batch_at(at, bytes)).ok());
}

/// Records, payloads and rows end at the same batch.
inline void expect_consistent(const Store& store) {
  const auto end = verify_chain(store);
  ASSERT_TRUE(end.ok()) << end.refusal().english();
  const std::string last = std::to_string(end->position);
  EXPECT_EQ(store.get(core::TableId::cells, "last").value_or("0"), last);
  for (core::Position at = 1; at <= end->position; ++at) {
    ASSERT_EQ(store.payload({at, 0}).size(), 1u) << at;
    ASSERT_EQ(store.get(core::TableId::messages, std::to_string(at)), "message " + std::to_string(at));
  }
  EXPECT_TRUE(store.payload({end->position + 1, 0}).empty());
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::vector<std::filesystem::path> files_ending(const std::filesystem::path& store, std::string_view ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(store / "db"))
    if (entry.path().extension() == ending) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// Until flushes and compactions behind an idle store have come to their end: how many files there are before depends
/// on the pace of the machine.
inline void wait_until_quiet(const std::filesystem::path& store) {
  auto before = files_ending(store, ".sst");
  for (int quiet = 0, looks = 0; quiet < 10 && looks < 600; ++looks) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    auto now = files_ending(store, ".sst");
    quiet = now == before ? quiet + 1 : 0;
    before = std::move(now);
  }
}

/// What SIGKILL would leave of a store that is open and idle.
inline void picture(const std::filesystem::path& store, const std::filesystem::path& copy) {
  // Behind an idle store a flush may still remove files that are no longer needed: then the picture is taken again.
  for (int attempt = 0;; ++attempt) {
    std::error_code gone;
    std::filesystem::remove_all(copy);
    std::filesystem::copy(store, copy, std::filesystem::copy_options::recursive, gone);
    if (!gone) break;
    ASSERT_LT(attempt, 20) << gone.message();
  }
  std::filesystem::remove(copy / "reserve");
}

inline std::string fact(const base::Refusal& refusal, std::string_view name) {
  for (const auto& [key, value] : refusal.facts)
    if (key == name) return value;
  return {};
}

}  // namespace relais::journal
