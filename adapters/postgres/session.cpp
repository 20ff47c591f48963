#include "adapters/postgres/session.h"

#include <algorithm>

#include "adapters/postgres/schema.h"
#include "adapters/postgres/sql_fault.h"
#include "broker/base/log.h"

namespace relais::postgres {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Session::Session(std::string what, Options options)
    : what_(std::move(what)), options_(std::move(options)), pause_(options_.pause_first) {}

milliseconds Session::pause_left() const {
  const auto left = std::chrono::duration_cast<milliseconds>(next_try_ - steady_clock::now());
  return std::max(left, milliseconds(0));
}

Connection* Session::get() {
  if (connection_ && connection_->alive()) return &*connection_;
  connection_.reset();
  if (pause_left().count() > 0) return nullptr;
  auto opened = Connection::open(options_.connection);
  if (!opened) {
    failed(opened.refusal());
    return nullptr;
  }
  if (options_.needs_schema)
    if (auto said = check_schema(*opened); !said) {
      failed(said.refusal());
      return nullptr;
    }
  connection_ = std::move(*opened);
  pause_ = options_.pause_first;
  ++generation_;
  if (away_ || generation_ == 1) base::log_info("database connected", {{"session", what_}});
  away_ = false;
  return &*connection_;
}

// The sentence of a failure to connect names host, port, role and database; there is no row yet.
void Session::failed(const base::Refusal& refusal) {
  if (!away_) base::log_error("database away", {{"session", what_}, {"why", refusal.english()}});
  away_ = true;
  next_try_ = steady_clock::now() + pause_;
  pause_ = std::min(pause_ * 2, options_.pause_most);
}

}  // namespace relais::postgres
