// What the adapter remembers: which person of RDV Service Public stands for which referral, and how far each
// appointment was told. Ids, states and times, in the adapter's own durable store; no name and no content.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/rdvsp/progress.h"
#include "adapters/sdk/local_store.h"

#include "relais/v1/appointment.pb.h"
#include "relais/v1/common.pb.h"
#include "relais/v1/envelope.pb.h"

namespace relais::rdvsp {

/// A referral for which an appointment may be made there.
struct Followed {
  std::string referral_id;  // 16 bytes
  std::string case_id;
  std::string guest;  // who sent it
  std::string purpose;
  v1::Priority priority = v1::PRIORITY_UNSPECIFIED;
  bool exercise = false;
  std::string service_id;     // that the sender asked for; may be empty
  std::string user;           // their number of the person
  std::int64_t since_ms = 0;  // appointments before are not about it
  bool accepted = false;      // by us, on behalf of the service
  bool closed = false;
};

/// What every message about it repeats: ids, purpose, and its sender as the recipient. Us as the sender is the
/// caller's.
void write_head(const Followed& followed, v1::Envelope& envelope);

/// One referral's part in an appointment of theirs.
struct Part {
  std::string referral_id;
  std::string appointment_id;
  Stage stage = Stage::booked;
  v1::Meeting meeting;
};

struct KnownRdv {
  std::string id;
  std::string organisation;
  std::int64_t at_ms = 0;  // what is known holds since then
  Happening last = Happening::created;
  std::string digest;  // of what matters to us
  std::vector<Part> parts;
};

/// Threads: any, as far as each change is made by one at a time. `store` outlives it.
class Ledger {
 public:
  Ledger(sdk::LocalStore& store, std::string institution);

  [[nodiscard]] std::optional<Followed> referral(std::string_view referral_id) const;
  [[nodiscard]] std::vector<Followed> of_user(std::string_view user) const;
  /// The person of this case, when another referral brought it before.
  [[nodiscard]] std::optional<std::string> user_of_case(std::string_view case_id) const;
  [[nodiscard]] std::optional<KnownRdv> rdv(std::string_view id) const;
  void each_rdv(const std::function<void(const KnownRdv&)>& visit) const;
  /// Those in which the referral has a part.
  [[nodiscard]] std::vector<KnownRdv> rdvs_of(std::string_view referral_id) const;

  [[nodiscard]] sdk::Notes note(const Followed& followed) const;
  [[nodiscard]] sdk::Notes note(const KnownRdv& rdv) const;
  [[nodiscard]] sdk::Notes forget(const KnownRdv& rdv) const;

  /// That erasure was asked for in this case: once is enough.
  [[nodiscard]] bool erasure_asked(std::string_view case_id) const;
  [[nodiscard]] sdk::Note note_erasure(std::string_view case_id, std::int64_t at_ms) const;

  /// Closed referrals and appointments that are older; what is known of their case, with its last one. io.failed.
  base::Status forget_before(std::int64_t before_ms);

 private:
  [[nodiscard]] std::string key(std::string_view kind, std::string_view name) const;

  sdk::LocalStore& store_;
  const std::string institution_;
};

}  // namespace relais::rdvsp
