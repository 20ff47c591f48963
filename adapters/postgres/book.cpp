#include "adapters/postgres/book.h"

#include <algorithm>
#include <array>

#include "adapters/postgres/body_columns.h"
#include "adapters/postgres/row.h"
#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

// Where each message leads, as the lifecycles say.
struct Leads {
  std::string_view kind;
  std::string_view status;
};
constexpr std::array kReferralStatus = {
    Leads{"referral_received", "received"},   Leads{"referral_accepted", "accepted"},
    Leads{"referral_rejected", "rejected"},   Leads{"referral_forwarded", "forwarded"},
    Leads{"referral_started", "in_progress"}, Leads{"referral_held", "on_hold"},
    Leads{"referral_completed", "completed"}, Leads{"referral_cancelled", "cancelled"},
    Leads{"referral_expired", "expired"},
};
constexpr std::array kAppointmentStatus = {
    Leads{"appointment_proposed", "proposed"},   Leads{"appointment_held", "pending"},
    Leads{"appointment_booked", "booked"},       Leads{"appointment_rescheduled", "booked"},
    Leads{"appointment_cancelled", "cancelled"}, Leads{"appointment_arrived", "arrived"},
    Leads{"appointment_fulfilled", "fulfilled"}, Leads{"appointment_no_show", "noshow"},
};
constexpr std::array<std::string_view, 5> kTerminal = {"rejected", "forwarded", "completed", "cancelled", "expired"};

template <class Table>
std::string_view status_after(const Table& table, std::string_view kind) {
  const auto found = std::ranges::find(table, kind, &Leads::kind);
  return found == table.end() ? std::string_view() : found->status;
}

const std::string kReferralColumns =
    "SELECT referral_id, institution, counterpart, case_id, purpose, priority, coalesce(local_reference, ''), exercise "
    "FROM relais.known_referral ";

const std::string kInsertReferral =
    "INSERT INTO relais.known_referral (referral_id, institution, role, counterpart, case_id, purpose, priority, "
    "exercise, based_on, local_reference, status, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT (referral_id, institution) DO ";

std::string bytes_of(std::string_view uuid_text) { return base::id_bytes(uuid_text).value_or(std::string()); }

KnownReferral known(const Rows& rows, int row) {
  KnownReferral referral;
  referral.referral_id = bytes_of(rows.text(row, 0));
  referral.institution = rows.text(row, 1);
  referral.counterpart = rows.text(row, 2);
  referral.case_id = bytes_of(rows.text(row, 3));
  referral.purpose = rows.text(row, 4);
  referral.priority = rows.text(row, 5);
  referral.local_reference = rows.text(row, 6);
  referral.exercise = rows.text(row, 7) == "t";
  return referral;
}

std::string priority_name(const v1::Envelope& envelope) {
  const auto name = short_name(*v1::Priority_descriptor(), envelope.priority());
  return name.empty() ? "routine" : name;
}

/// Empty while the SDK asks the broker who takes the referral.
std::string first_recipient(const v1::Envelope& envelope) {
  return envelope.recipients().empty() ? std::string() : envelope.recipients(0);
}

std::string boolean(bool value) { return value ? "true" : "false"; }

base::Status done(const base::Result<Rows>& rows) {
  if (!rows) return rows.refusal();
  return base::Done{};
}

Parameter value_of(const std::vector<ColumnValue>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &ColumnValue::column);
  return found == columns.end() ? Parameter() : found->value;
}

}  // namespace

base::Result<std::optional<KnownReferral>> Book::only(const std::string& statement,
                                                      std::span<const Parameter> parameters, std::string_view field) {
  const auto rows = connection_.run(statement, parameters);
  if (!rows) return rows.refusal();
  if (rows->empty()) return std::optional<KnownReferral>();
  if (rows->size() > 1)
    return refuse(RefusalCode::input_invalid, std::string(field),
                  {{"why", "it fits several open referrals: say which by institution, recipient and referral_id"}});
  return std::optional(known(*rows, 0));
}

base::Result<std::optional<KnownReferral>> Book::referral(std::string_view referral_id, std::string_view institution) {
  return only(kReferralColumns + "WHERE referral_id = $1 AND institution = coalesce($2, institution)",
              std::array{uuid(referral_id), or_null(institution)}, "institution");
}

base::Result<std::optional<KnownReferral>> Book::referral_named(std::string_view institution,
                                                                std::string_view reference,
                                                                std::string_view counterpart) {
  return only(kReferralColumns +
                  "WHERE local_reference = $1 AND institution = coalesce($2, institution) "
                  "AND counterpart = coalesce($3, counterpart) AND NOT closed LIMIT 2",
              std::array{Parameter(std::string(reference)), or_null(institution), or_null(counterpart)},
              "own_reference");
}

base::Result<std::string> Book::appointment(std::string_view referral_id, std::string_view institution,
                                            std::string_view reference) {
  const auto rows =
      reference.empty()
          ? connection_.run(
                "SELECT appointment_id FROM relais.known_appointment WHERE referral_id = $1 "
                "AND institution = $2 AND status NOT IN ('fulfilled', 'noshow', 'cancelled', 'refused') LIMIT 2",
                std::array{uuid(referral_id), Parameter(std::string(institution))})
          : connection_.run(
                "SELECT appointment_id FROM relais.known_appointment WHERE referral_id = $1 "
                "AND institution = $2 AND local_reference = $3 ORDER BY changed_at DESC LIMIT 1",
                std::array{uuid(referral_id), Parameter(std::string(institution)), Parameter(std::string(reference))});
  if (!rows) return rows.refusal();
  if (rows->empty()) return std::string();
  if (rows->size() > 1)
    return refuse(RefusalCode::input_invalid, "appointment_id",
                  {{"why", "the referral has several appointments: say which"}});
  return bytes_of(rows->text(0, 0));
}

base::Result<std::string> Book::appointment_reference(std::string_view appointment_id, std::string_view institution) {
  const auto rows = connection_.run(
      "SELECT coalesce(local_reference, '') FROM relais.known_appointment "
      "WHERE appointment_id = $1 AND institution = $2",
      std::array{uuid(appointment_id), Parameter(std::string(institution))});
  if (!rows) return rows.refusal();
  return rows->empty() ? std::string() : std::string(rows->text(0, 0));
}

// A request that was refused may come again, corrected in any of its columns.
base::Status Book::open(const v1::Envelope& request, std::string_view local_reference) {
  return done(connection_.run(
      kInsertReferral +
          "UPDATE SET counterpart = excluded.counterpart, case_id = excluded.case_id, purpose = excluded.purpose, "
          "priority = excluded.priority, exercise = excluded.exercise, based_on = excluded.based_on, "
          "local_reference = excluded.local_reference, status = excluded.status, closed = false, changed_at = now() "
          "WHERE known_referral.status = 'refused'",
      std::array{uuid(request.referral_id()), Parameter(request.sender()), Parameter("sender"),
                 Parameter(first_recipient(request)), uuid(request.case_id()), Parameter(request.purpose()),
                 Parameter(priority_name(request)), Parameter(boolean(request.exercise())),
                 uuid(request.referral_requested().based_on()), or_null(local_reference), Parameter("submitting"),
                 Parameter("0")}));
}

base::Status Book::name_referral(std::string_view referral_id, std::string_view institution,
                                 std::string_view local_reference) {
  if (local_reference.empty()) return base::Done{};
  return done(connection_.run(
      "UPDATE relais.known_referral SET local_reference = $3 WHERE referral_id = $1 "
      "AND institution = $2 AND local_reference IS DISTINCT FROM $3",
      std::array{uuid(referral_id), Parameter(std::string(institution)), Parameter(std::string(local_reference))}));
}

// Known before the broker says so, or it could not be found again by a row that follows at once.
base::Status Book::name_appointment(const v1::Envelope& message, std::string_view local_reference) {
  return done(connection_.run(
      "INSERT INTO relais.known_appointment (appointment_id, referral_id, institution, local_reference, status) "
      "SELECT $1, $2, $3, $4, 'submitting' "
      "WHERE EXISTS (SELECT FROM relais.known_referral WHERE referral_id = $2 AND institution = $3) "
      "ON CONFLICT (appointment_id, institution) "
      "DO UPDATE SET local_reference = coalesce($4, known_appointment.local_reference)",
      std::array{uuid(message.appointment_id()), uuid(message.referral_id()), Parameter(message.sender()),
                 or_null(local_reference)}));
}

base::Status Book::withdraw(const v1::Envelope& refused) {
  if (refused.has_referral_requested())
    return done(
        connection_.run("UPDATE relais.known_referral SET status = 'refused', closed = true, changed_at = now() "
                        "WHERE referral_id = $1 AND institution = $2 AND status = 'submitting'",
                        std::array{uuid(refused.referral_id()), Parameter(refused.sender())}));
  if (refused.appointment_id().empty()) return base::Done{};
  return done(
      connection_.run("UPDATE relais.known_appointment SET status = 'refused', changed_at = now() "
                      "WHERE appointment_id = $1 AND institution = $2 AND status = 'submitting'",
                      std::array{uuid(refused.appointment_id()), Parameter(refused.sender())}));
}

base::Status Book::record(const v1::Envelope& envelope, const Passage& passage) {
  const auto kind = kind_name(envelope);
  if (envelope.has_referral_requested()) return record_opening(envelope, passage);
  if (envelope.has_referral_forwarded()) {
    if (auto said = record_new_leg(envelope, passage); !said) return said;
  }
  if (const auto status = status_after(kAppointmentStatus, kind); !status.empty())
    return record_appointment(envelope, passage, status);
  if (const auto status = status_after(kReferralStatus, kind); !status.empty())
    return record_status(envelope, passage, status);
  if (envelope.has_referral_reassigned()) return record_new_recipient(envelope, passage);
  if (envelope.has_outcome_acknowledged())
    return done(
        connection_.run("UPDATE relais.known_referral SET closed = true, changed_at = now() "
                        "WHERE referral_id = $1 AND institution = $2 AND NOT closed",
                        std::array{uuid(envelope.referral_id()), Parameter(passage.institution)}));
  return base::Done{};
}

base::Status Book::record_opening(const v1::Envelope& envelope, const Passage& passage) {
  const auto counterpart = passage.incoming ? envelope.sender() : first_recipient(envelope);
  return done(connection_.run(
      kInsertReferral + "UPDATE SET status = excluded.status, position = excluded.position, changed_at = now(), "
                        "counterpart = coalesce(nullif(excluded.counterpart, ''), known_referral.counterpart) "
                        "WHERE known_referral.position < excluded.position",
      std::array{uuid(envelope.referral_id()), Parameter(passage.institution),
                 Parameter(passage.incoming ? "recipient" : "sender"), Parameter(counterpart), uuid(envelope.case_id()),
                 Parameter(envelope.purpose()), Parameter(priority_name(envelope)),
                 Parameter(boolean(envelope.exercise())), uuid(envelope.referral_requested().based_on()), Parameter(),
                 Parameter(passage.incoming && passage.receipts ? "received" : "requested"),
                 Parameter(std::to_string(passage.position))}));
}

// The third institution gets a referral; the sender's old one goes on as a new one. The forwarder has neither.
base::Status Book::record_new_leg(const v1::Envelope& envelope, const Passage& passage) {
  if (!passage.incoming) return base::Done{};
  const auto& forwarded = envelope.referral_forwarded();
  const bool ours = forwarded.to() == passage.institution;
  std::string counterpart = forwarded.to();
  if (ours)
    for (const auto& recipient : envelope.recipients())
      if (recipient != forwarded.to()) counterpart = recipient;
  const auto before = referral(envelope.referral_id(), passage.institution);
  if (!before) return before.refusal();
  return done(connection_.run(
      kInsertReferral + "NOTHING",
      std::array{uuid(forwarded.new_referral_id()), Parameter(passage.institution),
                 Parameter(ours ? "recipient" : "sender"), Parameter(counterpart), uuid(envelope.case_id()),
                 Parameter(envelope.purpose()), Parameter(priority_name(envelope)),
                 Parameter(boolean(envelope.exercise())), uuid(envelope.referral_id()),
                 *before ? or_null((*before)->local_reference) : Parameter(),
                 Parameter(ours && passage.receipts ? "received" : "requested"),
                 Parameter(std::to_string(passage.position))}));
}

// The sender's referral goes on with another counterpart; for who let the time pass it is over.
base::Status Book::record_new_recipient(const v1::Envelope& envelope, const Passage& passage) {
  const auto& reassigned = envelope.referral_reassigned();
  return done(connection_.run(
      "UPDATE relais.known_referral SET position = $5, changed_at = now(), "
      "counterpart = CASE WHEN role = 'sender' THEN $3 ELSE counterpart END, "
      "status = CASE WHEN role = 'sender' THEN 'requested' ELSE 'expired' END, closed = closed OR role = 'recipient' "
      "WHERE referral_id = $1 AND institution = $2 AND (role = 'sender' OR institution = $4) AND position < $5",
      std::array{uuid(envelope.referral_id()), Parameter(passage.institution), Parameter(reassigned.to()),
                 Parameter(reassigned.from()), Parameter(std::to_string(passage.position))}));
}

base::Status Book::record_status(const v1::Envelope& envelope, const Passage& passage, std::string_view status) {
  const auto columns = body_columns(envelope);
  const bool is_end = std::ranges::find(kTerminal, status) != kTerminal.end();
  const auto changed = connection_.run(
      "UPDATE relais.known_referral SET status = $2, reason = $3, outcome = $4, position = $5, changed_at = now(), "
      "closed = closed OR ($6 AND role = 'sender') WHERE referral_id = $1 AND institution = $7 AND position < $5",
      std::array{uuid(envelope.referral_id()), Parameter(std::string(status)), value_of(columns, "reason"),
                 value_of(columns, "outcome"), Parameter(std::to_string(passage.position)),
                 Parameter(boolean(is_end && passage.receipts)), Parameter(passage.institution)});
  if (!changed) return changed.refusal();
  if (changed->changed() == 0 || !is_end) return base::Done{};
  // The broker cancels what is left of the referral's appointments without a message of its own.
  return done(connection_.run(
      "UPDATE relais.known_appointment SET status = 'cancelled', position = $2, changed_at = now() "
      "WHERE referral_id = $1 AND institution = $3 AND status NOT IN ('fulfilled', 'noshow', 'cancelled', 'refused') "
      "AND position < $2",
      std::array{uuid(envelope.referral_id()), Parameter(std::to_string(passage.position)),
                 Parameter(passage.institution)}));
}

base::Status Book::record_appointment(const v1::Envelope& envelope, const Passage& passage, std::string_view status) {
  const auto columns = body_columns(envelope);
  return done(connection_.run(
      "INSERT INTO relais.known_appointment AS known (appointment_id, referral_id, status, meeting_start, meeting_end, "
      "location_id, service_id, mode, position, institution) "
      "SELECT $1, $2, $3, $4::timestamptz, $5::timestamptz, $6, $7, $8, $9::bigint, $10 "
      "WHERE EXISTS (SELECT FROM relais.known_referral WHERE referral_id = $2 AND institution = $10) "
      "ON CONFLICT (appointment_id, institution) DO UPDATE SET status = excluded.status, "
      "meeting_start = coalesce(excluded.meeting_start, known.meeting_start), "
      "meeting_end = coalesce(excluded.meeting_end, known.meeting_end), "
      "location_id = CASE WHEN excluded.meeting_start IS NULL THEN known.location_id ELSE excluded.location_id END, "
      "service_id = CASE WHEN excluded.meeting_start IS NULL THEN known.service_id ELSE excluded.service_id END, "
      "mode = CASE WHEN excluded.meeting_start IS NULL THEN known.mode ELSE excluded.mode END, "
      "position = excluded.position, changed_at = now() WHERE known.position < excluded.position",
      std::array{uuid(envelope.appointment_id()), uuid(envelope.referral_id()), Parameter(std::string(status)),
                 value_of(columns, "meeting_start"), value_of(columns, "meeting_end"),
                 value_of(columns, "meeting_location_id"), value_of(columns, "meeting_service_id"),
                 value_of(columns, "meeting_mode"), Parameter(std::to_string(passage.position)),
                 Parameter(passage.institution)}));
}

}  // namespace relais::postgres
