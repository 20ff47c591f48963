#include "adapters/http/problem_book.h"

#include "adapters/files/incoming_links.h"
#include "adapters/files/packing.h"
#include "adapters/http/item.h"
#include "adapters/http/keys.h"
#include "adapters/http/sent_messages.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::http {

namespace {

constexpr std::size_t kRefusedAtOnce = 256;
constexpr std::size_t kTexts = 9;

Json json_of(const files::Texts& t) {
  return {{"id", t[2]},
          {"at", time_text(base::from_ms(static_cast<std::int64_t>(files::number_of(t[0]).value_or(0))))},
          {"source", t[1]},
          {"code", t[3]},
          {"field", or_null(t[4])},
          {"detail", t[5]},
          {"detail_fr", t[6]},
          {"reference", or_null(t[7])},
          {"referral_id", t[8].empty() ? Json() : Json(base::id_text(t[8]))}};
}

}  // namespace

ProblemBook::ProblemBook(files::Post& post, std::string institution)
    : post_(post), institution_(std::move(institution)), prefix_(note_prefix("problem", institution_)) {}

sdk::Note ProblemBook::note(const BookedProblem& problem) const {
  return {prefix_ + problem.about,
          files::pack({std::to_string(base::to_ms(problem.at)), problem.source, problem.about, problem.code,
                       problem.field, problem.english, problem.french, problem.reference, problem.referral_id})};
}

std::vector<Json> ProblemBook::list(std::size_t count) const {
  std::vector<Json> all;
  post_.store().scan(prefix_, [&](std::string_view, std::string_view value) {
    if (const auto texts = files::unpack(value); texts && texts->size() == kTexts) all.push_back(json_of(*texts));
    return all.size() < count;
  });
  return all;
}

base::Result<bool> ProblemBook::settle(std::string_view about) {
  const auto key = prefix_ + std::string(about);
  if (!post_.store().get(key)) return false;
  if (auto erased = post_.store().erase(key); !erased) return erased.refusal();
  return true;
}

base::Status ProblemBook::take_refused(base::Instant now) {
  for (const auto& refused : post_.refused(kRefusedAtOnce)) {
    if (refused.envelope.sender() != institution_) continue;
    if (const auto notes = notes_of(refused, now); !notes.empty())
      if (auto written = post_.store().write(notes); !written) return written;
    if (auto forgotten = post_.forget_refused(refused.message_id);
        !forgotten && forgotten.refusal().code != base::RefusalCode::not_found)
      return forgotten;
  }
  return base::Done{};
}

sdk::Notes ProblemBook::notes_of(const sdk::RefusedMessage& refused, base::Instant now) const {
  const auto& envelope = refused.envelope;
  const std::string id(refused.message_id.bytes());
  auto sent = sent_message(post_.store(), institution_, id);
  base::log_warning("message refused", {{"institution", institution_},
                                        {"message", base::id_text(id)},
                                        {"trace", base::trace_id(envelope.trace_parent())},
                                        {"kind", files::kind_of(envelope)},
                                        {"code", refused.refusal.code()}});
  // Said by the adapter itself; that it came too late is nobody's concern.
  if (!sent && (envelope.has_referral_received() || envelope.has_outcome_acknowledged())) return {};
  const sdk::Links links(post_.store());
  sdk::Notes notes;
  BookedProblem booked{now,
                       "broker",
                       base::hex(id),
                       refused.refusal.code(),
                       refused.refusal.field(),
                       refused.refusal.english(),
                       refused.refusal.french(),
                       {},
                       envelope.referral_id()};
  if (sent) {
    booked.reference = sent->reference;
    for (const auto& key : sent->undo) notes.push_back({key, std::nullopt});
    if (!sent->request.empty()) notes.push_back({sent->request, std::nullopt});
    if (envelope.has_referral_requested() && !sent->reference.empty() &&
        links.id(institution_, sdk::LinkKind::referral, sent->reference) == envelope.referral_id())
      for (auto& note : links.unlink(institution_, sdk::LinkKind::referral, sent->reference))
        notes.push_back(std::move(note));
    sent->code = refused.refusal.code();
    sent->english = refused.refusal.english();
    sent->french = refused.refusal.french();
    sent->undo.clear();
    sent->request.clear();
    notes.push_back(note_of(institution_, id, *sent));
  } else {
    booked.reference =
        links.reference(institution_, sdk::LinkKind::referral, envelope.referral_id()).value_or(std::string());
  }
  notes.push_back(note(booked));
  return notes;
}

}  // namespace relais::http
