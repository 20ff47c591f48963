#include "adapters/sdk/minimisation.h"

#include <algorithm>

#include "broker/core/envelope_check.h"
#include "broker/core/secrecy.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;

/// Everybody who may get the message, now or later.
std::vector<std::string> readers(const v1::Envelope& envelope) {
  std::vector<std::string> all(envelope.recipients().begin(), envelope.recipients().end());
  all.insert(all.end(), envelope.fallbacks().begin(), envelope.fallbacks().end());
  all.insert(all.end(), envelope.team_members().begin(), envelope.team_members().end());
  if (!envelope.on_behalf_of().empty()) all.push_back(envelope.on_behalf_of());
  return all;
}

/// Who answers for the message.
const std::string& speaker(const v1::Envelope& envelope) {
  return envelope.on_behalf_of().empty() ? envelope.sender() : envelope.on_behalf_of();
}

template <class List>
bool is_among(const std::string& one, const List& all) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool covers(const core::Coverage& coverage) { return coverage.kind == core::Coverage::Kind::valid; }

/// The agreement by which the reader is told: its own, or that of the side it stands on. A team's members are told
/// under the team's.
core::Coverage coverage_of(const v1::Envelope& envelope, const std::string& reader, const core::Directory& directory,
                           base::Instant now) {
  const bool member = is_among(reader, envelope.team_members());
  auto coverage =
      directory.coverage_between(speaker(envelope), member ? envelope.recipients(0) : reader, envelope.purpose(), now);
  for (const auto& beside : envelope.recipients()) {
    if (covers(coverage)) break;
    coverage = directory.coverage_between(speaker(envelope), beside, envelope.purpose(), now);
  }
  return coverage;
}

void withhold(v1::Envelope& envelope, v1::Category category, const std::string& reader, std::string_view rule) {
  auto& entry = *envelope.add_withheld();
  entry.set_category(category);
  entry.set_recipient(reader);
  entry.set_rule(std::string(rule));
}

}  // namespace

void name_fallbacks(v1::Envelope& envelope, const Network& network, base::Instant now) {
  if (!envelope.has_referral_requested() || !envelope.fallbacks().empty() || envelope.recipients().empty()) return;
  const auto& directory = network.directory();
  const auto& asker = speaker(envelope);
  const auto usable = [&](const std::string& institution) {
    return !institution.empty() && institution != envelope.sender() &&
           network.current_sealing_key(institution, now) != nullptr && !is_among(institution, readers(envelope)) &&
           covers(directory.coverage(asker, institution, envelope.purpose(), now));
  };
  auto coverage = directory.coverage(asker, envelope.recipients(0), envelope.purpose(), now);
  const auto* purpose = directory.purpose(envelope.purpose());
  // The law's recipient is the last, and needs its place.
  while (covers(coverage) && envelope.fallbacks_size() < core::kFallbacksMax - 1 &&
         usable(coverage.agreement->fallback())) {
    envelope.add_fallbacks(coverage.agreement->fallback());
    coverage = directory.coverage(asker, coverage.agreement->fallback(), envelope.purpose(), now);
  }
  if (purpose != nullptr && usable(purpose->default_recipient())) envelope.add_fallbacks(purpose->default_recipient());
}

void name_team_members(v1::Envelope& envelope, const Network& network, base::Instant now) {
  if (!envelope.has_referral_requested() || !envelope.team_members().empty() || envelope.recipients().empty()) return;
  const auto* team = network.directory().institution(envelope.recipients(0));
  if (team == nullptr) return;
  for (const auto& member : team->members())
    if (envelope.team_members_size() < core::kTeamMembersMax && member != envelope.sender() &&
        network.current_sealing_key(member, now) != nullptr && !is_among(member, readers(envelope)))
      envelope.add_team_members(member);
}

base::Result<std::vector<DraftContent>> minimise(v1::Envelope& envelope, std::span<const DraftContent> contents,
                                                 const Network& network, base::Instant now) {
  envelope.clear_withheld();
  const auto& directory = network.directory();
  const auto all = readers(envelope);
  std::vector<DraftContent> fitting;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    DraftContent content{contents[i].category, contents[i].bytes, {}};
    for (const auto& reader : contents[i].recipients.empty() ? all : contents[i].recipients) {
      const std::string field = "contents[" + std::to_string(i) + "].recipients";
      if (!is_among(reader, all))
        return refuse(RefusalCode::envelope_malformed, field,
                      {{"field", field}, {"why", "not a recipient of the message"}});
      // An announcement is about no person.
      const auto coverage =
          envelope.has_announcement_made() ? core::Coverage() : coverage_of(envelope, reader, directory, now);
      if (covers(coverage))
        if (const auto said =
                core::may_tell(directory, *coverage.agreement, envelope.purpose(), content.category, reader);
            !said) {
          withhold(envelope, content.category, reader, said.refusal().name());
          continue;
        }
      content.recipients.push_back(reader);
    }
    if (!content.recipients.empty()) fitting.push_back(std::move(content));
  }
  return fitting;
}

}  // namespace relais::sdk
