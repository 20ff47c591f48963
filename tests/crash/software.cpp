#include "tests/crash/software.h"

#include "adapters/sdk/draft.h"
#include "broker/base/ids.h"

namespace relais::crash {

namespace {

/// The sender's part of a referral is over with one of these.
bool ends(Body body) {
  return body == kReferralRejected || body == kReferralCompleted || body == kReferralCancelled ||
         body == kReferralForwarded;
}

}  // namespace

Software::Software(std::string institution, std::vector<std::string> others)
    : institution_(std::move(institution)), others_(std::move(others)) {}

void Software::note(const Entry& entry) {
  switch (entry.event) {
    case Event::handed:
      return note_handed(entry);
    case Event::handled:
      return note_handled(entry);
    case Event::receipt:
    case Event::refused:
      answered_.insert(entry.message_id);
      return;
    case Event::sum:
      return;
  }
}

void Software::note_handed(const Entry& entry) {
  if (entry.body == kReferralRequested) {
    if (case_ids_.insert(entry.case_id).second) ++cases_;
    referrals_.try_emplace(entry.referral_id,
                           Referral{entry.case_id, way_of(entry.referral_id), Side::sender, entry.others, {}, {}});
    open_.insert(entry.referral_id);
  }
  referrals_.at(entry.referral_id).said.insert(entry.body);
  if (entry.body == kReferralCancelled) open_.erase(entry.referral_id);
  if (!entry.reply) unsubmitted_.push_back(entry);
  touched_.insert(entry.referral_id);
}

void Software::note_handled(const Entry& entry) {
  handled_.insert(entry.message_id);
  const bool requested = entry.body == kReferralRequested;
  const bool leg = entry.body == kReferralForwarded && !referrals_.contains(entry.referral_id);
  // Of the other legs of our referrals only the messages are known, and nothing is to be said.
  const Side side = requested ? Side::recipient : leg ? Side::target : Side::sender;
  const Way way = requested ? way_of(entry.referral_id) : Way::leg;
  auto& referral =
      referrals_.try_emplace(entry.referral_id, Referral{entry.case_id, way, side, entry.others, {}, {}}).first->second;
  referral.heard.insert(entry.body);
  if (referral.side == Side::sender && ends(entry.body)) open_.erase(entry.referral_id);
  if (referral.side == Side::sender && entry.body == kReferralForwarded) open_.insert(leg_of(entry.referral_id));
  touched_.insert(entry.referral_id);
}

std::vector<Entry> Software::next_case() const {
  const std::string scope = "crash " + institution_;
  const std::string number = std::to_string(cases_);
  std::vector<Entry> entries;
  const std::size_t referrals = cases_ % 3 == 0 ? std::min<std::size_t>(2, others_.size()) : 1;
  for (std::size_t i = 0; i < referrals; ++i) {
    const auto& to = others_[(cases_ + i) % others_.size()];
    const auto referral_id = sdk::named_id(scope, "referral " + number + " " + std::to_string(i));
    const Referral referral{sdk::named_id(scope, "case " + number), way_of(referral_id), Side::sender, to, {}, {}};
    entries.push_back(say(referral_id, referral, kReferralRequested, false));
  }
  return entries;
}

std::vector<Entry> Software::next_steps() {
  std::vector<Entry> entries;
  for (const auto& referral_id : touched_) {
    const auto& referral = referrals_.at(referral_id);
    auto said = referral.said;
    // The table is in the order of time, so one walk finds all steps that follow each other.
    for (const auto& step : kScript) {
      if (step.reply || step.way != referral.way || step.side != referral.side || said.contains(step.message)) continue;
      if (!said.contains(step.after) && !referral.heard.contains(step.after)) continue;
      said.insert(step.message);
      entries.push_back(say(referral_id, referral, step.message, false));
    }
  }
  touched_.clear();
  return entries;
}

std::vector<Entry> Software::replies_to(const Entry& heard) const {
  std::vector<Entry> entries;
  const auto& referral = referrals_.at(heard.referral_id);
  for (const auto body : replies(referral.way, referral.side, heard.body))
    entries.push_back(say(heard.referral_id, referral, body, true));
  return entries;
}

bool Software::was_said(const Entry& entry) const { return referrals_.at(entry.referral_id).said.contains(entry.body); }

Entry Software::say(const std::string& referral_id, const Referral& referral, Body body, bool reply) const {
  Entry entry;
  entry.event = Event::handed;
  entry.message_id = sdk::named_id("crash " + institution_, base::hex(referral_id) + " " + body_name(body));
  entry.case_id = referral.case_id;
  entry.referral_id = referral_id;
  entry.body = body;
  entry.others = referral.other;
  if (body == kReferralForwarded) entry.others += "," + others_.front();
  entry.reply = reply;
  return entry;
}

}  // namespace relais::crash
