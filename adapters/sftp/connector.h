// The folders' adapter with a ferry for each exchange, between them and the servers.
#pragma once

#include <memory>
#include <vector>

#include "adapters/files/connector.h"
#include "adapters/sftp/config.h"
#include "adapters/sftp/ferry.h"

namespace relais::sftp {

/// Threads: those of sdk::Connector. `config` and `clock` outlive it.
class SftpConnector final : public sdk::Connector {
 public:
  SftpConnector(const Config& config, const base::Clock& clock);
  ~SftpConnector() override;

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override { return folders_.on_message(message); }
  void on_receipt(const base::MessageId& message, std::uint64_t position) override {
    folders_.on_receipt(message, position);
  }
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override {
    folders_.on_refused(message, refusal);
  }

 private:
  const Config& config_;
  const base::Clock& clock_;
  files::FilesConnector folders_;
  std::vector<std::unique_ptr<Ferry>> ferries_;
};

}  // namespace relais::sftp
