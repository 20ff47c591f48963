#include "broker/core/notice.h"

#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/core/envelope_check.h"
#include "broker/core/message_kinds.h"

namespace relais::core {

std::string notice_id(MessageKey key) {
  const auto hash = base::hash("relais.v1.notice", keys::message(key));
  return std::string(base::view(hash).substr(0, base::MessageId::kBytes));
}

v1::Event make_case_notice(v1::Envelope notice, std::string_view case_id, const std::vector<std::string>& recipients,
                           std::uint32_t ordinal, const Context& context) {
  notice.set_version(kEnvelopeVersion);
  notice.set_message_id(notice_id({context.position, ordinal}));
  notice.set_sender(std::string(kBrokerId));
  for (const auto& recipient : recipients) notice.add_recipients(recipient);
  notice.set_case_id(std::string(case_id));
  notice.set_sent_at_ms(base::to_ms(context.now));
  v1::Event event;
  auto& accepted = *event.mutable_message_accepted();
  accepted.set_ordinal(ordinal);
  notice.SerializeToString(accepted.mutable_envelope());
  return event;
}

v1::Event make_notice(v1::Envelope notice, std::string_view referral_id, const v1::ReferralRow& referral,
                      const std::vector<std::string>& recipients, std::uint32_t ordinal, const Context& context) {
  notice.set_referral_id(std::string(referral_id));
  notice.set_purpose(referral.purpose());
  notice.set_priority(referral.priority());
  notice.set_exercise(referral.exercise());
  return make_case_notice(std::move(notice), referral.case_id(), recipients, ordinal, context);
}

}  // namespace relais::core
