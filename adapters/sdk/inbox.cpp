#include "adapters/sdk/inbox.h"

#include "relais/v1/adapter_store.pb.h"

namespace relais::sdk {

namespace {
std::string key_of(std::string_view recipient, std::string_view message_id) {
  return std::string(recipient).append(1, '\0').append(message_id);
}
}  // namespace

std::string Inbox::mark() const {
  v1::StoredMark mark;
  mark.set_at_ms(base::to_ms(clock_.now()));
  return mark.SerializeAsString();
}

bool Inbox::was_handled(std::string_view recipient, std::string_view message_id) const {
  return store_.contains(Area::handled, key_of(recipient, message_id));
}

bool Inbox::was_begun(std::string_view recipient, std::string_view message_id) const {
  return store_.contains(Area::begun, key_of(recipient, message_id));
}

base::Status Inbox::begin(std::string_view recipient, std::string_view message_id) {
  Change change;
  change.put(Area::begun, key_of(recipient, message_id), mark());
  return store_.write(change);
}

void Inbox::handled(Change& change, std::string_view recipient, std::string_view message_id) const {
  not_handled(change, recipient, message_id);
  change.put(Area::handled, key_of(recipient, message_id), mark());
}

void Inbox::not_handled(Change& change, std::string_view recipient, std::string_view message_id) {
  change.erase(Area::begun, key_of(recipient, message_id));
}

}  // namespace relais::sdk
