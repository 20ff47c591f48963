// What happened to an appointment in RDV Service Public becomes messages of ours: once, and in order, though their
// webhooks have neither ids nor an order.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/problem.h"
#include "adapters/http/problem_book.h"
#include "adapters/mapping/loss_log.h"
#include "adapters/rdvsp/event.h"
#include "adapters/rdvsp/exchange_config.h"
#include "adapters/rdvsp/ledger.h"
#include "broker/base/clock.h"

namespace relais::rdvsp {

struct Taken {
  std::size_t messages = 0;  // in the durable outbox now
  bool older = false;        // than what is known: nothing was done
  bool unclear = false;      // two states of the same second: their API must say which holds
};

/// Each state of an appointment is compared with what was told: what differs is told, what is the same or older is not.
/// Threads: any; one at a time inside. Everything given outlives it.
class Desk {
 public:
  Desk(files::Post& post, Ledger& ledger, http::ProblemBook& problems, const ExchangeConfig& config);

  /// When it returns, everything is synced to the disk. The problem otherwise, and nothing was done: the mapping's
  /// rules with their place below `at`, and those of sdk::Adapter::submit().
  std::variant<Taken, http::Problem> take(Event& event, const std::string& at, base::Instant now);

  /// A referral for which appointments may be made from now on. io.failed.
  base::Status follow(const Followed& followed);

  /// It counts as taken in charge: whoever calls this tells so. io.failed.
  base::Status accept(std::string_view referral_id);

  /// It ended, or the institution has it no longer. io.failed.
  base::Status close(std::string_view referral_id);

  /// The other institution cancelled it: what follows there is no news. io.failed.
  base::Status cancelled_elsewhere(std::string_view referral_id, std::string_view appointment_id);

  /// As Ledger::forget_before(), while nothing else changes.
  base::Status forget_before(std::int64_t before_ms);

 private:
  struct Work;

  std::variant<Taken, http::Problem> take_rdv(Event& event, const std::string& at, base::Instant now);
  std::variant<Taken, http::Problem> take_person(Event& event, base::Instant now);
  void tell_parts(const std::vector<Participant>& participants, Work& work) const;
  void tell(Followed followed, Presence presence, Work& work) const;
  void erase(const Followed& followed, Work& work) const;
  std::optional<Followed> meant(const std::string& user, const Work& work, bool& ambiguous) const;
  std::variant<Taken, http::Problem> send(Work& work);

  files::Post& post_;
  Ledger& ledger_;
  http::ProblemBook& problems_;
  const ExchangeConfig& config_;
  mapping::LossLog losses_;
  std::mutex mutex_;
};

}  // namespace relais::rdvsp
