#include "adapters/files/outgo.h"

#include <algorithm>
#include <ctime>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/files/packing.h"
#include "adapters/files/spool.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::files {

namespace {

constexpr std::size_t kPlacedAtOnce = 64;
constexpr std::size_t kReadyAtOnce = 4'096;
constexpr std::size_t kReadyTexts = 4;
constexpr std::size_t kTakenAtOnce = 64;

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

/// A message in the spool that the broker knows to be delivered.
struct Outgo::Ready {
  std::string key;
  std::string spooled;  // name in the spool
  base::Instant since{};
  std::string reply;  // envelope to submit once the software has taken the file; empty: none
  v1::Envelope::BodyCase body{};
};

/// What one call of place() will put into `out` together.
struct Outgo::Round {
  std::vector<Placement> placements;
  sdk::Notes done;
  std::vector<std::string> spooled;
  std::vector<mapping::LostField> lost;
};

Outgo::Outgo(Post& post, const ExchangeConfig& config, Placer& placer)
    : post_(post),
      config_(config),
      placer_(placer),
      run_(base::hex(base::random_bytes(4))),
      ready_prefix_("ready/" + config.institution + "/"),
      waiting_prefix_("waiting/" + config.institution + "/"),
      losses_(config.institution, [&post](std::uint64_t values) { post.count_not_carried(values); }) {}

std::vector<Outgo::Ready> Outgo::ready() const {
  std::vector<Ready> found;
  post_.store().scan(ready_prefix_, [&](std::string_view key, std::string_view value) {
    if (const auto texts = unpack(value); texts && texts->size() == kReadyTexts)
      found.push_back({std::string(key), (*texts)[0],
                       base::from_ms(static_cast<std::int64_t>(number_of((*texts)[1]).value_or(0))), (*texts)[2],
                       static_cast<v1::Envelope::BodyCase>(number_of((*texts)[3]).value_or(0))});
    return found.size() < kReadyAtOnce;
  });
  return found;
}

std::string Outgo::new_name(const Writer& writer, const std::string& record, base::Instant now) {
  const std::time_t seconds = base::to_ms(now) / 1'000;
  for (;;) {
    placer_.use_number();
    auto name = writer.name;
    replace(name, "{record}", record);
    replace(name, "{date}", fmt::format("{:%Y%m%d}", fmt::gmtime(seconds)));
    replace(name, "{time}", fmt::format("{:%H%M%S}", fmt::gmtime(seconds)));
    replace(name, "{number}", fmt::format("{:08}", placer_.next_number()));
    name += writer.extension;
    if (!is_there(config_.folders.out / name)) return name;
  }
}

base::Status Outgo::place(base::Instant now) {
  next_due_ = base::Instant::max();
  std::vector<std::vector<Ready>> of_writer(config_.writers.size());
  for (auto& one : ready()) {
    const auto* const writer = writer_for(config_, one.body);
    if (writer == nullptr) continue;  // the mapping changed; it waits for one that has a record
    of_writer[static_cast<std::size_t>(writer - config_.writers.data())].push_back(std::move(one));
  }
  for (std::size_t i = 0; i < of_writer.size(); ++i) {
    const auto& writer = config_.writers[i];
    std::span<const Ready> rest = of_writer[i];
    while (!rest.empty()) {
      const bool full = rest.size() >= writer.batch_messages;
      const auto due = rest.front().since + writer.batch_age;
      if (!full && due > now) {
        next_due_ = std::min(next_due_, due);
        break;
      }
      // Files of one message each share their syncs and their intent.
      Round round;
      for (std::size_t files = 0;
           !rest.empty() && (files == 0 || (writer.batch_messages == 1 && files < kPlacedAtOnce)); ++files) {
        const auto batch = rest.first(std::min(rest.size(), writer.batch_messages));
        if (auto status = place_batch(writer, batch, now, round); !status) return status;
        rest = rest.subspan(batch.size());
      }
      if (round.placements.empty()) continue;
      if (auto placed = placer_.place(round.placements, round.done); !placed) return placed;
      losses_.tell(writer.mapping.name(), mapping::LossLog::Way::out, round.lost);
      for (const auto& name : round.spooled) (void)remove_from_spool(config_.folders, name).ok();
      base::log_debug("files placed", {{"institution", config_.institution}, {"messages", round.spooled.size()}});
    }
  }
  return base::Done{};
}

base::Status Outgo::place_batch(const Writer& writer, std::span<const Ready> batch, base::Instant now, Round& round) {
  std::vector<mapping::OutgoingMessage> messages;
  std::vector<const Ready*> ready;
  for (const auto& one : batch) {
    auto message = read_from_spool(config_.folders, one.spooled);
    if (message) {
      messages.push_back(std::move(*message));
      ready.push_back(&one);
      continue;
    }
    // Left where it is: somebody may repair the disk or the folder.
    base::log_error("spooled message can not be read",
                    {{"institution", config_.institution}, {"name", one.spooled}, {"why", why(message.refusal())}});
  }
  const auto written = writer.mapping.write(messages);
  for (const auto& failed : written.failed)
    base::log_error("spooled message has no valid record any more",
                    {{"institution", config_.institution},
                     {"message", base::id_text(messages[failed.message].envelope.message_id())},
                     {"trace", base::trace_id(messages[failed.message].envelope.trace_parent())},
                     {"rule", failed.faults.front().rule}});
  for (const auto& note : written.notes)
    base::log_warning("value written otherwise",
                      {{"institution", config_.institution},
                       {"message", base::id_text(messages[note.message].envelope.message_id())},
                       {"trace", base::trace_id(messages[note.message].envelope.trace_parent())},
                       {"field", note.field}});
  round.lost.insert(round.lost.end(), written.lost.begin(), written.lost.end());
  for (const auto& document : written.documents) {
    const auto name = new_name(writer, document.record, now);
    Texts replies;
    for (const auto index : document.messages) {
      const auto& one = *ready[index];
      round.done.push_back({one.key, std::nullopt});
      round.spooled.push_back(one.spooled);
      if (!one.reply.empty()) replies.push_back(one.reply);
    }
    round.placements.push_back({Target::out, name, document.bytes});
    if (!writer.marker.empty()) round.placements.push_back({Target::out, name + writer.marker, {}});
    if (!replies.empty()) round.done.push_back({waiting_prefix_ + name, pack(replies)});
  }
  return base::Done{};
}

base::Status Outgo::tell_taken() {
  std::vector<std::pair<std::string, Texts>> taken;
  bool any = false;
  post_.store().scan(waiting_prefix_, [&](std::string_view, std::string_view) { return !(any = true); });
  if (!any) return base::Done{};
  const auto entries = list_folder(config_.folders.out);
  if (!entries) return entries.refusal();
  std::set<std::string_view> there;
  for (const auto& entry : *entries) there.insert(entry.name);
  post_.store().scan(waiting_prefix_, [&](std::string_view key, std::string_view value) {
    if (there.contains(key.substr(waiting_prefix_.size()))) return true;
    taken.emplace_back(key, unpack(value).value_or(Texts()));
    return taken.size() < kTakenAtOnce;
  });
  for (const auto& [key, replies] : taken) {
    std::vector<sdk::Draft> drafts;
    for (const auto& reply : replies)
      if (sdk::Draft draft; draft.envelope.ParseFromString(reply)) drafts.push_back(std::move(draft));
    const sdk::Notes done{{key, std::nullopt}};
    if (const auto submitted = post_.submit(drafts, done); !submitted) {
      if (base::info(submitted.refusal().code).retry) return submitted.refusal();
      base::log_warning("receipt can not be sent",
                        {{"institution", config_.institution}, {"code", submitted.refusal().name()}});
      if (auto noted = post_.store().write(done); !noted) return noted;
    }
  }
  return base::Done{};
}

void Outgo::remove_leftovers() {
  const auto entries = list_folder(config_.folders.spool());
  if (!entries) return;
  std::set<std::string> wanted;
  for (const auto& one : ready()) wanted.insert(one.spooled);
  if (wanted.size() >= kReadyAtOnce) return;  // not all are known; another time
  for (const auto& entry : *entries)
    if (entry.regular && !wanted.contains(entry.name) && entry.name.find(run_) == std::string::npos)
      (void)remove_file(config_.folders.spool() / entry.name).ok();
}

}  // namespace relais::files
