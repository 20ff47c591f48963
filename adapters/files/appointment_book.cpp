#include "adapters/files/appointment_book.h"

#include <algorithm>

#include "adapters/files/packing.h"
#include "broker/base/ids.h"

namespace relais::files {

namespace {

using Body = v1::Envelope::BodyCase;

bool opens(Body body) {
  return body == Body::kAppointmentProposed || body == Body::kAppointmentHeld || body == Body::kAppointmentBooked;
}

bool ends(Body body) {
  return body == Body::kAppointmentCancelled || body == Body::kAppointmentFulfilled || body == Body::kAppointmentNoShow;
}

}  // namespace

bool is_appointment(Body body) { return body >= Body::kAppointmentProposed && body <= Body::kAppointmentNoShow; }

AppointmentBook AppointmentBook::read(const sdk::LocalStore& store, std::string_view institution,
                                      std::string_view referral_id) {
  AppointmentBook book;
  book.key_ = "appointments/" + std::string(institution) + "/" + base::hex(referral_id);
  const auto noted = store.get(book.key_);
  const auto texts = noted ? unpack(*noted) : std::nullopt;
  if (!texts) return book;
  for (std::size_t i = 0; i + 2 <= texts->size(); i += 2)
    book.open_.push_back({(*texts)[i], (*texts)[i + 1] == "booked"});
  return book;
}

std::variant<std::string, RuleBroken> AppointmentBook::meant_by(Body body) const {
  if (!opens(body)) {
    if (open_.empty()) return broken("appointment.unknown");
    if (open_.size() > 1) return broken("appointment.ambiguous");
    return open_.front().id;
  }
  if (body != Body::kAppointmentBooked) return std::string();
  const auto waiting = std::ranges::count(open_, false, &Open::booked);
  if (waiting > 1) return broken("appointment.ambiguous");
  if (waiting == 0) return std::string();
  return std::ranges::find(open_, false, &Open::booked)->id;
}

void AppointmentBook::passed(Body body, std::string_view appointment_id) {
  const auto found = std::ranges::find(open_, appointment_id, &Open::id);
  if (ends(body)) {
    if (found != open_.end()) open_.erase(found);
    return;
  }
  if (!opens(body)) return;
  const bool booked = body == Body::kAppointmentBooked;
  if (found == open_.end())
    open_.push_back({std::string(appointment_id), booked});
  else if (booked)
    found->booked = true;
}

sdk::Note AppointmentBook::note() const {
  if (open_.empty()) return {key_, std::nullopt};
  Texts texts;
  for (const auto& open : open_) {
    texts.push_back(open.id);
    texts.emplace_back(open.booked ? "booked" : "waiting");
  }
  return {key_, pack(texts)};
}

}  // namespace relais::files
