// All that the broker knows: typed rows over the tables, and the network definition in force.
//
// Threads: the engine thread. Ownership: refers to the tables, which outlive it. decide() reads it, apply() changes it,
// nothing else does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/check.h"
#include "broker/core/directory.h"
#include "broker/core/keys.h"
#include "broker/core/message_key.h"
#include "broker/core/tables.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// Told of each change to the ready queues and of payloads that are no longer needed, while apply() runs.
/// The engine uses it to know what it can deliver and what to erase; the state does not depend on it.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void ready(std::string_view recipient, std::uint8_t urgency, MessageKey key) = 0;
  virtual void no_longer_ready(std::string_view recipient, std::uint8_t urgency, MessageKey key) = 0;
  virtual void payload_erased(MessageKey key) = 0;
  virtual void network_changed() = 0;
  /// A pause of deliveries is over.
  virtual void resumed(std::string_view institution) = 0;
};

class State {
 public:
  /// Reads what is in the tables of the network definition and of pauses.
  explicit State(Tables& tables);

  template <class Row>
  [[nodiscard]] std::optional<Row> find(TableId table, std::string_view key) const {
    const auto bytes = tables_.look(table, key);
    if (!bytes) return std::nullopt;
    return parse<Row>(*bytes);
  }

  template <class Row>
  void put(TableId table, std::string_view key, const Row& row) {
    tables_.put(table, key, row.SerializeAsString());
  }

  void erase(TableId table, std::string_view key) { tables_.erase(table, key); }

  template <class Row>
  static Row parse(std::string_view bytes) {
    Row row;
    base::check(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "a stored row parses");
    return row;
  }

  [[nodiscard]] std::optional<v1::ReferralRow> referral(std::string_view id) const {
    return find<v1::ReferralRow>(TableId::referrals, id);
  }
  [[nodiscard]] std::optional<v1::MessageRow> message(std::string_view id) const {
    return find<v1::MessageRow>(TableId::messages, id);
  }

  /// Counts of one institution; changed by apply() only. They change with every message: the rows are written by
  /// write_counts(), once for many changes, and before the tables are taken for the store or compared.
  [[nodiscard]] const v1::InstitutionCounts& counts(std::string_view institution) const;
  [[nodiscard]] v1::InstitutionCounts& counts_to_change(std::string_view institution);
  /// What went under an agreement. Held and written as counts are.
  [[nodiscard]] const v1::AgreementTraffic& traffic(std::string_view agreement) const;
  [[nodiscard]] v1::AgreementTraffic& traffic_to_change(std::string_view agreement);
  void write_counts();

  /// Announced or in force; changed by apply() only.
  [[nodiscard]] std::optional<v1::InstitutionPause> pause(std::string_view institution) const;
  void put_pause(std::string_view institution, const v1::InstitutionPause& pause);
  void end_pause(std::string_view institution);
  /// Whether a pause is in force. Asked before every delivery: costs no look into the tables.
  [[nodiscard]] bool paused(std::string_view institution) const { return paused_.contains(institution); }

  [[nodiscard]] Tables& tables() { return tables_; }
  [[nodiscard]] const Tables& tables() const { return tables_; }

  /// Null until a network definition was applied: then nobody may send anything.
  [[nodiscard]] const Directory* directory() const { return directory_.get(); }
  [[nodiscard]] std::shared_ptr<const Directory> shared_directory() const { return directory_; }
  [[nodiscard]] std::optional<v1::SignedNetwork> signed_network() const;
  void put_network(const v1::SignedNetwork& network);

 private:
  template <class Value>
  struct Held {
    Value value;
    bool changed = false;
  };
  template <class Value>
  using HeldBy = std::map<std::string, Held<Value>, std::less<>>;
  template <class Value>
  Held<Value>& hold(HeldBy<Value>& all, std::string_view prefix, std::string_view id) const;
  template <class Value>
  Value& change(HeldBy<Value>& all, std::string_view prefix, std::string_view id);
  template <class Value>
  void write(HeldBy<Value>& all, std::string_view prefix);
  void read_directory();
  void read_pauses();

  Tables& tables_;
  mutable HeldBy<v1::InstitutionCounts> counts_;  // one for each institution ever asked for
  mutable HeldBy<v1::AgreementTraffic> traffic_;  // one for each agreement ever asked for
  std::shared_ptr<const Directory> directory_;
  std::set<std::string, std::less<>> paused_;
};

}  // namespace relais::core
