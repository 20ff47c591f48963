#include "adapters/files/intake.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "adapters/files/after_receipt.h"
#include "adapters/files/drafting.h"
#include "adapters/files/packing.h"
#include "adapters/files/sent_note.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::files {

namespace {

using mapping::MappedMessage;

constexpr std::size_t kBatchRecords = 64;
constexpr std::size_t kBatchBytes = std::size_t{2} << 20;
constexpr std::size_t kEraseAtOnce = 1'000;

/// How far a content was read. Stands under the digest of the content, so that the same one is recognised under any
/// name.
struct Progress {
  std::string claim;
  std::size_t last_record = 0;  // ordinal of the last record that was submitted, rejected or found unchanged
  bool done = false;
};

std::string packed(const Progress& progress) {
  return pack({progress.claim, std::to_string(progress.last_record), progress.done ? "done" : "open"});
}

Progress unpacked_progress(const std::optional<std::string>& noted) {
  const auto texts = noted ? unpack(*noted) : std::nullopt;
  if (!texts || texts->size() != 3) return {};
  return {(*texts)[0], static_cast<std::size_t>(number_of((*texts)[1]).value_or(0)), (*texts)[2] == "done"};
}

using Record = std::span<const MappedMessage>;

std::vector<Record> records_of(const std::vector<MappedMessage>& messages) {
  std::vector<Record> records;
  for (std::size_t first = 0; first < messages.size();) {
    std::size_t end = first + 1;
    while (end < messages.size() && messages[end].place.record == messages[first].place.record) ++end;
    records.push_back(Record(messages).subspan(first, end - first));
    first = end;
  }
  return records;
}

bool may_retry(const base::Refusal& refusal) { return base::info(refusal.code).retry; }

}  // namespace

struct Intake::Work {
  const Claim& claim;
  const Reader& reader;
  std::string bytes;
  std::string key;          // of the progress
  std::string rejects_key;  // prefix of the rows rejected here
  Progress progress;
  mapping::ReadResult result;
  std::vector<Record> records;
  std::size_t next = 0;      // index into records
  std::size_t messages = 0;  // submitted in this run
};

Intake::Intake(Post& post, const ExchangeConfig& config, Placer& placer)
    : post_(post),
      config_(config),
      placer_(placer),
      losses_(config.institution, [&post](std::uint64_t values) { post.count_not_carried(values); }) {}

base::Result<std::string> Intake::read(const Claim& claim) {
  if (open_for_writing(claim.file))
    return base::refuse(base::RefusalCode::io_failed, {}, {{"why", std::string(kChanging)}});
  return read_file(claim.file, config_.file_bytes_max);
}

base::Status Intake::process(const Claim& claim) {
  const auto whole = [&](const RuleBroken& rule) {
    return reject_whole(claim, {files::reason_of(rule, {claim.name, 0, 0, {}})});
  };
  const auto* const reader = reader_for(config_, claim.name);
  if (reader == nullptr) return whole(broken("file.no_mapping"));
  auto bytes = read(claim);
  if (!bytes) {
    const auto code = why(bytes.refusal());
    if (code == kTooLarge) return whole(broken("file.too_large", std::to_string(config_.file_bytes_max)));
    if (code == kNoPermission || code == kNotAFile) return whole(broken("file.not_readable", code));
    return bytes.refusal();
  }
  const auto digest = base::hex(base::view(base::hash(*bytes)));
  Work work{claim,
            *reader,
            std::move(*bytes),
            "read/" + config_.institution + "/" + digest,
            "read-reject/" + config_.institution + "/" + digest + "/",
            {},
            {},
            {},
            0,
            0};
  work.progress = unpacked_progress(post_.store().get(work.key));
  if (work.progress.done && work.progress.claim != claim.id) {
    if (reader->drafting.rows == RowMeaning::event) return whole(broken("file.duplicate", work.progress.claim));
    work.progress = {};
  }
  const bool archived_only = work.progress.done;
  work.progress.claim = claim.id;
  if (archived_only) return finish(work);

  work.result = reader->mapping.read(work.bytes, claim.name);
  if (work.result.refused()) {
    std::vector<Reason> reasons;
    for (const auto& fault : work.result.file_faults)
      reasons.push_back(files::reason_of({claim.name, 0, 0, {}}, fault));
    return reject_whole(claim, reasons);
  }
  work.records = records_of(work.result.messages);
  while (work.next < work.records.size() && work.records[work.next].front().place.record <= work.progress.last_record)
    ++work.next;
  if (auto sent = send(work); !sent) return sent;
  return finish(work);
}

base::Status Intake::send(Work& work) {
  std::size_t alone_until = 0;
  while (work.next < work.records.size()) {
    const std::size_t most = work.next < alone_until ? 1 : kBatchRecords;
    std::size_t taken = 0;
    const auto sent = send_batch(work, most, taken);
    if (sent) {
      work.next += taken;
      continue;
    }
    if (may_retry(sent.refusal())) return sent;
    // One of them can never be sent: they go one by one, and the one that is refused alone is it.
    if (taken > 1) {
      alone_until = work.next + taken;
      continue;
    }
    if (auto noted = reject_record(work, work.next, broken(sent.refusal())); !noted) return noted;
    ++work.next;
  }
  return base::Done{};
}

base::Status Intake::send_batch(Work& work, std::size_t records_max, std::size_t& taken) {
  Drafter drafter(post_, work.reader.drafting);
  std::vector<sdk::Draft> drafts;
  sdk::Notes notes;
  std::size_t bytes = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unchanged = 0;
  taken = 0;
  while (taken < records_max && bytes < kBatchBytes && work.next + taken < work.records.size()) {
    const auto& record = work.records[work.next + taken];
    const auto& place = record.front().place;
    ++taken;
    auto drafted = drafter.draft(record);
    if (const auto* const rule = std::get_if<RuleBroken>(&drafted)) {
      notes.push_back({work.rejects_key + ordered(place.record), pack({rule->rule, rule->french, rule->english})});
      ++rejected;
    } else if (auto* const good = std::get_if<DraftedRecord>(&drafted)) {
      for (auto& draft : good->drafts) {
        bytes += draft.envelope.ByteSizeLong();
        for (const auto& content : draft.contents) bytes += content.bytes.size();
        notes.push_back(note_of(SentNote{config_.institution, work.claim.id, place.line, place.record, place.element,
                                         good->reference, good->undo},
                                draft.envelope.message_id()));
        if (config_.received == ReceivedWhen::taken)
          if (auto note = note_after_receipt(draft.envelope)) notes.push_back(std::move(*note));
        drafts.push_back(std::move(draft));
      }
      std::ranges::move(good->notes, std::back_inserter(notes));
    } else {
      ++unchanged;
    }
  }
  Progress progress = work.progress;
  progress.last_record = work.records[work.next + taken - 1].front().place.record;
  notes.push_back({work.key, packed(progress)});
  if (drafts.empty()) {
    if (auto noted = post_.store().write(notes); !noted) return noted;
  } else if (const auto submitted = post_.submit(drafts, notes); !submitted) {
    return submitted.refusal();
  }
  work.progress = progress;
  work.messages += drafts.size();
  counts_.messages += drafts.size();
  counts_.rows_rejected += rejected;
  counts_.rows_unchanged += unchanged;
  return base::Done{};
}

base::Status Intake::reject_record(Work& work, std::size_t record, const RuleBroken& rule) {
  const auto ordinal = work.records[record].front().place.record;
  work.progress.last_record = ordinal;
  ++counts_.rows_rejected;
  return post_.store().write({{work.rejects_key + ordered(ordinal), pack({rule.rule, rule.french, rule.english})},
                              {work.key, packed(work.progress)}});
}

base::Status Intake::finish(Work& work) {
  if (!work.progress.done) {
    work.progress.done = true;
    const sdk::Note done{work.key, packed(work.progress)};
    if (auto placed = place_rejects(work, done); !placed) {
      work.progress.done = false;
      return placed;
    }
    ++counts_.files;
    counts_.rows_rejected += work.result.rejects.size();
    write_report(work);
    base::log_info("file read", {{"institution", config_.institution},
                                 {"file", work.claim.id},
                                 {"mapping", work.reader.mapping.name()},
                                 {"encoding", work.result.encoding},
                                 {"records", work.result.records},
                                 {"messages", work.messages},
                                 {"rejected", work.result.rejects.size()}});
    losses_.tell(work.reader.mapping.name(), mapping::LossLog::Way::in, work.result.loss.lost);
  }
  for (sdk::Notes spent;;) {
    spent.clear();
    post_.store().scan(work.rejects_key, [&](std::string_view key, std::string_view) {
      spent.push_back({std::string(key), std::nullopt});
      return spent.size() < kEraseAtOnce;
    });
    if (spent.empty()) break;
    if (auto erased = post_.store().write(spent); !erased) return erased;
  }
  return archive_claim(config_.folders, work.claim);
}

base::Status Intake::place_rejects(Work& work, const sdk::Note& done) {
  std::vector<Reason> reasons;
  for (const auto& reject : work.result.rejects)
    for (const auto& fault : reject.faults) reasons.push_back(files::reason_of(reject.place, fault));
  std::map<std::size_t, const MappedMessage*> by_ordinal;
  for (const auto& record : work.records) by_ordinal[record.front().place.record] = &record.front();
  std::set<std::size_t> ordinals;
  post_.store().scan(work.rejects_key, [&](std::string_view key, std::string_view value) {
    const auto ordinal = number_of(key.substr(work.rejects_key.size()));
    const auto texts = unpack(value);
    if (!ordinal || !texts || texts->size() != 3 || !by_ordinal.contains(*ordinal)) return true;
    const auto& message = *by_ordinal[*ordinal];
    auto reason = files::reason_of(RuleBroken{(*texts)[0], (*texts)[1], (*texts)[2]}, message.place);
    reason.reference = message.local.reference;
    reason.referral = message.local.referral;
    reasons.push_back(std::move(reason));
    ordinals.insert(*ordinal);
    return true;
  });
  if (reasons.empty()) return post_.store().write({done});

  std::ranges::stable_sort(reasons, {}, &Reason::record);
  std::size_t first_line = 0;
  const auto note_line = [&](std::size_t line) {
    if (line != 0 && (first_line == 0 || line < first_line)) first_line = line;
  };
  for (const auto& record : work.records) note_line(record.front().place.line);
  for (const auto& reject : work.result.rejects) {
    note_line(reject.place.line);
    ordinals.insert(reject.place.record);
  }
  const auto document = rejected_document(*work.reader.mapping.in_format(), work.bytes, work.result.encoding,
                                          first_line, work.reader.mapping.raw_records(work.bytes, ordinals));
  const auto name = fitted_name(work.claim.id + "-", work.claim.name, ".reasons.csv");
  return placer_.place({{Target::rejects, fitted_name(work.claim.id + "-", work.claim.name), document},
                        {Target::rejects, name, reasons_table(reasons)}},
                       {done});
}

base::Status Intake::reject_whole(const Claim& claim, const std::vector<Reason>& reasons) {
  // The table first; if this process is killed before the file itself moves, the note says that the table is there.
  const auto key = "rejected/" + config_.institution + "/" + claim.id;
  if (!post_.store().get(key)) {
    const auto name = fitted_name(claim.id + "-", claim.name, ".reasons.csv");
    if (auto placed = placer_.place({{Target::rejects, name, reasons_table(reasons)}}, {{key, "1"}}); !placed)
      return placed;
  }
  if (auto moved = reject_claim(config_.folders, claim); !moved) return moved;
  ++counts_.files_rejected;
  base::log_warning("file rejected",
                    {{"institution", config_.institution}, {"file", claim.id}, {"rule", reasons.front().rule}});
  return post_.store().erase(key);
}

void Intake::write_report(const Work& work) const {
  const auto& result = work.result;
  auto text = fmt::format(
      "Fichier / file: {}\r\nCorrespondance / mapping: {}\r\nCodage / encoding: {}\r\nEnregistrements / records: {}\r\n"
      "Messages : {}\r\nRejets de lecture / rejected when read: {}\r\n",
      work.claim.name, work.reader.mapping.name(), result.encoding, result.records, result.messages.size(),
      result.rejects.size());
  for (const auto& lost : result.loss.lost)
    text += fmt::format("Non transmis / not carried: {} ({}){}{}\r\n", lost.field, lost.filled,
                        lost.reason.empty() ? "" : " - ", lost.reason);
  // A help for people: reading the file does not fail for want of it.
  const auto folder = archive_folder(config_.folders, work.claim);
  (void)make_folder(folder).ok();
  (void)write_new_file(folder / fitted_name(work.claim.id + "-", work.claim.name, ".report.txt"), text).ok();
}

}  // namespace relais::files
