// From a JSON body to messages in the durable outbox: all of it, or nothing.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/files/post.h"
#include "adapters/http/exchange_config.h"
#include "adapters/http/problem.h"
#include "adapters/mapping/loss_log.h"
#include "broker/base/clock.h"

namespace relais::http {

/// By which a request that comes again is known. `scope` keeps the keys of the API and of each hook apart.
struct RequestKey {
  std::string scope;
  std::string key;
};

/// Threads: any; requests of one institution are submitted one after another, so that two with the same key or number
/// do not pass each other. Everything given outlives it.
class Submitter {
 public:
  Submitter(files::Post& post, std::string institution, bool own_receipts);

  /// The answer's body, once everything is synced to the disk: for each record what became of it, and what of the body
  /// no message carries. A request with the key and body of an earlier one gets the answer of that one, with
  /// "repeated": true, and does nothing.
  /// Problems, nothing is written then: those of the mapping's rules, file_rule.h of the folders' adapter, and of
  /// sdk::Adapter::submit(), each with the record; key.reused; body.records.
  std::variant<Json, Problem> submit(const SubmitRule& rule, std::string_view body,
                                     const std::optional<RequestKey>& key, base::Instant now);

 private:
  struct Work;

  std::optional<std::variant<Json, Problem>> known(const std::string& request, const std::string& digest) const;
  void add_record(std::span<const mapping::MappedMessage> record, Work& work) const;
  std::variant<Json, Problem> send(Work& work, const std::string& digest);

  files::Post& post_;
  const std::string institution_;
  const bool own_receipts_;
  mapping::LossLog losses_;
  std::mutex one_at_a_time_;
};

}  // namespace relais::http
