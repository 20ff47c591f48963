// How many deliveries we are ready to hold, told to the broker in good time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// What is granted and what is in hand together never exceed the limits, but for one message that overdraws the bytes.
class Credit {
 public:
  Credit(std::uint32_t messages_max, std::uint64_t bytes_max) : messages_max_(messages_max), bytes_max_(bytes_max) {}

  /// A new session begins without credit. What is still in hand from the last one is not settled any more.
  void session_opened(const v1::Welcome& welcome) {
    messages_ = std::min(messages_max_, welcome.credit_messages_max());
    bytes_ = std::min<std::uint64_t>(bytes_max_, welcome.credit_bytes_max());
    left_messages_ = in_hand_messages_ = 0;
    left_bytes_ = in_hand_bytes_ = 0;
  }

  void delivered(std::uint64_t bytes) {
    if (left_messages_ > 0) --left_messages_;
    left_bytes_ -= std::min(left_bytes_, bytes);
    ++in_hand_messages_;
    in_hand_bytes_ += bytes;
  }

  void settled(std::uint64_t bytes) {
    --in_hand_messages_;
    in_hand_bytes_ -= bytes;
  }

  /// What to grant now: half of the limit at once, or anything when the broker could not deliver otherwise.
  std::optional<v1::Grant> due() {
    const auto messages = missing<std::uint64_t>(messages_, left_messages_, in_hand_messages_);
    const auto bytes = missing(bytes_, left_bytes_, in_hand_bytes_);
    const bool stuck = in_hand_messages_ == 0 && (left_messages_ == 0 || left_bytes_ == 0);
    if (!stuck && messages < (messages_ + 1) / 2 && bytes < (bytes_ + 1) / 2) return std::nullopt;
    if (messages == 0 && bytes == 0) return std::nullopt;
    left_messages_ += messages;
    left_bytes_ += bytes;
    v1::Grant grant;
    grant.set_messages(static_cast<std::uint32_t>(messages));
    grant.set_bytes(bytes);
    return grant;
  }

 private:
  template <class Number>
  static Number missing(Number limit, Number left, Number in_hand) {
    return left + in_hand >= limit ? 0 : limit - left - in_hand;
  }
  const std::uint32_t messages_max_;
  const std::uint64_t bytes_max_;
  std::uint64_t messages_ = 0;  // the limits of this session
  std::uint64_t bytes_ = 0;
  std::uint64_t left_messages_ = 0;
  std::uint64_t left_bytes_ = 0;
  std::uint64_t in_hand_messages_ = 0;
  std::uint64_t in_hand_bytes_ = 0;
};

}  // namespace relais::sdk
