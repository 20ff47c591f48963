#include "broker/engine/ready_list.h"

#include "broker/core/keys.h"

namespace relais::engine {

namespace {
constexpr std::size_t kReadAtOnce = 256;
constexpr std::size_t kWindowMax = 4'096;
}  // namespace

ReadyList::ReadyList(std::string prefix) : prefix_(std::move(prefix)) {}

void ReadyList::add(core::MessageKey key) {
  if (!read_all_ && key >= read_from_) return;  // reading on will find it
  window_.insert(key);
  if (window_.size() <= kWindowMax) return;
  const auto last = std::prev(window_.end());
  // What the window can not hold is left to the table.
  read_from_ = *last;
  read_all_ = false;
  window_.erase(last);
}

void ReadyList::remove(core::MessageKey key) { window_.erase(key); }

std::optional<core::MessageKey> ReadyList::take(const core::Tables& tables) {
  if (window_.empty() && !read_all_) read_on(tables);
  if (window_.empty()) return std::nullopt;
  const auto key = *window_.begin();
  window_.erase(window_.begin());
  return key;
}

void ReadyList::read_on(const core::Tables& tables) {
  std::size_t read = 0;
  tables.scan(core::TableId::queue, prefix_ + core::keys::message(read_from_), core::keys::end_of(prefix_),
              [&](std::string_view key, std::string_view) {
                const auto message = core::keys::message_at_end(key);
                window_.insert(message);
                read_from_ = {message.position, message.ordinal + 1};
                return ++read < kReadAtOnce;
              });
  read_all_ = read < kReadAtOnce;
}

}  // namespace relais::engine
