// A message as a mapping makes it or takes it: what the broker will read, what will be sealed, and how the
// institution's own software names it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "relais/v1/common.pb.h"
#include "relais/v1/envelope.pb.h"

namespace relais::mapping {

/// One category of content, not sealed yet (or opened): the serialised message of content.proto for that category.
struct Content {
  v1::Category category = v1::CATEGORY_UNSPECIFIED;
  std::string bytes;
};

/// Names given by the software, not by Relais, except `referral`. Any may be empty. They never go into an envelope:
/// the adapter keeps the pairs (reference, referral id) and (appointment, appointment id).
struct LocalReferences {
  std::string reference;    // the software's own number of the referral
  std::string referral;     // the referral's id as Relais gave it out, in text form ("8-4-4-4-12")
  std::string appointment;  // the software's own number of the appointment
};

/// Where a record stands in its document. Holds no value of a cell.
struct Place {
  std::string file;        // as given to read(); for rows of a database, the table's name
  std::size_t line = 0;    // first line of the record, from 1; 0 when the format has no lines
  std::size_t record = 0;  // ordinal of the record in the document, from 1
  std::string element;     // XML: path with position; JSON: pointer; otherwise empty
};

/// Direction in. Empty in `envelope`: version, message_id (unless mapped), sender, sent_at_ms, signing_key,
/// compartments (the SDK fills them), and whatever the mapping does not fill (recipients, case_id, referral_id,
/// appointment_id, purpose, ...). The body is always set; referral_id is set when local.referral is.
struct MappedMessage {
  v1::Envelope envelope;
  std::vector<Content> contents;  // in ascending category, each at most once, only categories with a value
  LocalReferences local;
  Place place;
};

/// Direction out. `contents` are those that this institution could open.
struct OutgoingMessage {
  v1::Envelope envelope;
  std::vector<Content> contents;
  LocalReferences local;
};

}  // namespace relais::mapping
