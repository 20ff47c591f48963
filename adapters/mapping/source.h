// A document cut into records. One implementation for each format; reader.cpp does not know which it has.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/fault.h"
#include "adapters/mapping/plan.h"
#include "adapters/mapping/result.h"
#include "adapters/mapping/rule.h"

namespace relais::mapping {

/// One value that a selector found, and where. `text` is UTF-8, not yet trimmed.
struct Found {
  std::string text;
  bool null = false;      // JSON null, SQL NULL, a missing optional column
  bool not_text = false;  // JSON: an object or a list
  Spot spot;
};

class SourceRecord {
 public:
  virtual ~SourceRecord() = default;

  /// All values, in document order. Those taken no longer count as lost.
  virtual std::vector<Found> find(const Selector& selector, bool take) = 0;

  /// The items of a list below this record. Formats without lists have none.
  virtual std::vector<std::unique_ptr<SourceRecord>> items(const Selector& each);

  /// As UTF-8 text, for the rejects folder.
  virtual std::string raw() const = 0;

  /// Names of the fields with a value that nothing took.
  virtual void collect_lost(std::set<std::string>& fields) const = 0;

  Place place;
  std::vector<Fault> faults;  // the record itself can not be cut: no value is to be had
};

class Source {
 public:
  virtual ~Source() = default;

  /// nullptr at the end. Records are used one after another: the one before is gone.
  virtual std::unique_ptr<SourceRecord> next() = 0;

  /// What the document says a total is, as text; after the last record.
  virtual std::optional<std::string> expected(const Control& control) = 0;

  /// Values outside of the records, which nothing took; after the last record.
  virtual void collect_lost(std::set<std::string>& fields) const;

  std::string encoding;
  std::string raw_header;     // CSV: the header line
  std::vector<Fault> faults;  // of the whole document; may grow until the last record
};

/// What a document is cut from. All of it outlives the source.
struct SourceInput {
  const InPlan& plan;
  std::string_view bytes;
  std::string file;
};

/// The document's own faults are in `faults`: then there is no record.
std::unique_ptr<Source> open_csv(const SourceInput& input);
std::unique_ptr<Source> open_fixed(const SourceInput& input);
std::unique_ptr<Source> open_xml(const SourceInput& input);
std::unique_ptr<Source> open_json(const SourceInput& input);
std::unique_ptr<Source> open_rows(const InPlan& plan, std::span<const SqlRow> rows, const std::string& table);

/// The text of a document in the encoding of the plan; faults go to `source`.
std::optional<std::string> decode_for(const SourceInput& input, Source& source);

/// Value is there, beyond blanks and the plan's words for nothing.
bool has_value(std::string_view text, const InPlan& plan);

}  // namespace relais::mapping
