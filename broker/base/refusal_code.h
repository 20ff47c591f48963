// The catalogue of refusals: every way in which Relais says no. One list feeds the wire, the logs, the HTTP API,
// the command line and the manual; tests/golden/refusals.txt guards it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace relais::base {

/// Only the name with a dot (`agreement.none`) leaves the process: the numbers may change. Names are stable.
enum class RefusalCode : std::uint16_t {
  agreement_none,
  agreement_expired,
  agreement_not_yet_valid,
  agreement_forwarding_not_allowed,
  appointment_unknown,
  appointment_already_exists,
  appointment_bad_meeting,
  broker_disk_full,
  broker_draining,
  broker_overloaded,
  case_unknown,
  commune_unknown,
  compartment_digest_mismatch,
  compartment_does_not_open,
  compartment_malformed,
  config_invalid,
  consent_expired,
  consent_missing,
  consent_withdrawn,
  contents_erased,
  dead_letter_unknown,
  delegation_none,
  delegation_out_of_scope,
  delivery_expired,
  delivery_rejected,
  delivery_too_many_attempts,
  delivery_unknown,
  envelope_malformed,
  envelope_message_id_reused,
  envelope_too_old,
  envelope_version,
  fallback_not_agreed,
  frame_malformed,
  frame_too_large,
  frame_version,
  identity_forged_sender,
  identity_not_served,
  identity_unknown,
  input_invalid,
  io_failed,
  journal_damaged,
  journal_version,
  key_file_mode,
  key_invalid,
  lead_not_offered,
  lifecycle_invalid_transition,
  lifecycle_not_your_role,
  message_too_large,
  network_not_newer,
  network_invalid,
  network_none,
  network_signature,
  not_found,
  operator_reason_missing,
  outbox_full,
  pause_has_begun,
  pause_in_the_past,
  pause_none,
  pause_times,
  pause_too_long,
  purpose_unknown,
  rate_exceeded,
  referral_already_exists,
  referral_unknown,
  route_ambiguous,
  route_none,
  secrecy_category_not_needed,
  secrecy_mission,
  secrecy_nir,
  secrecy_not_followed_together,
  secrecy_profile,
  service_not_offered,
  session_unknown,
  signature_invalid,
  slot_full,
  slot_in_the_past,
  slot_in_use,
  slot_not_yours,
  slot_search_too_wide,
  slot_unknown,
  team_not_a_member,
  backup_damaged,
  backup_running,
  backup_unknown,
  evidence_invalid,
  restore_in_use,
  restore_not_empty,
  rights_already_asked,
  rights_unknown,
  access_login_needed,
  access_login_failed,
  access_not_allowed,
  access_too_many_attempts,
  access_request_forged,
  filter_everything,
};

struct RefusalInfo {
  RefusalCode code;
  std::string_view name;  // "agreement.none"
  bool retry;             // the same message may succeed later
  int http_status;
  std::string_view english;  // a sentence; {name} stands for a fact, a [part] falls away without its facts
  std::string_view french;
};

/// All refusals, in the order of the enum. Lives for the whole process.
std::span<const RefusalInfo> refusal_catalogue();

const RefusalInfo& info(RefusalCode code);

/// Empty when no refusal has that name.
std::optional<RefusalCode> refusal_code(std::string_view name);

}  // namespace relais::base
