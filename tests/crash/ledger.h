// The institution's software, as far as a crash can tell: a file to which lines are added and never taken away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "relais/v1/envelope.pb.h"

namespace relais::crash {

using Body = v1::Envelope::BodyCase;

/// "referral_requested", ...: the name of the field in Envelope.
const std::string& body_name(Body body);
Body body_named(const std::string& name);

enum class Event {
  handed,   // the software decided to say this; written before the SDK hears of it
  receipt,  // the SDK told us that the broker has it
  refused,  // the SDK told us that the broker refused it for good
  handled,  // a message had its effect here; twice for one message is what must not happen
  sum,      // at a clean stop: how many messages the SDK's store says were handled
};

/// Ids are 16 bytes.
struct Entry {
  Event event{};
  std::string message_id;
  std::string case_id;
  std::string referral_id;
  Body body = v1::Envelope::BODY_NOT_SET;
  std::string others;        // handed: the recipients, with commas; handled: the other side; refused: the code
  std::uint64_t number = 0;  // receipt, handled: position in the journal; sum: messages
  bool reply = false;        // handed: goes to the SDK as part of a verdict, not by submit()
};

/// Threads: one at a time. A disk that refuses stops the process: the campaign can not go on without its ledger.
class Ledger {
 public:
  /// Reads what is there; cuts off a line that was being written when the process was killed.
  explicit Ledger(const std::filesystem::path& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// What the file held when it was opened, in order. Empties the list.
  std::vector<Entry> take_past() { return std::move(past_); }

  /// On the disk when it returns.
  void append(const std::vector<Entry>& entries);

 private:
  int file_ = -1;
  std::vector<Entry> past_;
};

}  // namespace relais::crash
