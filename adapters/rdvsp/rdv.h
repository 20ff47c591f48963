// One appointment as RDV Service Public describes it, in a webhook or in an answer of its API.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "adapters/mapping/json_document.h"
#include "adapters/rdvsp/event.h"

namespace relais::rdvsp {

/// Where a person stands with an appointment. Their words: unknown, waiting, seen, noshow, excused, revoked.
enum class Presence { booked, arrived, fulfilled, no_show, cancelled_by_person, cancelled_by_service };

struct Participant {
  std::string user;  // their number of the person
  Presence presence = Presence::booked;
};

struct Rdv {
  std::string id;
  std::string organisation;               // their number; may be empty
  std::vector<Participant> participants;  // each person once
  bool names_people = false;              // one of the lists was there, however short
  std::string text;                       // the whole as JSON, for the mapping; personal
};

/// Their description promises the duration and not the end: `ends_at` is written from it when it is not there.
/// People stand under participations or rdvs_users with a status of their own, and under users, who have that of the
/// appointment. An appointment that the service cancelled is cancelled for everybody. `at` is the pointer of `data`,
/// for the faults, which are told all at once.
std::variant<Rdv, Faults> read_rdv(mapping::JsonValue& data, const std::string& at);

}  // namespace relais::rdvsp
