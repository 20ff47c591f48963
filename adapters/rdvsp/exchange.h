// One institution's RDV Service Public: what it says comes in, what it is told goes out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/problem_book.h"
#include "adapters/http/questions.h"
#include "adapters/http/web_server.h"
#include "adapters/rdvsp/api.h"
#include "adapters/rdvsp/desk.h"
#include "adapters/rdvsp/exchange_config.h"
#include "adapters/rdvsp/intake.h"
#include "adapters/rdvsp/walk.h"

namespace relais::rdvsp {

/// Threads: take() on the SDK's handler thread, the requests on the server's, and the walk's own. Everything given
/// outlives it.
class Exchange {
 public:
  Exchange(files::Post& post, http::Questions& questions, const ExchangeConfig& config, const base::Clock& clock,
           std::unique_ptr<http::Caller> caller);

  void start() { walk_.start(); }
  void stop() { walk_.stop(); }

  sdk::Verdict take(const sdk::Incoming& message) { return intake_.take(message); }

  /// A webhook of theirs, answered when what follows from it is on the disk.
  http::Reply hook(http::WebRequest& request);

  http::Reply status();
  http::Reply problems();
  http::Reply settle(const std::string& about);
  http::Reply walk();

  /// Books what the broker refused. io.failed.
  base::Status take_refused() { return problems_.take_refused(clock_.now()); }

  /// Forgets what was remembered for longer than `remember_for`. io.failed.
  base::Status forget_old();

  [[nodiscard]] const ExchangeConfig& config() const { return config_; }

 private:
  void book(const http::Problem& wrong, const std::string& body);

  files::Post& post_;
  http::Questions& questions_;
  const ExchangeConfig& config_;
  const base::Clock& clock_;
  http::ProblemBook problems_;
  Ledger ledger_;
  Desk desk_;
  Api api_;
  Intake intake_;
  Walk walk_;
};

/// The table of the server: POST /v1/webhooks/INSTITUTION for them, told by their signature; the rest for those who
/// look after the connection, told by their token. `exchanges` outlive the server.
std::vector<http::Endpoint> endpoints(const std::vector<Exchange*>& exchanges);

}  // namespace relais::rdvsp
