// relaisctl audit: what was done, and that nothing of it was changed. What proves it needs the broker's public key and
// no broker; what a running one is asked is in acts_commands.cpp.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include "broker/base/ids.h"
#include "broker/base/time_text.h"
#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/options.h"
#include "broker/cli/output_file.h"
#include "broker/evidence/evidence.h"
#include "broker/journal/backup.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;
using base::Result;

struct AuditWanted {
  fs::path data;
  fs::path backups;
  std::uint32_t number = 0;
  std::vector<std::string> keys;
  fs::path bundle;
  std::string message;
  fs::path to;
  bool running = false;
};

Result<std::unique_ptr<const journal::RocksStore>> open_store(const AuditWanted& wanted) {
  if (!wanted.backups.empty()) return journal::open_backup(wanted.backups, wanted.number);
  return journal::RocksStore::open_read_only(wanted.data / "store");
}

Result<std::vector<base::PublicKeyBytes>> keys_of(const AuditWanted& wanted) {
  std::vector<base::PublicKeyBytes> keys;
  for (const auto& text : wanted.keys) {
    const auto bytes = base::from_base64(text);
    base::PublicKeyBytes key{};
    if (!bytes || bytes->size() != key.size())
      return base::refuse(RefusalCode::key_invalid, "--key", {{"why", "32 bytes as 44 characters of base64"}});
    std::copy(bytes->begin(), bytes->end(), key.begin());
    keys.push_back(key);
  }
  return keys;
}

/// Walks the whole chain with the signatures over it.
class ChainAudit {
 public:
  ChainAudit(const journal::RocksStore& store, const std::vector<base::PublicKeyBytes>& keys)
      : store_(store), keys_(keys) {
    next_anchor(1);
  }

  /// journal.damaged; evidence.invalid at the first signature that does not hold.
  base::Status run() {
    const auto end = store_.replay(1, [&](const journal::StoredRecord& record) { return look_at(record); });
    if (!end) return end.refusal();
    if (fault_) return *fault_;
    end_ = *end;
    if (anchor_) return invalid("records up to " + std::to_string(anchor_->last) + " were signed and are missing");
    if (end_.position > 0 && signatures_ == 0) return invalid("no record of this journal is signed");
    return base::Done{};
  }

  [[nodiscard]] Report report() && {
    return Report()
        .fact("verified", "verified", true)
        .fact("records", "records", end_.position)
        .fact("chain_hash", "chain hash", base::hex(base::view(end_.hash)))
        .fact("signatures", "signatures", signatures_)
        .fact("signed_until", "signed until record", signed_until_)
        .fact("signed_at", "signed",
              signed_at_ms_ == 0 ? Json() : Json(base::date_time_text(base::from_ms(signed_at_ms_))))
        .table(std::move(actions_));
  }

 private:
  static base::Refusal invalid(std::string why) {
    return base::refuse(RefusalCode::evidence_invalid, "journal", {{"why", std::move(why)}});
  }

  void next_anchor(core::Position from) {
    anchor_.reset();
    links_.clear();
    store_.anchors(from, [&](const journal::Anchor& found) {
      anchor_ = found;
      return false;
    });
  }

  bool look_at(const journal::StoredRecord& record) {
    if (anchor_ && record.position >= anchor_->first) {
      if (links_.empty()) links_.push_back(previous_);
      links_.push_back(record.hash);
      if (record.position == anchor_->last) check_anchor();
    }
    previous_ = record.hash;
    note_actions(record);
    return !fault_;
  }

  void check_anchor() {
    const bool holds = std::ranges::any_of(
        keys_, [&](const auto& key) { return journal::verify_anchor(key, store_.identity().id, *anchor_, links_); });
    if (!holds) {
      fault_ =
          invalid("the signature over the records " + std::to_string(anchor_->first) + " to " +
                  std::to_string(anchor_->last) + ", of key " + anchor_->key_id + ", was not made with the key given");
      return;
    }
    ++signatures_;
    signed_until_ = anchor_->last;
    signed_at_ms_ = anchor_->at_ms;
    next_anchor(anchor_->last + 1);
  }

  void note_actions(const journal::StoredRecord& stored) {
    v1::Record record;
    if (!record.ParseFromString(stored.bytes)) return;
    for (const auto& event : record.events())
      if (event.has_operator_acted())
        actions_.rows.push_back({base::date_time_text(base::from_ms(record.at_ms())), stored.position,
                                 event.operator_acted().operator_(), event.operator_acted().action(),
                                 event.operator_acted().reason()});
  }

  const journal::RocksStore& store_;
  const std::vector<base::PublicKeyBytes>& keys_;
  std::optional<journal::Anchor> anchor_;  // that comes next
  std::vector<base::Hash> links_;
  base::Hash previous_{};
  journal::ChainEnd end_;
  std::uint64_t signatures_ = 0;
  core::Position signed_until_ = 0;
  std::int64_t signed_at_ms_ = 0;
  std::optional<base::Refusal> fault_;
  Table actions_{"actions",
                 "Who did what",
                 {{"at", "at"},
                  {"position", "position", true},
                  {"operator", "operator"},
                  {"action", "action"},
                  {"reason", "reason"}},
                 {}};
};

int verify_store(const AuditWanted& wanted, const std::vector<base::PublicKeyBytes>& keys, const Console& console) {
  const auto store = open_store(wanted);
  if (!store) return console.refuse(store.refusal());
  ChainAudit audit(**store, keys);
  if (const auto said = audit.run(); !said) return console.refuse(said.refusal());
  return console.show(std::move(audit).report());
}

/// What the evidence shows; for verified evidence only.
Report report_of(const evidence::Evidence& proof) {
  Report report;
  report.fact("verified", "verified", true).fact("message", "message", base::id_text(proof.message_id));
  Table steps{"steps",
              "Steps",
              {{"at", "at"},
               {"position", "position", true},
               {"event", "event"},
               {"recipient", "recipient"},
               {"detail", "detail"}},
              {}};
  for (const auto& each : proof.records) {
    v1::Record record;
    if (!record.ParseFromString(each.bytes)) continue;
    for (const auto& event : record.events()) {
      v1::Envelope envelope;
      if (!event.has_message_accepted() || !envelope.ParseFromString(event.message_accepted().envelope()) ||
          envelope.message_id() != proof.message_id)
        continue;
      report.fact("sender", "sender", envelope.sender())
          .fact("recipients", "recipients",
                Json(std::vector<std::string>(envelope.recipients().begin(), envelope.recipients().end())))
          .fact("purpose", "purpose", envelope.purpose())
          .fact("exercise", "exercise", envelope.exercise());
    }
    for (const auto& step : evidence::steps_in(each.bytes, proof.message_id))
      steps.rows.push_back({base::date_time_text(base::from_ms(record.at_ms())), each.position, step.event,
                            step.recipient, step.detail});
  }
  return report.table(std::move(steps));
}

int verify_bundle(const AuditWanted& wanted, const std::vector<base::PublicKeyBytes>& keys, const Console& console) {
  std::ifstream file(wanted.bundle, std::ios::binary);
  if (!file) return console.refuse(base::refuse(RefusalCode::io_failed, {}, {{"path", wanted.bundle.string()}}));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto read = evidence::read_evidence(text);
  if (!read) return console.refuse(read.refusal());
  if (const auto said = evidence::verify_evidence(*read, keys); !said) return console.refuse(said.refusal());
  return console.show(report_of(*read));
}

int verify(const AuditWanted& wanted, const Console& console) {
  const auto keys = keys_of(wanted);
  if (!keys) return console.refuse(keys.refusal());
  return wanted.bundle.empty() ? verify_store(wanted, *keys, console) : verify_bundle(wanted, *keys, console);
}

struct Gathered {
  std::string text;
  std::size_t records = 0;
  std::size_t signatures = 0;
};

Gathered gathered(const evidence::Evidence& proof, std::string text) {
  return {std::move(text), proof.records.size(), proof.stretches.size()};
}

/// A running broker's store is its own: it gathers the evidence itself.
Result<Gathered> ask_for_evidence(const AuditWanted& wanted) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return client.refusal();
  const auto answer = client->get("/api/v1/messages/" + wanted.message + "/evidence");
  if (!answer) return answer.refusal();
  auto text = answer->value("evidence", std::string());
  const auto proof = evidence::read_evidence(text);
  if (!proof) return proof.refusal();
  return gathered(*proof, std::move(text));
}

Result<Gathered> gather(const AuditWanted& wanted, const std::string& message_id) {
  if (wanted.running) return ask_for_evidence(wanted);
  const auto store = open_store(wanted);
  if (!store) return store.refusal();
  const auto proof = evidence::gather_evidence(**store, message_id);
  if (!proof) return proof.refusal();
  return gathered(*proof, evidence::write_evidence(*proof));
}

int export_evidence(const AuditWanted& wanted, const Console& console) {
  const auto id = base::id_bytes(wanted.message);
  if (!id) return console.refuse(base::refuse(RefusalCode::not_found, "MESSAGE"));
  const auto found = gather(wanted, *id);
  if (!found) return console.refuse(found.refusal());
  if (const auto written = write_new_file(wanted.to, found->text); !written) return console.refuse(written.refusal());
  return console.show(Report()
                          .fact("written", "written", wanted.to.string())
                          .fact("records", "records", found->records)
                          .fact("signatures", "signatures", found->signatures));
}

CLI::Option* add_source(CLI::App& command, AuditWanted& wanted) {
  add_data_option(command, wanted.data);
  auto* const from =
      command.add_option("--from", wanted.backups, "folder of backups, instead of a stopped broker's data")
          ->type_name("DIR");
  command.add_option("--backup", wanted.number, "which backup; the latest when absent")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->needs(from);
  return from;
}

}  // namespace

void add_audit_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("audit", "who did what; prove it, with the broker's public key only");
  group->require_subcommand(1);
  const auto wanted = std::make_shared<AuditWanted>();

  auto* const verified = group->add_subcommand(
      "verify", "check the journal of a stopped broker or of a backup, or evidence about one message");
  verified->add_option("EVIDENCE", wanted->bundle, "file that audit export wrote; absent: a whole journal")
      ->type_name("");
  verified
      ->add_option("--key", wanted->keys, "public half of the broker's signing key; all of them when it had several")
      ->required()
      ->type_name("BASE64");
  add_source(*verified, *wanted);
  verified->callback([&action, wanted] { action = [=](const Console& c) { return verify(*wanted, c); }; });

  auto* const exported =
      group->add_subcommand("export", "write evidence about one message, without a content, for a third party");
  exported->add_option("MESSAGE", wanted->message, "message id")->required()->type_name("");
  exported->add_option("--to", wanted->to, "file that is made")->required()->type_name("FILE");
  auto* const from = add_source(*exported, *wanted);
  exported->add_flag("--running", wanted->running, "ask the running broker of the data folder")->excludes(from);
  exported->callback([&action, wanted] { action = [=](const Console& c) { return export_evidence(*wanted, c); }; });
  add_acts_commands(*group, action);
}

}  // namespace relais::cli
