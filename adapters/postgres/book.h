// The book of referrals and appointments in the schema relais: what this institution knows of each, and under which
// names its software knows them.
//
// All functions run inside the caller's transaction. Errors are sql_refusal()s unless said otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/postgres/connection.h"

#include "relais/v1/envelope.pb.h"

namespace relais::postgres {

/// What a further message about a referral repeats. Ids are 16 bytes.
struct KnownReferral {
  std::string referral_id;
  std::string institution;
  std::string counterpart;
  std::string case_id;
  std::string purpose;
  std::string priority;  // "routine"
  std::string local_reference;
  bool exercise = false;
};

/// Which way a message went, seen from `institution`, and where it stands in the broker's journal.
struct Passage {
  std::string institution;
  bool incoming = false;
  std::uint64_t position = 0;
  bool receipts = false;  // the SDK says ReferralReceived and OutcomeAcknowledged by itself
};

class Book {
 public:
  explicit Book(Connection& connection) : connection_(connection) {}

  /// `institution` may be empty. input.invalid (field "institution") when two of ours are its two sides.
  base::Result<std::optional<KnownReferral>> referral(std::string_view referral_id, std::string_view institution);

  /// The referral that the software knows as `reference`. The others may be empty.
  /// input.invalid (field "own_reference") when it stands for several that are not closed.
  base::Result<std::optional<KnownReferral>> referral_named(std::string_view institution, std::string_view reference,
                                                            std::string_view counterpart);

  /// The appointment's id: the one that the software knows as `reference`, or, when that is empty, the only one of the
  /// referral that is not over; empty when there is none.
  /// input.invalid (field "appointment_id") when there are several.
  base::Result<std::string> appointment(std::string_view referral_id, std::string_view institution,
                                        std::string_view reference);

  /// The software's number of an appointment; "" when there is none.
  base::Result<std::string> appointment_reference(std::string_view appointment_id, std::string_view institution);

  /// A request that is about to be sent; known at once, so that later rows find it.
  base::Status open(const v1::Envelope& request, std::string_view local_reference);

  /// Binds the software's own numbers, where they are given.
  base::Status name_referral(std::string_view referral_id, std::string_view institution,
                             std::string_view local_reference);
  base::Status name_appointment(const v1::Envelope& message, std::string_view local_reference);

  /// The broker refused what open() or name_appointment() announced.
  base::Status withdraw(const v1::Envelope& refused);

  /// A message took effect. Older news than what is known changes nothing.
  base::Status record(const v1::Envelope& envelope, const Passage& passage);

 private:
  base::Result<std::optional<KnownReferral>> only(const std::string& statement, std::span<const Parameter> parameters,
                                                  std::string_view field);
  base::Status record_opening(const v1::Envelope& envelope, const Passage& passage);
  base::Status record_new_leg(const v1::Envelope& envelope, const Passage& passage);
  base::Status record_new_recipient(const v1::Envelope& envelope, const Passage& passage);
  base::Status record_status(const v1::Envelope& envelope, const Passage& passage, std::string_view status);
  base::Status record_appointment(const v1::Envelope& envelope, const Passage& passage, std::string_view status);

  Connection& connection_;
};

}  // namespace relais::postgres
