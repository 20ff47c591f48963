#include "adapters/sftp/connector.h"

#include "adapters/sftp/sftp_remote.h"

namespace relais::sftp {

SftpConnector::SftpConnector(const Config& config, const base::Clock& clock)
    : config_(config), clock_(clock), folders_(config.exchanges, clock) {}

SftpConnector::~SftpConnector() { stop(); }

base::Status SftpConnector::start(sdk::Adapter& adapter) {
  if (auto started = folders_.start(adapter); !started) return started;
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    const auto& route = config_.routes[i];
    ferries_.push_back(std::make_unique<Ferry>(adapter.store(), config_.exchanges[i], route,
                                               std::make_unique<SftpRemote>(route.server), clock_));
    ferries_.back()->start();
  }
  return base::Done{};
}

void SftpConnector::stop() {
  for (const auto& ferry : ferries_) ferry->stop();
  folders_.stop();
}

}  // namespace relais::sftp
