#include "adapters/http/caretaker.h"

#include <chrono>

#include "broker/base/log.h"

namespace relais::http {

namespace {

constexpr std::chrono::hours kForgetEvery{1};
// on_refused() is called just before the refusal is among Adapter::refused(); a look at none costs a seek.
constexpr std::chrono::seconds kLookForRefusedEvery{1};

void tell(const char* what, const Charge& charge, const base::Status& said) {
  if (!said) base::log_warning(what, {{"institution", charge.institution}, {"code", said.refusal().name()}});
}

}  // namespace

void Caretaker::start(std::vector<Charge> charges) {
  charges_ = std::move(charges);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Caretaker::run(const std::stop_token& stop) {
  std::chrono::steady_clock::time_point forget_at;
  while (!stop.stop_requested()) {
    for (const auto& charge : charges_) tell("refusals wait", charge, charge.take_refused());
    if (const auto now = std::chrono::steady_clock::now(); now >= forget_at) {
      forget_at = now + kForgetEvery;
      for (const auto& charge : charges_) tell("old notes stay", charge, charge.forget_old());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kLookForRefusedEvery, [] { return false; });
  }
}

}  // namespace relais::http
