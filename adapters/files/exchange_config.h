// What one institution exchanges through its folders.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/files/arrival.h"
#include "adapters/files/drafting.h"
#include "adapters/files/folders.h"
#include "adapters/mapping/mapping.h"

namespace relais::files {

/// Files that the software drops.
struct Reader {
  std::vector<std::string> names;  // patterns with * and ?; the first reader with a pattern that fits reads the file
  mapping::Mapping mapping;
  DraftingPolicy drafting;
};

/// Files that we drop.
struct Writer {
  static constexpr const char* kName = "{record}-{date}-{number}";

  mapping::Mapping mapping;
  std::string name = kName;                // {record} {date} {time} {number}
  std::string extension;                   // ".csv"
  std::string marker;                      // written empty after each file, NAME + marker; empty: none
  std::size_t batch_messages = 1;          // at most this many in one file
  std::chrono::milliseconds batch_age{0};  // a file is closed when its oldest message has waited so long
};

/// When the other side hears that the software holds a message: once the file is in `out`, or once the software has
/// taken it away from there.
enum class ReceivedWhen { written, taken };

struct ExchangeConfig {
  std::string institution;
  Folders folders;
  ArrivalPolicy arrival;
  std::vector<Reader> readers;
  std::vector<Writer> writers;
  ReceivedWhen received = ReceivedWhen::written;
  std::chrono::milliseconds poll{5'000};  // the folders are looked at this often even if nothing seems to happen
  std::uint64_t file_bytes_max = 64ULL << 20;
};

/// Shell patterns: * any characters, ? one; capitals do not matter.
bool fits(std::string_view name, std::string_view pattern);

/// Null when none fits.
const Reader* reader_for(const ExchangeConfig& config, std::string_view name);

/// Null when no mapping has a record for this kind.
const Writer* writer_for(const ExchangeConfig& config, v1::Envelope::BodyCase body);

}  // namespace relais::files
