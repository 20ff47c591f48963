#include "broker/journal/memory_store.h"

#include "broker/base/check.h"
#include "broker/journal/chain.h"

namespace relais::journal {

ChainEnd MemoryStore::Content::end() const {
  if (records.empty()) return {};
  return {records.back().position, records.back().hash};
}

void MemoryStore::Content::apply(const Batch& batch) {
  ChainEnd at = end();
  for (const auto& bytes : batch.records) {
    at = {at.position + 1, next_hash(at.hash, bytes)};
    records.push_back({at.position, at.hash, bytes});
  }
  for (const auto& payload : batch.payloads) payloads.insert_or_assign(payload.key, payload.compartments);
  for (const auto& key : batch.erased_payloads) payloads.erase(key);
  for (const auto& write : batch.writes) {
    Rows& rows = tables[static_cast<std::size_t>(write.table)];
    if (write.value)
      rows.insert_or_assign(write.key, *write.value);
    else
      rows.erase(write.key);
  }
}

base::Result<core::Position> MemoryStore::append(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  if (refuses_) return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "an append failed before"}});
  base::check(batch.records.empty() || batch.first_position == content_.end().position + 1,
              "a batch begins where the journal ends");
  const auto fault = std::exchange(fault_, std::nullopt);
  if (fault == AppendFault::disk_full) return base::refuse(base::RefusalCode::broker_disk_full);
  if (fault) {
    refuses_ = true;
    if (fault == AppendFault::io_failed_kept) revealed_by_crash_ = batch;
    return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "a fault was set"}});
  }
  content_.apply(batch);
  return content_.end().position;
}

ChainEnd MemoryStore::durable() const {
  const std::lock_guard lock(mutex_);
  return content_.end();
}

std::optional<std::string> MemoryStore::get(core::TableId table, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const Rows& rows = content_.tables[static_cast<std::size_t>(table)];
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

void MemoryStore::scan(core::TableId table, std::string_view from, std::string_view to,
                       const core::Visit& visit) const {
  const std::lock_guard lock(mutex_);
  const Rows& rows = content_.tables[static_cast<std::size_t>(table)];
  for (auto row = rows.lower_bound(from); row != rows.end(); ++row) {
    if (!to.empty() && row->first >= to) return;
    if (!visit(row->first, row->second)) return;
  }
}

std::vector<std::string> MemoryStore::payload(core::MessageKey key) const {
  const std::lock_guard lock(mutex_);
  const auto found = content_.payloads.find(key);
  if (found == content_.payloads.end()) return {};
  return found->second;
}

base::Result<ChainEnd> MemoryStore::replay(core::Position from, const RecordVisit& visit) const {
  const std::lock_guard lock(mutex_);
  if (from == 0) from = 1;
  if (from > content_.end().position) return content_.end();
  ChainCheck chain(from == 1 ? ChainEnd{} : ChainEnd{from - 1, content_.records[from - 2].hash});
  for (std::size_t i = from - 1; i < content_.records.size(); ++i) {
    const StoredRecord& record = content_.records[i];
    if (auto fits = chain.accept(record.position, record.hash, record.bytes); !fits) return fits.refusal();
    if (!visit(record)) break;
  }
  return chain.end();
}

std::optional<StoredRecord> MemoryStore::record(core::Position position) const {
  const std::lock_guard lock(mutex_);
  if (position == 0 || position > content_.records.size()) return std::nullopt;
  return content_.records[position - 1];
}

std::uint64_t MemoryStore::free_bytes() const {
  const std::lock_guard lock(mutex_);
  return free_bytes_;
}

void MemoryStore::fail_next_append(AppendFault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
}

void MemoryStore::set_free_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ = bytes;
}

void MemoryStore::damage_record(core::Position position) {
  const std::lock_guard lock(mutex_);
  base::check(position >= 1 && position <= content_.records.size(), "the record to damage is there");
  auto& record = content_.records[position - 1];
  if (record.bytes.empty())
    record.hash[0] ^= 1;
  else
    record.bytes[record.bytes.size() / 2] ^= 1;
}

std::unique_ptr<MemoryStore> MemoryStore::after_crash() const {
  const std::lock_guard lock(mutex_);
  auto next = std::make_unique<MemoryStore>();
  next->content_ = content_;
  next->free_bytes_ = free_bytes_;
  if (revealed_by_crash_) next->content_.apply(*revealed_by_crash_);
  return next;
}

}  // namespace relais::journal
