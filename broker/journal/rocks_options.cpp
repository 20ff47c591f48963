#include "broker/journal/rocks_options.h"

#include <algorithm>

#include <rocksdb/cache.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include "broker/journal/rocks_log.h"

namespace relais::journal {

namespace {

constexpr std::size_t kPointBlockBytes = 4u << 10;
constexpr std::size_t kSequenceBlockBytes = 16u << 10;
constexpr double kFilterBitsPerKey = 10;  // one lookup of an absent key in a hundred reads a block for nothing

/// Each compaction of the first level writes the second anew, where keys are random: half as many cost a third less of
/// the compacting thread. More files to ask are cheap as long as their filters are pinned.
constexpr int kYoungFilesMost = 8;

constexpr std::uint64_t kErasureSeconds = std::uint64_t{7} * 24 * 3600;

}  // namespace

rocksdb::DBOptions database_options(const RocksSettings& settings, LogEnd log_end) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;  // a table added since the store was made

  // Opening is strict first. Only where the log's end is torn, and the mark beside the store says that nobody was
  // promised what is in the torn part, is it opened again and the end dropped. Neither mode recycles log files.
  options.wal_recovery_mode = log_end == LogEnd::must_be_whole ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                                               : rocksdb::WALRecoveryMode::kPointInTimeRecovery;

  // All families flush together: the log behind them goes at once, no idle family holds old log files, and a start
  // replays no more than what came since the last flush.
  options.atomic_flush = true;
  options.db_write_buffer_size = settings.log_bytes_max * 3 / 4;  // rows in memory are larger than in the log
  options.max_total_wal_size = settings.log_bytes_max;

  // The manifest is replayed at every start; at full speed it grows by some 10 KB a second.
  options.max_manifest_file_size = 8u << 20;
  options.skip_stats_update_on_db_open = true;  // reads every file at start, for statistics only
  options.max_open_files = 512;                 // bounds the memory of open tables, and what a start opens

  // Two cores: one job flushes, one compacts, and the engine keeps what is left.
  options.max_background_jobs = 2;

  // Written tables go to the disk as they grow, so that a synced append never waits behind a whole one.
  options.bytes_per_sync = 1u << 20;

  // One thread writes: the machinery for many writers would only cost.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;

  // A checksum over each whole table file, kept in the manifest: verification leaves no byte of it out.
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();

  options.compaction_readahead_size = 2u << 20;
  options.info_log = rocks_log();
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

FamilyOptions::FamilyOptions(const RocksSettings& settings) : settings_(settings) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = settings.cache_bytes;
  // Blocks in use may exceed the bound for an instant. A strict limit would make a read fail instead, and a read that
  // fails stops the broker.
  cache.strict_capacity_limit = false;
  cache.num_shard_bits = 3;         // shards stay larger than the largest contents
  cache.high_pri_pool_ratio = 0.5;  // indexes and filters
  cache_ = rocksdb::NewLRUCache(cache);
}

rocksdb::ColumnFamilyOptions FamilyOptions::of(std::string_view family) const {
  if (family == kJournalFamily) return history();
  if (family == kPayloadFamily) return contents();
  for (const auto table : core::kTables) {
    if (family != core::table_name(table)) continue;
    switch (table) {
      case core::TableId::messages:
      case core::TableId::referrals:
      case core::TableId::appointments:
      case core::TableId::cases:
      case core::TableId::lines:
      case core::TableId::cells:
      case core::TableId::slots:
        return looked_up();
      case core::TableId::queue:
      case core::TableId::waiting:
      case core::TableId::parked:
      case core::TableId::dead_letters:
      case core::TableId::timers:
      case core::TableId::free_slots:
        return coming_and_going();
    }
  }
  return plain();
}

rocksdb::ColumnFamilyOptions FamilyOptions::plain() const {
  rocksdb::ColumnFamilyOptions options;
  // The bound over all families decides when to flush; none flushes (and with it all others) earlier on its own.
  options.write_buffer_size = settings_.log_bytes_max;
  options.arena_block_size = 96u << 10;  // sixteen families: larger ones would fill the bound of a small log idle
  // A flush under way must not stop the writer when the next buffer fills.
  options.max_write_buffer_number = 4;
  options.compression = rocksdb::kNoCompression;
  // The rows of a batch come in the order of their keys: the place of the next is sought from where the last one of the
  // table was put (of those with the same prefix, here of no bytes), not from the top. w1: 9 % more, four rounds each.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.block_size = kPointBlockBytes;
  table.format_version = 5;
  // Indexes and filters live in the cache, indexes in pieces: memory does not grow with the store.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// Appended in order, read in order, kept for ever: compressed, in larger blocks, without filters.
rocksdb::ColumnFamilyOptions FamilyOptions::history() const {
  auto options = plain();
  auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table->block_size = kSequenceBlockBytes;
  options.compression = rocksdb::kLZ4Compression;  // ids and names of institutions repeat; costs little
  return options;
}

/// Appended and read in order, erased after the retention. Sealed, so there is nothing to compress.
rocksdb::ColumnFamilyOptions FamilyOptions::contents() const {
  auto options = plain();
  auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table->block_size = kSequenceBlockBytes;
  // Erased contents leave the files when these are rewritten: no file waits longer than this for its own turn.
  options.periodic_compaction_seconds = kErasureSeconds;
  options.level0_file_num_compaction_trigger = kYoungFilesMost;
  return options;
}

/// Looked up by a key that is often absent (is this message new?), kept for long.
rocksdb::ColumnFamilyOptions FamilyOptions::looked_up() const {
  auto options = plain();
  auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table->filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  table->optimize_filters_for_memory = true;
  // In one piece: a submission asks four times for what is absent, and each question to a filter in pieces cost two
  // more lookups in the cache; the engine thread spent a fifth less per message without them.
  table->partition_filters = false;
  table->index_type = rocksdb::BlockBasedTableOptions::kBinarySearch;
  table->pin_l0_filter_and_index_blocks_in_cache = true;
  options.memtable_whole_key_filtering = true;  // the same for what is not flushed yet
  options.memtable_prefix_bloom_size_ratio = 0.01;
  options.level0_file_num_compaction_trigger = kYoungFilesMost;
  // What is young is read and written anew soon: compressed is only what has come further down.
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels), rocksdb::kLZ4Compression);
  std::fill_n(options.compression_per_level.begin(), 2, rocksdb::kNoCompression);
  return options;
}

/// Put, scanned from the front, erased soon: most of what is written here are tombstones.
rocksdb::ColumnFamilyOptions FamilyOptions::coming_and_going() const {
  auto options = plain();
  // Files of which half a window is tombstones are compacted at once, and small levels often, so that a scan that
  // starts at the front does not walk over what was acknowledged long ago.
  options.table_properties_collector_factories.push_back(rocksdb::NewCompactOnDeletionCollectorFactory(1024, 512, 0.5));
  options.level0_file_num_compaction_trigger = 2;
  return options;
}

}  // namespace relais::journal
