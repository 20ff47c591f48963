// A server that is a folder of this machine, whose line breaks at any step one likes: before the server did what it was
// asked for, or after.
#pragma once

#include <fstream>
#include <string>

#include "adapters/sftp/remote.h"

namespace relais::tests {

/// The process of the adapter ended.
struct Killed {};

class BreakingRemote final : public sftp::Remote {
 public:
  enum class How { line_before, line_after, killed_before, killed_after };

  /// Shared by all that come one after the other.
  struct Plan {
    int steps = 0;      // made so far
    int break_at = -1;  // the step that breaks
    How how = How::line_before;
  };

  explicit BreakingRemote(Plan& plan) : plan_(plan) {}

  base::Status connect() override {
    connected_ = true;
    return base::Done{};
  }
  [[nodiscard]] bool connected() const override { return connected_; }
  void interrupt() override {}

  base::Result<sftp::Listing> list(const std::string& folder, std::size_t entries_max) override {
    return step<sftp::Listing>([&]() -> base::Result<sftp::Listing> {
      auto entries = files::list_folder(folder);
      if (!entries) return entries.refusal();
      sftp::Listing listing{std::move(*entries), 0, true};
      if (listing.entries.size() > entries_max) {
        listing.entries.resize(entries_max);
        listing.whole = false;
      }
      for (auto& entry : listing.entries) entry.stamp.inode = 0;
      return listing;
    });
  }
  base::Status look_at_folder(const std::string& folder) override {
    return step<base::Done>([&]() -> base::Status {
      if (!std::filesystem::is_directory(folder)) return sftp::failed(files::kNotThere);
      return base::Done{};
    });
  }
  base::Result<files::Stamp> stamp_of(const std::string& file) override {
    return step<files::Stamp>([&] {
      auto stamp = files::stamp_of(file);
      if (stamp) stamp->inode = 0;
      return stamp;
    });
  }
  base::Status try_to_read(const std::string& file) override {
    return step<base::Done>([&]() -> base::Status {
      if (unreadable == std::filesystem::path(file).filename()) return sftp::failed(files::kNoPermission);
      return base::Done{};
    });
  }
  /// In three pieces, each a step.
  base::Status fetch(const std::string& file, std::uint64_t from, const Take& take) override {
    const auto bytes = files::read_file(file, 1 << 20);
    if (!bytes) return bytes.refusal();
    const std::string_view rest = std::string_view(*bytes).substr(from);
    const auto third = rest.size() / 3 + 1;
    for (std::size_t at = 0; at < rest.size(); at += third)
      if (auto taken = step<base::Done>([&] { return take(rest.substr(at, third)); }); !taken) return taken;
    return base::Done{};
  }
  /// Half a file, then the whole.
  base::Status put(const std::string& file, std::string_view bytes) override {
    for (const auto part : {bytes.substr(0, bytes.size() / 2), bytes})
      if (auto put = step<base::Done>([&]() -> base::Status {
            std::ofstream(file, std::ios::binary) << part;
            return base::Done{};
          });
          !put)
        return put;
    return base::Done{};
  }
  base::Status move(const std::string& from, const std::string& to) override {
    return step<base::Done>([&] { return files::move_file(from, to); });
  }
  base::Status remove(const std::string& file) override {
    return step<base::Done>([&] { return files::remove_file(file); });
  }

  std::string unreadable;

 private:
  template <class T, class Do>
  base::Result<T> step(const Do& action) {
    if (!connected_) return sftp::failed(sftp::kConnectionLost);
    if (++plan_.steps != plan_.break_at) return action();
    if (plan_.how == How::killed_before) throw Killed();
    if (plan_.how == How::line_before) return lost();
    (void)action().ok();
    if (plan_.how == How::killed_after) throw Killed();
    return lost();
  }
  base::Refusal lost() {
    connected_ = false;
    return sftp::failed(sftp::kConnectionLost);
  }

  Plan& plan_;
  bool connected_ = false;
};

}  // namespace relais::tests
