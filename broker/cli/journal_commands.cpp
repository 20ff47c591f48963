// relaisctl journal: reads the store of a broker that is not running.
#include <memory>

#include <google/protobuf/util/json_util.h>

#include "broker/base/ids.h"
#include "broker/cli/console.h"
#include "broker/cli/options.h"
#include "broker/journal/chain.h"
#include "broker/journal/rocks_store.h"

#include "relais/v1/stored.pb.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct JournalWanted {
  fs::path data;
  std::uint64_t from = 1;
  std::uint64_t count = 100;
};

int verify(const JournalWanted& wanted, const Console& console) {
  const auto store = journal::RocksStore::open_read_only(wanted.data / "store");
  if (!store) return console.refuse(store.refusal());
  // The chain first: where it breaks off there is a position to tell, a file has none.
  const auto end = (*store)->replay(1, [](const journal::StoredRecord&) { return true; });
  if (!end) return console.refuse(end.refusal());
  if (const auto files = (*store)->verify_files(); !files) return console.refuse(files.refusal());
  return console.show(Report()
                          .fact("verified", "verified", true)
                          .fact("records", "records", end->position)
                          .fact("chain_hash", "chain hash", base::hex(base::view(end->hash))));
}

/// One line for each record: envelopes and events as JSON, ids in base64 as protobuf writes them. No content is there
/// to be shown.
int dump(const JournalWanted& wanted, const Console& console) {
  const auto store = journal::RocksStore::open_read_only(wanted.data / "store");
  if (!store) return console.refuse(store.refusal());
  Table table{"records", "Records", {{"position", "position", true}, {"hash", "hash"}, {"record", "record"}}, {}};
  const auto end = (*store)->replay(wanted.from, [&](const journal::StoredRecord& stored) {
    if (table.rows.size() >= wanted.count) return false;
    v1::Record record;
    std::string text;
    if (record.ParseFromString(stored.bytes)) [[maybe_unused]]
      const auto written = google::protobuf::util::MessageToJsonString(record, &text);
    table.rows.push_back(
        {stored.position, base::hex(base::view(stored.hash)).substr(0, 16), Json::parse(text, nullptr, false)});
    return true;
  });
  if (!end) return console.refuse(end.refusal());
  return console.show(Report().table(std::move(table)));
}

}  // namespace

void add_journal_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("journal", "verify and read the journal of a broker that is stopped");
  group->require_subcommand(1);
  auto* const verified = group->add_subcommand("verify", "read every record and check the chain of hashes");
  const auto verify_wanted = std::make_shared<JournalWanted>();
  add_data_option(*verified, verify_wanted->data);
  verified->callback(
      [&action, verify_wanted] { action = [=](const Console& c) { return verify(*verify_wanted, c); }; });
  auto* const dumped = group->add_subcommand("dump", "show records, one after another");
  const auto dump_wanted = std::make_shared<JournalWanted>();
  add_data_option(*dumped, dump_wanted->data);
  dumped->add_option("--from", dump_wanted->from, "first position")->capture_default_str();
  dumped->add_option("--count", dump_wanted->count, "how many")->capture_default_str();
  dumped->callback([&action, dump_wanted] { action = [=](const Console& c) { return dump(*dump_wanted, c); }; });
}

}  // namespace relais::cli
