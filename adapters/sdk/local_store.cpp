#include "adapters/sdk/local_store.h"

#include "adapters/sdk/store.h"
#include "adapters/sdk/store_notes.h"
#include "broker/base/check.h"

namespace relais::sdk {

namespace {
constexpr std::size_t kKeyBytesMax = 1u << 10;
constexpr std::size_t kValueBytesMax = 1u << 20;
}  // namespace

void add_notes(Change& change, const Notes& notes) {
  for (const auto& note : notes) {
    base::check(!note.key.empty() && note.key.size() <= kKeyBytesMax, "the key of a note has 1 to 1024 bytes");
    base::check(!note.value || note.value->size() <= kValueBytesMax, "a note has at most 1 MiB");
    if (note.value)
      change.put(Area::notes, note.key, *note.value);
    else
      change.erase(Area::notes, note.key);
  }
}

std::optional<std::string> LocalStore::get(std::string_view key) const { return store_.get(Area::notes, key); }

base::Status LocalStore::write(const Notes& notes) {
  Change change;
  add_notes(change, notes);
  if (change.empty()) return base::Done{};
  if (auto said = store_.write(change); !said) return said;
  return store_.sync();
}

base::Status LocalStore::put(std::string_view key, std::string_view value) {
  return write({{std::string(key), std::string(value)}});
}

base::Status LocalStore::erase(std::string_view key) { return write({{std::string(key), std::nullopt}}); }

void LocalStore::scan(std::string_view prefix, const Visit& visit) const {
  store_.scan(Area::notes, prefix, [&](std::string_view key, std::string_view value) {
    return key.starts_with(prefix) && visit(key, value);
  });
}

}  // namespace relais::sdk
