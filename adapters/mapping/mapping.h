// A mapping file, loaded and checked: documents of an institution's software to messages, and back.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/fault.h"
#include "adapters/mapping/message.h"
#include "adapters/mapping/result.h"

namespace relais::mapping {

enum class Format { csv, fixed, xml, json, sql };

/// "csv", "fixed", "xml", "json", "sql".
std::string_view name(Format format);

struct Plan;

/// Immutable and cheap to copy; every function from any thread. Reading and writing have no effect outside: no file is
/// opened after load(), nothing is fetched, nothing is logged.
///
/// Bounds: a document of more than `in.max_file_bytes` (64 MiB unless the mapping says otherwise) is refused unread.
/// Memory while reading is about 3 times the document for CSV and fixed width, 12 times for XML and JSON.
class Mapping {
 public:
  struct Loaded;

  /// Reads the mapping file and the files it names (code tables, XML schema; relative to the mapping's folder).
  static Loaded load(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::optional<Format> in_format() const;  // empty: the mapping has no direction in
  [[nodiscard]] std::optional<Format> out_format() const;

  /// Names of the `[[out.records]]` entries, in order.
  [[nodiscard]] std::vector<std::string> records() const;

  /// Document to messages. `file_name` only names the place of faults. Requires a direction in of another format than
  /// sql.
  [[nodiscard]] ReadResult read(std::string_view bytes, std::string_view file_name) const;

  /// The records with these ordinals (Place::record) as UTF-8 text, in document order: for records that were read well
  /// and could not be sent. Same document and requirements as read(). Personal, as Reject::raw is.
  [[nodiscard]] std::vector<std::string> raw_records(std::string_view bytes,
                                                     const std::set<std::size_t>& ordinals) const;

  /// Rows of a database to messages; `table` names the place of faults. Requires a direction in of format sql.
  /// Place::record is the index into `rows` plus one.
  [[nodiscard]] ReadResult read_rows(std::span<const SqlRow> rows, std::string_view table) const;

  /// True when messages with this body become a record.
  [[nodiscard]] bool writes(v1::Envelope::BodyCase body) const;

  /// Messages to documents (one per kind of record) or rows. Requires a direction out.
  [[nodiscard]] WriteResult write(std::span<const OutgoingMessage> messages) const;
  [[nodiscard]] WriteResult write(const OutgoingMessage& message) const { return write(std::span(&message, 1)); }

 private:
  explicit Mapping(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}
  std::shared_ptr<const Plan> plan_;
};

struct Mapping::Loaded {
  std::optional<Mapping> mapping;    // empty when there is any fault
  std::vector<MappingFault> faults;  // all at once, in the order of the lines
};

}  // namespace relais::mapping
