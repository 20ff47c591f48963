// What reading and writing answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/mapping/fault.h"
#include "adapters/mapping/message.h"

namespace relais::mapping {

/// A source field that no message carries, or a content field that no record has a place for.
struct LostField {
  std::string field;       // column, path or pointer of the source; "identity.nationality" when writing
  std::size_t filled = 0;  // in how many records (messages) it had a value
  std::string reason;      // from the mapping's not_carried table; empty: nobody has said why
  /// What the mapping, or Relais' own vocabulary, calls it. Empty: only the document names it, and such a name may be
  /// a person's. `field` is for whoever the document is from; a log gets this one.
  std::string known_as;
};

/// Message fields that a kind of message has and this document never filled.
struct UnfilledFields {
  std::string kind;                 // "referral_requested"
  std::vector<std::string> fields;  // "envelope.purpose", "body.commune", "identity.birth_name", "contact" (all of it)
};

struct LossReport {
  std::vector<LostField> lost;
  std::vector<UnfilledFields> unfilled;  // empty when writing
};

/// Either `file_faults` is not empty: the whole document is refused and everything else is empty;
/// or every record of the document is in `messages`, in `rejects`, or counted in `silent`.
struct ReadResult {
  std::vector<Fault> file_faults;
  std::vector<MappedMessage>
      messages;  // in document order; a record whose kind says so makes several, one after another
  std::vector<Reject> rejects;
  std::size_t records = 0;
  std::size_t silent = 0;  // records whose kind table says "none"
  std::string encoding;    // as found: "utf-8", "windows-1252", "utf-16le", ...
  std::string raw_header;  // CSV: the header line, for a file of rejects that can be corrected and come back
  LossReport loss;

  [[nodiscard]] bool refused() const { return !file_faults.empty(); }
};

/// A row of a table: column name and text, no value for NULL. Order is that of the mapping when written.
struct SqlRow {
  std::vector<std::pair<std::string, std::optional<std::string>>> columns;
};

/// A thing that was written otherwise than it was: a replaced character, a cut text.
struct WriteNote {
  std::size_t message = 0;  // index into the messages given
  std::string field;        // column of the record
  std::string english;
  std::string french;
};

/// A document of one kind of record, complete: encoding, header, line ends.
struct Document {
  std::string record;  // name of the [[out.records]] entry
  std::string bytes;
  std::vector<std::size_t> messages;  // indexes of the messages in it
};

struct WrittenRow {
  std::string record;
  SqlRow row;
  std::size_t message = 0;
};

struct FailedMessage {
  std::size_t message = 0;
  std::vector<Fault> faults;
};

/// Every message given is in a document, in `rows` (format sql), in `failed`, or in `without_record`.
struct WriteResult {
  std::vector<Document> documents;
  std::vector<WrittenRow> rows;
  std::vector<FailedMessage> failed;  // required column without value, value too long, content that does not parse
  std::vector<std::size_t> without_record;  // kinds for which the mapping has no record: nothing to write
  std::vector<WriteNote> notes;
  std::vector<LostField> lost;
};

}  // namespace relais::mapping
