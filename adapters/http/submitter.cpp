#include "adapters/http/submitter.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "adapters/files/after_receipt.h"
#include "adapters/files/drafting.h"
#include "adapters/files/incoming_links.h"
#include "adapters/files/packing.h"
#include "adapters/http/keys.h"
#include "adapters/http/sent_messages.h"
#include "adapters/sdk/links.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::http {

namespace {

using mapping::MappedMessage;
using Outcome = std::variant<Json, Problem>;

constexpr std::size_t kRecordsMost = 1'000;
constexpr std::size_t kAnswerBytesMost = std::size_t{900} << 10;  // it is kept as a note, which has at most 1 MiB
constexpr std::size_t kRequestTexts = 3;
constexpr std::size_t kLossMost = 1'000;
constexpr std::string_view kBody = "body";

std::string digest_of(std::string_view name, std::string_view body) {
  return std::string(base::view(base::hash(std::string(name) + "\n", body)));
}

ProblemPart part_of(const files::RuleBroken& rule, const mapping::Place& place) {
  ProblemPart part;
  part.code = rule.rule;
  part.record = place.element;
  part.line = place.line;
  part.english = rule.english;
  part.french = rule.french;
  return part;
}

/// The problem of several parts is as grave as the one part that has a status of its own.
Problem invalid(std::vector<ProblemPart> parts) {
  auto made = problem("body.invalid", std::to_string(parts.size()));
  if (parts.size() == 1 && parts.front().code == "reference.already_open") made.status = 409;
  made.parts = std::move(parts);
  return made;
}

/// Not JSON, or not the JSON that the mapping expects.
Problem unreadable(const std::vector<mapping::Fault>& faults) {
  auto made = problem("body.invalid", std::to_string(faults.size()));
  for (const auto& fault : faults) made.parts.push_back(http::part_of(fault, {}));
  const auto& code = faults.front().rule;
  if (code == "file.too_large") made.status = 413;
  if (code == "json.malformed" || code == "file.encoding" || code == "file.empty" || code == "json.name_twice" ||
      code == "json.too_deep" || code == "file.null_byte")
    made.status = 400;
  return made;
}

/// Of "drafts[12].envelope.purpose".
std::optional<std::size_t> draft_of(std::string_view field) {
  constexpr std::string_view kStart = "drafts[";
  if (!field.starts_with(kStart)) return std::nullopt;
  std::size_t index = 0;
  const auto read = std::from_chars(field.data() + kStart.size(), field.data() + field.size(), index);
  return read.ec == std::errc() ? std::optional(index) : std::nullopt;
}

Json message_json(const v1::Envelope& envelope) {
  Json json{{"message_id", base::id_text(envelope.message_id())},
            {"kind", files::kind_of(envelope)},
            {"referral_id", base::id_text(envelope.referral_id())},
            {"case_id", base::id_text(envelope.case_id())}};
  if (!envelope.appointment_id().empty()) json["appointment_id"] = base::id_text(envelope.appointment_id());
  return json;
}

/// Its names are the sender's, and may be a person's: they stand in the answer, never in the note of it, and are read
/// anew for an answer that is repeated.
Outcome with_loss(Outcome outcome, const std::vector<mapping::LostField>& lost) {
  auto* const answer = std::get_if<Json>(&outcome);
  if (answer == nullptr) return outcome;
  const auto named = std::min(lost.size(), kLossMost);
  auto list = Json::array();
  for (const auto& one : std::span(lost).first(named))
    list.push_back(
        {{"field", one.field}, {"records", one.filled}, {"reason", one.reason.empty() ? Json() : Json(one.reason)}});
  (*answer)["loss"] = std::move(list);
  (*answer)["loss_more"] = lost.size() - named;
  return outcome;
}

}  // namespace

struct Submitter::Work {
  files::Drafter drafter;
  base::Instant now;
  std::string request;  // key of the note; empty: the request has no key
  std::vector<sdk::Draft> drafts;
  std::vector<mapping::Place> places;  // of the record of each draft
  sdk::Notes notes;
  std::vector<ProblemPart> wrong;
  Json records = Json::array();
  std::size_t silent = 0;
};

Submitter::Submitter(files::Post& post, std::string institution, bool own_receipts)
    : post_(post),
      institution_(std::move(institution)),
      own_receipts_(own_receipts),
      losses_(institution_, [&post](std::uint64_t values) { post.count_not_carried(values); }) {}

std::optional<Outcome> Submitter::known(const std::string& request, const std::string& digest) const {
  const auto noted = request.empty() ? std::nullopt : post_.store().get(request);
  const auto texts = noted ? files::unpack(*noted) : std::nullopt;
  if (!texts || texts->size() != kRequestTexts) return std::nullopt;
  if ((*texts)[1] != digest) return Outcome(problem("key.reused"));
  auto answer = Json::parse((*texts)[2]);
  answer["repeated"] = true;
  return Outcome(std::move(answer));
}

Outcome Submitter::submit(const SubmitRule& rule, std::string_view body, const std::optional<RequestKey>& key,
                          base::Instant now) {
  const auto digest = digest_of(rule.name, body);
  const auto request =
      key ? note_prefix("request", institution_) + base::hex(base::view(base::hash(key->scope + "\n", key->key)))
          : std::string();
  const auto read = rule.mapping.read(body, kBody);
  const auto& lost = read.loss.lost;
  // Known before it is judged: an answer once given holds, also after the mapping was changed.
  if (auto answer = known(request, digest)) return with_loss(std::move(*answer), lost);
  if (read.refused()) return unreadable(read.file_faults);
  if (read.records > kRecordsMost) return problem("body.records", std::to_string(kRecordsMost));

  const std::lock_guard lock(one_at_a_time_);
  if (auto answer = known(request, digest)) return with_loss(std::move(*answer), lost);
  Work work{files::Drafter(post_, rule.drafting), now, request, {}, {}, {}, {}, Json::array(), read.silent};
  for (const auto& reject : read.rejects)
    for (const auto& fault : reject.faults) work.wrong.push_back(http::part_of(fault, reject.place));
  const std::span<const MappedMessage> messages(read.messages);
  for (std::size_t first = 0; first < messages.size();) {
    std::size_t end = first + 1;
    while (end < messages.size() && messages[end].place.record == messages[first].place.record) ++end;
    add_record(messages.subspan(first, end - first), work);
    first = end;
  }
  if (!work.wrong.empty()) return invalid(std::move(work.wrong));
  auto sent = send(work, digest);
  if (std::holds_alternative<Json>(sent)) losses_.tell(rule.mapping.name(), mapping::LossLog::Way::in, lost);
  return with_loss(std::move(sent), lost);
}

void Submitter::add_record(std::span<const MappedMessage> record, Work& work) const {
  const auto& place = record.front().place;
  auto drafted = work.drafter.draft(record);
  if (const auto* const rule = std::get_if<files::RuleBroken>(&drafted)) {
    work.wrong.push_back(part_of(*rule, place));
    return;
  }
  const auto& reference = record.front().local.reference;
  Json json{{"record", place.element}, {"reference", reference.empty() ? Json() : Json(reference)}};
  auto* const good = std::get_if<files::DraftedRecord>(&drafted);
  json["unchanged"] = good == nullptr;
  json["messages"] = Json::array();
  if (good == nullptr) {
    const auto id = sdk::Links(post_.store()).id(institution_, sdk::LinkKind::referral, reference);
    json["referral_id"] = id ? Json(base::id_text(*id)) : Json();
  } else {
    json["referral_id"] = base::id_text(good->drafts.front().envelope.referral_id());
    for (auto& draft : good->drafts) {
      const auto& envelope = draft.envelope;
      json["messages"].push_back(message_json(envelope));
      SentMessage sent;
      sent.at = work.now;
      sent.kind = files::kind_of(envelope);
      sent.referral_id = envelope.referral_id();
      sent.reference = good->reference;
      sent.request = work.request;
      sent.undo = good->undo;
      work.notes.push_back(note_of(institution_, envelope.message_id(), sent));
      if (own_receipts_)
        if (auto note = files::note_after_receipt(envelope)) work.notes.push_back(std::move(*note));
      work.drafts.push_back(std::move(draft));
      work.places.push_back(place);
    }
    for (auto& note : good->notes) work.notes.push_back(std::move(note));
  }
  work.records.push_back(std::move(json));
}

Outcome Submitter::send(Work& work, const std::string& digest) {
  Json answer{{"repeated", false}, {"records", std::move(work.records)}, {"silent", work.silent}};
  if (!work.request.empty()) {
    const auto text = answer.dump();
    if (text.size() > kAnswerBytesMost) return problem("body.records", std::to_string(kRecordsMost / 2));
    work.notes.push_back({work.request, files::pack({std::to_string(base::to_ms(work.now)), digest, text})});
  }
  if (work.drafts.empty()) {
    if (work.notes.empty()) return answer;
    if (const auto written = post_.store().write(work.notes); !written) return problem(written.refusal());
    return answer;
  }
  if (const auto sent = post_.submit(work.drafts, work.notes); !sent) {
    auto made = problem(sent.refusal());
    if (const auto index = draft_of(made.field); index && *index < work.places.size()) {
      ProblemPart part;
      part.code = made.code;
      part.record = work.places[*index].element;
      part.field = made.field.substr(made.field.find('.') + 1);
      part.english = made.english;
      part.french = made.french;
      made.parts.push_back(std::move(part));
      made.field.clear();
    }
    return made;
  }
  return answer;
}

}  // namespace relais::http
