// A value or the reason why there is none.
#pragma once

#include <utility>
#include <variant>

#include "broker/base/check.h"
#include "broker/base/refusal.h"

namespace relais::base {

/// Expected failures travel as values. Reading the side that is not there is a bug and stops the process.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Result(Refusal refusal) : held_(std::in_place_index<1>, std::move(refusal)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    check(ok(), "value of a refused result");
    return std::get<0>(held_);
  }
  [[nodiscard]] T& value() & {
    check(ok(), "value of a refused result");
    return std::get<0>(held_);
  }
  [[nodiscard]] T&& value() && {
    check(ok(), "value of a refused result");
    return std::get<0>(std::move(held_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  [[nodiscard]] const Refusal& refusal() const {
    check(!ok(), "refusal of a good result");
    return std::get<1>(held_);
  }

 private:
  std::variant<T, Refusal> held_;
};

struct Done {};

/// For functions that answer nothing but success.
using Status = Result<Done>;

}  // namespace relais::base
