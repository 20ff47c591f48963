// What proves the way of one message to somebody who has the broker's public key and nothing else of it: the records
// that speak of it, the hashes of the stretches of the chain they stand in, and the broker's signatures over those.
#pragma once

#include <string>
#include <vector>

#include "broker/base/result.h"
#include "broker/journal/anchor.h"
#include "broker/journal/rocks_store.h"

namespace relais::evidence {

struct Evidence {
  struct Record {
    core::Position position = 0;
    std::string bytes;  // serialised v1::Record
  };
  struct Stretch {
    journal::Anchor anchor;
    std::vector<base::Hash> links;
  };
  std::string store_id;
  std::string message_id;
  std::vector<Record> records;     // ascending
  std::vector<Stretch> stretches;  // ascending, each with one of the records in it
};

/// not_found (MESSAGE); journal.damaged; evidence.invalid when a record of it is not signed yet.
base::Result<Evidence> gather_evidence(const journal::RocksStore& store, std::string_view message_id);

/// One text for one evidence: every byte counts.
std::string write_evidence(const Evidence& evidence);
/// evidence.invalid when it is not exactly what write_evidence() writes.
base::Result<Evidence> read_evidence(std::string_view text);

/// evidence.invalid: with none of the keys do the signatures hold, or the records do not belong to them, or are not of
/// this message.
base::Status verify_evidence(const Evidence& evidence, const std::vector<base::PublicKeyBytes>& keys);

/// The event's name, and whether it is about that message; empty when it is not.
struct EvidenceStep {
  std::string event;
  std::string recipient;
  std::string detail;
};
std::vector<EvidenceStep> steps_in(std::string_view record_bytes, std::string_view message_id);

}  // namespace relais::evidence
