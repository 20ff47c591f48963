// From the server's folder to the folder `in` of this machine.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/files/claims.h"
#include "adapters/files/exchange_config.h"
#include "adapters/files/post.h"
#include "adapters/sftp/claim_name.h"
#include "adapters/sftp/faults.h"
#include "adapters/sftp/remote.h"
#include "adapters/sftp/route.h"
#include "broker/base/clock.h"

namespace relais::sftp {

/// One per route, on its thread; everything given outlives it.
///
/// Killed at any instant, it hands over each file once: a complete file is renamed on the server (a claim), then
/// fetched into `work/arriving` and synced; that is noted; it is renamed into `in`; the claim goes to the server's
/// archive; the note is forgotten. A restart finds claims by their names, and by the notes those that were fetched
/// already.
class Fetcher {
 public:
  Fetcher(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route, Remote& remote);

  struct Result {
    bool more = false;                            // files that can be fetched at once
    std::optional<files::SteadyTime> look_again;  // when a file may be complete without any further sign
  };
  /// Stops early when the line is gone.
  Result work(base::Instant now, Faults& faults);

  struct Counts {
    std::uint64_t fetched = 0;
    std::size_t waiting = 0;   // not complete yet
    std::size_t strange = 0;   // links, folders, impossible names: never touched
    std::size_t held_up = 0;   // too large, not readable, name too long: left where they are, told in `rejects`
    bool listed_whole = true;  // false: the folder holds more than one look takes in
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  /// What is on the server, and here, of one file being fetched.
  struct Claim {
    std::string id;
    std::string name;
    bool file = false;
    bool marker = false;
  };
  enum class Next { go_on, pass_over, stop };

  void remove_leftovers();
  base::Result<std::vector<Claim>> find_claims(const Listing& listing);
  Next carry_on(const Claim& claim, Faults& faults);
  Next told(Faults& faults, std::string_view place, const base::Refusal& refusal) const;
  std::optional<base::Refusal> take_announced(const Claim& claim);
  base::Status download(const Claim& claim);
  base::Status hand_over(const std::string& id, const std::string& name);
  base::Status put_away(const Claim& claim);
  Next claim(const files::CompleteFile& file, const Listing& listing, base::Instant now, Faults& faults);
  bool fit_to_fetch(const files::CompleteFile& file, Faults& faults);
  void tell_once(const files::CompleteFile& file, std::string_view rule, const std::string& detail);

  [[nodiscard]] std::string claimed(const Claim& claim, ClaimName::What what) const;
  [[nodiscard]] std::string key(const std::string& id) const { return notes_ + id; }
  [[nodiscard]] Path arriving() const { return exchange_.folders.work / "arriving"; }

  sdk::LocalStore& store_;
  const files::ExchangeConfig& exchange_;
  const Route& route_;
  Remote& remote_;
  const std::string notes_;  // prefix of keys
  files::ArrivalJudge judge_;
  files::ClaimIds ids_;
  std::map<std::string, Stamp> told_;  // files that can not be fetched, as they were when people were told
  struct Partial {
    std::string id;
    Stamp of;
  };
  std::optional<Partial> partial_;  // what this process has fetched of a file before the line broke
  bool begun_ = false;
  Counts counts_;
};

}  // namespace relais::sftp
