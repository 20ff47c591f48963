#include "adapters/files/notices.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/files/file_rule.h"
#include "adapters/files/packing.h"
#include "adapters/files/sent_note.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::files {

namespace {

constexpr std::size_t kNoticesAtOnce = 256;
constexpr std::size_t kReasonTexts = 10;

using Body = v1::Envelope::BodyCase;

std::string prefix_of(std::string_view institution) { return "notice/" + std::string(institution) + "/"; }

std::optional<Reason> reason_from(std::string_view packed) {
  const auto texts = unpack(packed);
  if (!texts || texts->size() != kReasonTexts) return std::nullopt;
  const auto& t = *texts;
  Reason reason;
  reason.file = t[0];
  reason.line = static_cast<std::size_t>(number_of(t[1]).value_or(0));
  reason.record = static_cast<std::size_t>(number_of(t[2]).value_or(0));
  reason.place = t[3];
  reason.rule = t[4];
  reason.french = t[5];
  reason.english = t[6];
  reason.reference = t[7];
  reason.referral = t[8];
  reason.field = t[9];
  return reason;
}

/// Said by the adapter itself; that it came too late is nobody's concern.
bool is_a_receipt(const v1::Envelope& envelope) {
  return envelope.body_case() == Body::kReferralReceived || envelope.body_case() == Body::kOutcomeAcknowledged;
}

}  // namespace

struct Notices::Table {
  std::vector<Reason> reasons;
  sdk::Notes done;
  std::vector<base::MessageId> refused;  // to forget once told
};

sdk::Note notice_note(std::string_view institution, std::string_view about, const Reason& reason) {
  return {prefix_of(institution) + base::hex(about),
          pack({reason.file, std::to_string(reason.line), std::to_string(reason.record), reason.place, reason.rule,
                reason.french, reason.english, reason.reference, reason.referral, reason.field})};
}

Notices::Notices(Post& post, const ExchangeConfig& config, Placer& placer)
    : post_(post), config_(config), placer_(placer) {}

void Notices::add_noted(Table& table) const {
  post_.store().scan(prefix_of(config_.institution), [&](std::string_view key, std::string_view value) {
    if (auto reason = reason_from(value)) table.reasons.push_back(std::move(*reason));
    table.done.push_back({std::string(key), std::nullopt});
    return table.reasons.size() < kNoticesAtOnce;
  });
}

void Notices::add_refused(Table& table) {
  const sdk::Links links(post_.store());
  for (const auto& refused : post_.refused(kNoticesAtOnce)) {
    const auto& envelope = refused.envelope;
    if (envelope.sender() != config_.institution) continue;
    const std::string id(refused.message_id.bytes());
    table.refused.push_back(refused.message_id);
    // Told already: the process was killed before it could forget.
    const auto told = "told/" + base::hex(id);
    if (post_.store().get(told)) continue;
    const auto sent = sent_note(post_.store(), id);
    table.done.push_back({told, "1"});
    base::log_warning("message refused", {{"institution", config_.institution},
                                          {"message", base::id_text(id)},
                                          {"trace", base::trace_id(envelope.trace_parent())},
                                          {"code", refused.refusal.code()},
                                          {"file", sent ? sent->claim : "-"}});
    if (!sent && is_a_receipt(envelope)) continue;
    Reason reason = reason_of(broken(refused.refusal), {});
    reason.referral = base::id_text(envelope.referral_id());
    if (sent) {
      reason.file = sent->claim;
      reason.line = sent->line;
      reason.record = sent->record;
      reason.place = sent->element;
      reason.reference = sent->reference;
      table.done.push_back({sent_key(id), std::nullopt});
      for (const auto& key : sent->undo) table.done.push_back({key, std::nullopt});
      // A corrected row with this number opens a new referral.
      if (envelope.body_case() == Body::kReferralRequested && !sent->reference.empty() &&
          links.id(config_.institution, sdk::LinkKind::referral, sent->reference) == envelope.referral_id())
        for (auto& note : links.unlink(config_.institution, sdk::LinkKind::referral, sent->reference))
          table.done.push_back(std::move(note));
    } else {
      reason.reference =
          links.reference(config_.institution, sdk::LinkKind::referral, envelope.referral_id()).value_or("");
    }
    table.reasons.push_back(std::move(reason));
  }
}

base::Status Notices::tell(base::Instant now) {
  Table table;
  add_noted(table);
  add_refused(table);
  if (!table.reasons.empty()) {
    const auto name =
        fmt::format("notices-{:%Y%m%d}-{:08}.csv", fmt::gmtime(base::to_ms(now) / 1'000), placer_.next_number());
    if (auto placed = placer_.place({{Target::rejects, name, reasons_table(table.reasons)}}, table.done); !placed)
      return placed;
  } else if (!table.done.empty()) {
    if (auto noted = post_.store().write(table.done); !noted) return noted;
  }
  sdk::Notes forgotten;
  for (const auto& message : table.refused) {
    if (const auto status = post_.forget_refused(message);
        !status && status.refusal().code != base::RefusalCode::not_found)
      return status;
    forgotten.push_back({"told/" + base::hex(message.bytes()), std::nullopt});
  }
  return forgotten.empty() ? base::Status(base::Done{}) : post_.store().write(forgotten);
}

}  // namespace relais::files
