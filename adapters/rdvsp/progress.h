// What has to be said about an appointment when RDV Service Public tells how it stands. Pure.
#pragma once

#include <optional>
#include <vector>

#include "adapters/rdvsp/rdv.h"

#include "relais/v1/envelope.pb.h"

namespace relais::rdvsp {

/// How far the other institutions know an appointment. Stored by number: add at the end.
enum class Stage { booked = 1, arrived = 2, fulfilled = 3, no_show = 4, cancelled = 5 };

struct Progress {
  std::vector<v1::Envelope::BodyCase> steps;  // in this order
  Stage stage = Stage::booked;                // afterwards
  bool anew = false;         // under an id of its own: the one that is known has ended, and no message opens it again
  bool not_carried = false;  // they corrected something that no message can take back
};

/// Nothing (no value) when there is nothing to tell: an appointment that was cancelled before anybody heard of it.
/// `known` empty: nobody heard of it yet. `moved`: time or place are not those that are known.
std::optional<Progress> progress(std::optional<Stage> known, Presence now, bool moved);

}  // namespace relais::rdvsp
