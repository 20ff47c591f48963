// A simulated adapter with the institution's worker behind it: a durable outbox, durable marks of what was handled, and
// everything else lost when it dies.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/random.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::simulation {

constexpr std::int64_t kOneHourMs = 3'600'000;

/// What the institution knows of a referral from the messages it saw; often out of date, as in life.
struct Dossier {
  std::string case_id;
  bool mine = false;  // we sent it, or somebody for us
  std::string counterpart;
  std::vector<std::string> appointments;
  std::string purpose;
  std::string principal;  // whom we act for
};

/// Everything the checkers compare at the end.
struct Handled {
  std::string message_id;
  std::string case_id;
  std::uint64_t position = 0;
  std::uint32_t attempt = 0;
};

/// Refused because the one or the other has no part in it any more: it changed hands while the message was on its way.
struct Overtaken {
  std::string case_id;
  std::string referral_id;  // empty: a new one was asked for in the case
};

class Adapter {
 public:
  Adapter(std::string institution, Random& random) : institution_(std::move(institution)), random_(random) {}

  // ---- its side of a session ----
  void connected(std::uint64_t session);
  void disconnected();
  /// Kills the process: the session and what was in hand are gone, outbox and marks stay.
  void crash();
  [[nodiscard]] std::uint64_t session() const { return session_; }

  /// Some frame to send, if it has something to say.
  v1::AdapterFrame speak();
  /// Takes a frame of the broker in hand; work() deals with it later.
  void listen(v1::BrokerFrame frame);
  /// The worker does something: handles a delivery, decides on a referral, or asks for something new.
  void work(std::int64_t now_ms, bool calm);

  // ---- for the checkers ----
  [[nodiscard]] const std::string& institution() const { return institution_; }
  [[nodiscard]] const std::map<std::string, v1::Submit>& outbox() const { return outbox_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& receipts() const { return receipts_; }
  [[nodiscard]] const std::vector<Handled>& handled() const { return handled_; }
  [[nodiscard]] const std::set<std::string>& submitted() const { return submitted_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }
  [[nodiscard]] const std::vector<Overtaken>& overtaken() const { return overtaken_; }
  [[nodiscard]] bool idle() const { return outbox_.empty() && inbox_.empty(); }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  /// Answers the message id that it gets.
  std::string put_in_outbox(v1::Envelope envelope, std::int64_t now_ms, bool with_content);
  void take_refusal(const v1::Refused& refused);
  void handle(const v1::Deliver& delivery, std::int64_t now_ms, bool calm);
  void learn(const v1::Envelope& envelope, std::int64_t now_ms);
  void ask_for_something(std::int64_t now_ms);
  void go_on_with(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms);
  std::string some_slot();
  /// Of a case as a whole, in adapter_case.cpp.
  void speak_of_a_case(std::int64_t now_ms);
  void ask_for_a_person(std::int64_t now_ms);
  void record_consent(const std::string& case_id, bool granted, std::int64_t now_ms);
  void share_a_note(const Dossier& dossier, std::int64_t now_ms);
  void lead(const Dossier& dossier, std::int64_t now_ms);
  void announce(std::int64_t now_ms);
  void answer_for_the_case(const v1::Envelope& envelope, std::int64_t now_ms);
  Dossier* some_dossier();
  void name_successors(v1::Envelope& envelope);
  void change_slots(std::int64_t now_ms);
  void meet(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms);
  v1::Envelope about(const std::string& referral_id, const Dossier& dossier);

  const std::string institution_;
  Random& random_;
  std::uint64_t session_ = 0;

  // durable
  std::map<std::string, v1::Submit> outbox_;  // without a receipt, by message id
  std::vector<std::string> outbox_order_;
  std::set<std::string> marks_;  // message ids handled
  std::map<std::string, Dossier> dossiers_;
  // volatile
  std::deque<v1::Deliver> inbox_;
  std::set<std::string> sent_;  // in this session
  std::vector<v1::Settle> settles_;
  std::uint32_t to_grant_ = 0;

  // what happened, for the checkers
  std::set<std::string> submitted_;
  std::set<std::string> of_cases_;  // what others may have overtaken: who takes part, who leads, what was agreed to
  std::map<std::string, std::uint64_t> receipts_;
  std::map<std::string, std::uint64_t> refusals_;
  std::vector<Handled> handled_;
  std::vector<Overtaken> overtaken_;
  std::string fault_;
};

}  // namespace relais::simulation
