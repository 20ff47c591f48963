// Which tables the adapter works with: those of the schema relais, or the institution's own.
#pragma once

#include <map>
#include <string>

namespace relais::postgres {

/// A table that gets rows, and its column for the message's id (uuid, unique).
struct InboxTable {
  std::string table;
  std::string key;
};

struct InboxSettings {
  std::string table = "relais.inbox";
  std::string key = "message_id";
  std::string mapping;                        // file; empty only with relais.inbox
  std::map<std::string, InboxTable> records;  // by record of the mapping, where `table` is not the one
  bool reject_bad_rows = false;               // false: parked with their case until somebody repairs the cause

  [[nodiscard]] bool own_table() const { return table != "relais.inbox"; }
};

/// Names of columns; empty ones are not there.
struct OutboxColumns {
  std::string key = "id";                         // unique; rows go in its ascending order
  std::string state = "state";                    // text: NULL or "pending", then what the adapter writes
  std::string message_id = "message_id";          // uuid
  std::string taken_by = "taken_by";              // integer
  std::string reference = "own_reference";        // the software's own number of the referral: keeps its rows in order
  std::string referral_id = "referral_id";        // uuid
  std::string case_id = "case_id";                // uuid
  std::string appointment_id = "appointment_id";  // uuid
  std::string position = "position";              // bigint
  std::string code = "code";
  std::string sentence_fr = "sentence_fr";
  std::string sentence_en = "sentence_en";
  std::string settled_at = "settled_at";  // timestamptz
};

struct OutboxSettings {
  std::string table = "relais.outbox";
  std::string channel = "relais_outbox";  // of NOTIFY; empty: polling only
  OutboxColumns columns;
  std::string mapping;      // file; empty only with relais.outbox
  std::string institution;  // who sends, where the row does not say
  std::string recipient;    // to whom, the same
  std::string purpose;      // what for, the same

  [[nodiscard]] bool own_table() const { return table != "relais.outbox"; }
};

}  // namespace relais::postgres
