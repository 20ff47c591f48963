// What the institution's software knows, all of it from its ledger, and what it wants to say next.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/crash/ledger.h"
#include "tests/crash/script.h"

namespace relais::crash {

struct Referral {
  std::string case_id;
  Way way{};
  Side side{};
  std::string other;     // sender: the recipient; else: the sender
  std::set<Body> said;   // handed over here
  std::set<Body> heard;  // handled here
};

/// Threads: one at a time. Everything that happens goes through note(), also what happened before a crash.
class Software {
 public:
  /// `others`: the institutions that this one refers to, or forwards to.
  Software(std::string institution, std::vector<std::string> others);

  void note(const Entry& entry);

  [[nodiscard]] bool was_handled(const std::string& message_id) const { return handled_.contains(message_id); }

  /// To hand over by submit() and not known to be with the broker, oldest first.
  [[nodiscard]] const std::deque<Entry>& unsubmitted() const { return unsubmitted_; }
  void submitted() { unsubmitted_.pop_front(); }

  /// Opens the next case: one referral, or two in one case. To be written to the ledger, then noted.
  [[nodiscard]] std::vector<Entry> next_case() const;

  /// The messages that follow from what was said and heard since the last call. To be written, then noted.
  std::vector<Entry> next_steps();

  /// What the verdict on this message brings with it. Those that were not said before must be written and noted.
  [[nodiscard]] std::vector<Entry> replies_to(const Entry& heard) const;
  [[nodiscard]] bool was_said(const Entry& entry) const;

  /// Referrals of ours that the other side did not finish.
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  void note_handed(const Entry& entry);
  void note_handled(const Entry& entry);
  void follow(const std::string& referral_id);
  [[nodiscard]] Entry say(const std::string& referral_id, const Referral& referral, Body body, bool reply) const;

  const std::string institution_;
  const std::vector<std::string> others_;
  std::map<std::string, Referral> referrals_;
  std::unordered_set<std::string> handled_;
  std::unordered_set<std::string> answered_;  // receipt or refusal
  std::deque<Entry> unsubmitted_;
  std::set<std::string> touched_;
  std::set<std::string> open_;
  std::uint64_t cases_ = 0;
  std::set<std::string> case_ids_;
};

}  // namespace relais::crash
