// What keeps a store well beside its appends: backups, and purges of what was erased.
#include <mutex>

#include "broker/journal/backup_engine.h"
#include "broker/journal/rocks_database.h"
#include "broker/journal/rocks_store.h"

namespace relais::journal {

base::Status RocksStore::purge_erased() {
  const std::unique_lock alone(caring_, std::try_to_lock);
  if (!alone) return base::refuse(base::RefusalCode::backup_running);
  const std::shared_lock lock(opening_);
  if (const auto status = database().rewrite_payload(); !status.ok()) return refusal_of(status, folder_->root);
  return base::Done{};
}

base::Result<Backup> RocksStore::back_up(const std::filesystem::path& folder) {
  const std::unique_lock alone(caring_, std::try_to_lock);
  if (!alone) return base::refuse(base::RefusalCode::backup_running);
  if (auto signed_now = sign_now(); !signed_now) return signed_now.refusal();
  auto opened = open_backups(folder, identity_.id);
  if (!opened) return opened.refusal();
  const std::shared_lock lock(opening_);
  auto& engine = **opened;
  {
    const std::lock_guard here(backup_mutex_);
    if (no_care_ != 0) return io_failed(folder, "the broker stops, or its disk is full");
    backup_ = std::move(*opened);
  }
  // Read before the copy begins, so it holds at least this.
  const Acknowledged mark{durable(), database().db().GetLatestSequenceNumber()};
  auto made = make_backup(engine, database().db(), encode_backup_note(mark, identity_.id), folder);
  const std::lock_guard here(backup_mutex_);
  backup_ = nullptr;
  return made;
}

void RocksStore::stop_care() {
  {
    const std::lock_guard here(backup_mutex_);
    ++no_care_;
    if (backup_ != nullptr) backup_->StopBackup();
  }
  const std::shared_lock lock(opening_);
  if (database_ != nullptr) database_->db().DisableManualCompaction();
}

}  // namespace relais::journal
