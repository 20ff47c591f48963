#include "adapters/sdk/network_keeper.h"

#include <string>
#include <utility>

#include "broker/base/log.h"

namespace relais::sdk {

namespace {
constexpr std::string_view kNetworkKey = "network";
}

NetworkKeeper::NetworkKeeper(Store& store, Pins pins) : store_(store), pins_(std::move(pins)) {
  const auto stored = store_.get(Area::meta, kNetworkKey);
  v1::SignedNetwork network;
  if (!stored || !network.ParseFromString(*stored)) return;
  if (auto read = Network::verify(network, pins_))
    current_ = std::move(*read);
  else
    base::log_warning("stored network definition left aside", {{"code", read.refusal().name()}});
}

std::shared_ptr<const Network> NetworkKeeper::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::uint64_t NetworkKeeper::version() const {
  const auto network = current();
  return network == nullptr ? 0 : network->version();
}

base::Status NetworkKeeper::accept(const v1::SignedNetwork& network) {
  auto read = Network::verify(network, pins_);
  if (!read) return read.refusal();
  {
    const std::lock_guard lock(mutex_);
    const auto present = current_ == nullptr ? 0 : current_->version();
    if ((*read)->version() < present)
      return base::refuse(base::RefusalCode::network_not_newer, "version",
                          {{"version", std::to_string((*read)->version())}, {"present", std::to_string(present)}});
    current_ = *read;
  }
  changed_.notify_all();
  base::log_info("network definition in use", {{"version", (*read)->version()}});
  Change change;
  change.put(Area::meta, kNetworkKey, network.SerializeAsString());
  if (auto said = store_.write(change); !said) return said;
  return store_.sync();
}

bool NetworkKeeper::wait(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return current_ != nullptr || stopped_; });
  return current_ != nullptr;
}

void NetworkKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace relais::sdk
