#include "adapters/mapping/field_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "adapters/mapping/times.h"

namespace relais::mapping {

namespace {

constexpr std::int64_t kMeetingMsMax = 24LL * 3'600'000;
constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kThematicBytesMax = 128;
constexpr int kNirModulus = 97;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }

std::string_view check_date(std::string_view text, std::string& detail) {
  detail = "YYYY-MM-DD";
  return is_iso_date(text) ? "" : "date.format";
}

bool is_code(std::string_view text, std::size_t most) {
  return text.size() <= most && is_lower_or_digit(text[0]) &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

std::string_view check_code(std::string_view text, std::string&) {
  return is_code(text, kCodeBytesMax) ? "" : "code.format";
}

std::string_view check_thematic(std::string_view text, std::string&) {
  return is_code(text, kThematicBytesMax) ? "" : "thematic.format";
}

std::string_view check_institution(std::string_view text, std::string&) {
  const bool good = text.size() >= 2 && text.size() <= 63 && is_lower_or_digit(text[0]) &&
                    std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
  return good ? "" : "institution.format";
}

bool is_corsica(std::string_view two) { return two == "2A" || two == "2B"; }

std::string_view check_commune(std::string_view text, std::string&) {
  if (text.size() != 5) return "insee.format";
  const auto digits = is_corsica(text.substr(0, 2)) ? text.substr(2) : text;
  return std::ranges::all_of(digits, is_digit) ? "" : "insee.format";
}

std::string_view check_amount(std::string_view text, std::string&) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto euros = text.substr(0, point);
  const auto cents = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  const bool good = !euros.empty() && euros.size() <= 12 && !cents.empty() && cents.size() <= 2 &&
                    std::ranges::all_of(euros, is_digit) && std::ranges::all_of(cents, is_digit);
  return good ? "" : "amount.format";
}

/// Sex, year, month, département and commune of birth, order; then, perhaps, the key: 97 minus the rest modulo 97,
/// where 2A counts as 19 and 2B as 18.
std::string_view check_nir(std::string_view text, std::string&) {
  if (text.size() != 13 && text.size() != 15) return "nir.format";
  std::string digits(text);
  if (is_corsica(text.substr(5, 2))) digits.replace(5, 2, text[6] == 'A' ? "19" : "18");
  if (!std::ranges::all_of(digits, is_digit) || digits[0] == '0' || digits[0] == '9') return "nir.format";
  if (text.size() == 13) return {};
  std::int64_t number = 0;
  int key = 0;
  std::from_chars(digits.data(), digits.data() + 13, number);
  std::from_chars(digits.data() + 13, digits.data() + 15, key);
  return kNirModulus - static_cast<int>(number % kNirModulus) == key ? "" : "nir.key";
}

std::string_view check_gender(std::string_view text, std::string& detail) {
  detail = "male, female, other, unknown";
  constexpr std::array kGenders = {std::string_view("male"), std::string_view("female"), std::string_view("other"),
                                   std::string_view("unknown")};
  return std::ranges::find(kGenders, text) == kGenders.end() ? "word.unknown" : "";
}

using Check = std::string_view (*)(std::string_view, std::string&);

const std::map<std::string_view, Check>& checks() {
  static const std::map<std::string_view, Check> list = {
      {"relais.v1.Identity.birth_date", check_date},
      {"relais.v1.Identity.birth_commune", check_commune},
      {"relais.v1.Identity.gender", check_gender},
      {"relais.v1.Contact.commune", check_commune},
      {"relais.v1.HouseholdMember.birth_date", check_date},
      {"relais.v1.Resources.period_start", check_date},
      {"relais.v1.Resources.period_end", check_date},
      {"relais.v1.Income.month", check_date},
      {"relais.v1.Income.amount", check_amount},
      {"relais.v1.Benefit.opened_on", check_date},
      {"relais.v1.Benefit.closed_on", check_date},
      {"relais.v1.Housing.since", check_date},
      {"relais.v1.Employment.registered_on", check_date},
      {"relais.v1.Nir.number", check_nir},
      {"relais.v1.Envelope.purpose", check_code},
      {"relais.v1.Envelope.recipients", check_institution},
      {"relais.v1.ReferralRequested.service_need", check_thematic},
      {"relais.v1.ReferralRequested.service_id", check_code},
      {"relais.v1.ReferralRequested.commune", check_commune},
      {"relais.v1.ReferralRejected.better_recipient", check_institution},
      {"relais.v1.ReferralForwarded.to", check_institution},
      {"relais.v1.Meeting.location_id", check_code},
      {"relais.v1.Meeting.service_id", check_code},
      {"relais.v1.Meeting.slot_id", check_code},
  };
  return list;
}

BodyFault need(bool there, const v1::Envelope& envelope, std::string path) {
  if (there) return {};
  return {"body.required", std::move(path), std::string(name_of(envelope.body_case()))};
}

BodyFault check_meeting(const v1::Envelope& envelope, const v1::Meeting& meeting) {
  // A slot says when and where by itself.
  if (!meeting.slot_id().empty() && meeting.start_ms() == 0 && meeting.end_ms() == 0) return {};
  if (meeting.start_ms() == 0) return need(false, envelope, "body.meeting.start_ms");
  if (meeting.end_ms() == 0) return need(false, envelope, "body.meeting.end_ms");
  const auto length = meeting.end_ms() - meeting.start_ms();
  if (length <= 0 || length > kMeetingMsMax) return {"meeting.times", "body.meeting.end_ms", {}};
  return {};
}

}  // namespace

std::string_view check_field(const google::protobuf::FieldDescriptor& field, std::string_view text,
                             std::string& detail) {
  const auto found = checks().find(field.full_name());
  return found == checks().end() || text.empty() ? std::string_view() : found->second(text, detail);
}

BodyFault check_body(const v1::Envelope& envelope) {
  switch (envelope.body_case()) {
    case Body::kReferralRejected:
      return need(envelope.referral_rejected().reason() != 0, envelope, "body.reason");
    case Body::kReferralHeld:
      if (envelope.referral_held().reason() == 0) return need(false, envelope, "body.reason");
      return need(envelope.referral_held().until_ms() != 0, envelope, "body.until_ms");
    case Body::kReferralCompleted:
      return need(envelope.referral_completed().outcome() != 0, envelope, "body.outcome");
    case Body::kReferralCancelled:
      return need(envelope.referral_cancelled().reason() != 0, envelope, "body.reason");
    case Body::kReferralForwarded:
      return need(!envelope.referral_forwarded().to().empty(), envelope, "body.to");
    case Body::kAppointmentProposed:
      return check_meeting(envelope, envelope.appointment_proposed().meeting());
    case Body::kAppointmentHeld:
      if (envelope.appointment_held().expires_at_ms() == 0) return need(false, envelope, "body.expires_at_ms");
      return check_meeting(envelope, envelope.appointment_held().meeting());
    case Body::kAppointmentBooked:
      if (!envelope.appointment_booked().has_meeting()) return {};
      return check_meeting(envelope, envelope.appointment_booked().meeting());
    case Body::kAppointmentRescheduled:
      return check_meeting(envelope, envelope.appointment_rescheduled().meeting());
    case Body::kAppointmentCancelled:
      if (const auto by = envelope.appointment_cancelled().by();
          by != v1::CANCELLED_BY_PERSON && by != v1::CANCELLED_BY_INSTITUTION)
        return need(false, envelope, "body.by");
      return need(envelope.appointment_cancelled().reason() != 0, envelope, "body.reason");
    default:
      return {};
  }
}

}  // namespace relais::mapping
