#include "broker/engine/digest.h"

#include <map>

#include "broker/engine/durable_rows.h"
#include "broker/engine/durable_tables.h"

namespace relais::engine {

namespace {

using core::TableId;

class Day {
 public:
  explicit Day(const journal::Store& store) : store_(store) {}

  void take(const v1::Record& record) {
    for (const auto& event : record.events()) {
      if (event.has_referral_opened() && !event.referral_opened().exercise()) open(event.referral_opened());
      if (event.has_referral_moved()) move(event.referral_moved());
      if (event.has_referral_handed_on()) hand_on(event.referral_handed_on());
      if (event.has_appointment_moved()) meet(event.appointment_moved());
      if (event.has_message_accepted()) hear(event.message_accepted());
      if (event.has_delivery_dead()) ++lines_[event.delivery_dead().delivery().recipient()].dead_letters;
    }
  }

  std::vector<DigestLine> lines(const v1::NetworkDefinition& network) {
    std::vector<DigestLine> lines;
    for (const auto& institution : network.institutions()) {
      lines.push_back(lines_[institution.id()]);
      lines.back().institution = institution.id();
    }
    return lines;
  }

 private:
  /// As it is now: its two sides are those of the day, but for a recipient that it was handed on from since.
  std::optional<v1::ReferralRow> real(const std::string& referral_id) const {
    auto row = find_row<v1::ReferralRow>(store_, TableId::referrals, referral_id);
    if (row && row->exercise()) return std::nullopt;
    return row;
  }

  void open(const v1::ReferralOpened& opened) {
    ++lines_[opened.sender()].requested;
    ++lines_[opened.recipient()].received;
  }

  void move(const v1::ReferralMoved& moved) {
    const auto row = real(moved.referral_id());
    if (!row) return;
    if (moved.status() == v1::REFERRAL_STATUS_ACCEPTED) ++lines_[row->recipient()].accepted;
    if (moved.status() == v1::REFERRAL_STATUS_REJECTED) ++lines_[row->recipient()].rejected;
    if (moved.status() == v1::REFERRAL_STATUS_COMPLETED) ++lines_[row->recipient()].completed;
    if (moved.status() == v1::REFERRAL_STATUS_EXPIRED) ++lines_[row->sender()].expired;
  }

  void hand_on(const v1::ReferralHandedOn& handed) {
    if (!real(handed.referral_id())) return;
    ++lines_[handed.from()].handed_on;
    ++lines_[handed.to()].received;
  }

  void meet(const v1::AppointmentMoved& moved) {
    const auto row = real(moved.referral_id());
    if (!row) return;
    if (moved.status() == v1::APPOINTMENT_STATUS_BOOKED) ++lines_[row->recipient()].booked;
    if (moved.status() == v1::APPOINTMENT_STATUS_NOSHOW) ++lines_[row->recipient()].no_shows;
  }

  /// Who was accountable stands in what the broker told both sides.
  void hear(const v1::MessageAccepted& accepted) {
    const auto envelope = core::State::parse<v1::Envelope>(accepted.envelope());
    if (envelope.has_deadline_missed() && !envelope.exercise())
      ++lines_[envelope.deadline_missed().holder()].deadlines_missed;
  }

  const journal::Store& store_;
  std::map<std::string, DigestLine> lines_;
};

}  // namespace

base::Result<std::vector<DigestLine>> digest(const journal::Store& store, const Period& day) {
  DurableTables tables(store);
  const core::State state(tables);
  if (state.directory() == nullptr) return base::refuse(base::RefusalCode::network_none);
  Day counted(store);
  if (auto read = each_record(store, day, [&](const v1::Record& record) { counted.take(record); }); !read)
    return read.refusal();
  return counted.lines(state.directory()->definition());
}

}  // namespace relais::engine
