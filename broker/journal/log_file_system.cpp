#include "broker/journal/log_file_system.h"

#include <array>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <string>
#include <unistd.h>
#include <utility>

#include <rocksdb/file_system.h>

#include "broker/journal/zeroed_ahead.h"

namespace relais::journal {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// How long the logs are that are being written.
class LogSizes {
 public:
  void grow(const std::string& name, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    sizes_[name] += bytes;
  }
  void forget(const std::string& name) {
    const std::lock_guard lock(mutex_);
    sizes_.erase(name);
  }
  bool find(const std::string& name, std::uint64_t* bytes) const {
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(name);
    if (found == sizes_.end()) return false;
    *bytes = found->second;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> sizes_;
};

/// A file that is written to at any place, closed at the end.
class SecondDescription {
 public:
  explicit SecondDescription(int file) : file_(file) {}
  ~SecondDescription() { ::close(file_); }
  SecondDescription(const SecondDescription&) = delete;
  SecondDescription& operator=(const SecondDescription&) = delete;

  ZeroedFile zeroed() {
    return {[this](std::uint64_t from) {
              static constexpr std::array<char, ZeroedAhead::kStepBytes> kZeros{};
              const auto written = ::pwrite(file_, kZeros.data(), kZeros.size(), static_cast<off_t>(from));
              return written > 0 ? static_cast<std::uint64_t>(written) : 0;
            },
            // Should the device fail here, the next sync through RocksDB's own description fails, too.
            [this] { [[maybe_unused]] const int synced = ::fdatasync(file_); }};
  }

 private:
  const int file_;
};

class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LogFile(std::unique_ptr<FSWritableFile>&& file, std::string name, int second, std::shared_ptr<LogSizes> sizes)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        sizes_(std::move(sizes)),
        second_(second),
        ahead_(std::make_unique<ZeroedAhead>(second_.zeroed())) {
    sizes_->grow(name_, 0);
  }
  ~LogFile() override { sizes_->forget(name_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    ahead_->make_way(data.size());
    return appended(data.size(), target()->Append(data, options, debug));
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, IODebugContext* debug) override {
    ahead_->make_way(data.size());
    return appended(data.size(), target()->Append(data, options, verification, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    auto done = target()->Sync(options, debug);
    ahead_->synced();
    return done;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    ahead_ = nullptr;
    std::uint64_t bytes = 0;
    sizes_->find(name_, &bytes);
    auto cut = target()->Truncate(bytes, options, debug);
    auto closed = target()->Close(options, debug);
    return cut.ok() ? closed : cut;
  }

 private:
  IOStatus appended(std::uint64_t bytes, IOStatus status) {
    if (status.ok()) sizes_->grow(name_, bytes);
    return status;
  }

  const std::string name_;
  const std::shared_ptr<LogSizes> sizes_;
  SecondDescription second_;
  std::unique_ptr<ZeroedAhead> ahead_;
};

class LogFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  LogFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  static const char* kClassName() { return "relais.LogFileSystem"; }
  const char* Name() const override { return kClassName(); }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options, std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* debug) override {
    auto made = target()->NewWritableFile(name, options, file, debug);
    if (!made.ok() || !name.ends_with(".log")) return made;
    const int second = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
    if (second >= 0) *file = std::make_unique<LogFile>(std::move(*file), name, second, sizes_);
    return made;
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, std::uint64_t* bytes,
                       IODebugContext* debug) override {
    if (sizes_->find(name, bytes)) return IOStatus::OK();
    return target()->GetFileSize(name, options, bytes, debug);
  }

 private:
  const std::shared_ptr<LogSizes> sizes_ = std::make_shared<LogSizes>();
};

}  // namespace

std::shared_ptr<rocksdb::Env> log_environment() { return rocksdb::NewCompositeEnv(std::make_shared<LogFileSystem>()); }

}  // namespace relais::journal
