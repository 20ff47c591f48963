// Which appointments of a referral are open, so that a row without a number of its own finds the right one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/files/file_rule.h"
#include "adapters/sdk/local_store.h"

#include "relais/v1/envelope.pb.h"

namespace relais::files {

bool is_appointment(v1::Envelope::BodyCase body);

/// Open appointments of one referral of one institution, as noted. Value type: read, change, note.
class AppointmentBook {
 public:
  static AppointmentBook read(const sdk::LocalStore& store, std::string_view institution, std::string_view referral_id);

  /// The appointment that a message without any number is about: the only open one. A message that opens one answers ""
  /// (a new one) unless it confirms the only one that is not booked yet.
  [[nodiscard]] std::variant<std::string, RuleBroken> meant_by(v1::Envelope::BodyCase body) const;

  /// A message about `appointment_id` passed, whoever sent it.
  void passed(v1::Envelope::BodyCase body, std::string_view appointment_id);

  [[nodiscard]] sdk::Note note() const;

 private:
  struct Open {
    std::string id;
    bool booked = false;
  };
  std::string key_;
  std::vector<Open> open_;
};

}  // namespace relais::files
