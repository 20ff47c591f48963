#include "adapters/sdk/session.h"

#include <algorithm>
#include <poll.h>
#include <random>
#include <utility>

#include "adapters/sdk/session_connection.h"
#include "adapters/sdk/session_socket.h"
#include "broker/base/log.h"

namespace relais::sdk {

namespace {

base::Refusal no_answer() {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "no answer from the broker"}});
}

/// Between half of it and all of it, so that adapters that lost their broker together do not come back together.
std::chrono::milliseconds jittered(std::chrono::milliseconds pause, std::mt19937_64& random) {
  std::uniform_int_distribution<std::int64_t> spread(pause.count() / 2, pause.count());
  return std::chrono::milliseconds(spread(random));
}

}  // namespace

Session::Session(const AdapterConfig& config, Outbox& outbox, SessionListener& listener, Figures& figures)
    : config_(config), listener_(listener), figures_(figures), submissions_(outbox, config.times) {}

Session::~Session() { stop(); }

void Session::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Session::stop() {
  if (!thread_.joinable()) return;
  mailbox_.post([](SessionOrders& orders) { orders.stop = true; });
  thread_.join();
}

void Session::settle(std::vector<Settlement> settlements) {
  if (settlements.empty()) return;
  mailbox_.post([&](SessionOrders& orders) {
    for (auto& settlement : settlements) orders.settlements.push_back(std::move(settlement));
  });
}

void Session::routed(const std::vector<Sequence>& sequences) {
  if (sequences.empty()) return;
  mailbox_.post(
      [&](SessionOrders& orders) { orders.routed.insert(orders.routed.end(), sequences.begin(), sequences.end()); });
}

base::Result<v1::Answer> Session::ask(v1::Query query, std::chrono::milliseconds patience) {
  const auto question = std::make_shared<Question>();
  question->query = std::move(query);
  question->until = std::chrono::steady_clock::now() + patience;
  auto answer = question->answer.get_future();
  mailbox_.post([&](SessionOrders& orders) { orders.questions.push_back(question); });
  if (answer.wait_until(question->until) != std::future_status::ready) return no_answer();
  return answer.get();
}

void Session::refresh_network() {
  mailbox_.post([](SessionOrders& orders) { orders.refresh_network = true; });
}

/// False when the session is to stop.
bool Session::pause(std::chrono::milliseconds for_how_long) {
  const auto until = std::chrono::steady_clock::now() + for_how_long;
  while (true) {
    auto orders = mailbox_.take();
    for (auto& question : orders.questions) questions_.push_back(std::move(question));
    submissions_.routed(orders.routed);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(questions_, [&](const auto& question) { return question->until < now; });
    if (orders.stop) return false;
    if (now >= until) return true;
    pollfd wake{mailbox_.wake_fd(), POLLIN, 0};
    ::poll(&wake, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now).count()));
  }
}

void Session::run() {
  SocketContext context;
  std::mt19937_64 random(std::random_device{}());
  auto pause_now = config_.times.reconnect_first;
  std::string last_why;
  for (std::size_t attempt = 0;; ++attempt) {
    const auto& endpoint = config_.endpoints[attempt % config_.endpoints.size()];
    figures_.trying(endpoint);
    const auto end = SessionConnection({config_, submissions_, listener_, figures_, mailbox_, questions_, current_},
                                       context, endpoint)
                         .run();
    figures_.connected(false);
    current_ = 0;
    if (end.stopped) break;
    figures_.error(end.why);
    if (end.was_open) pause_now = config_.times.reconnect_first;
    // A broker that is away for a night is one line, not a thousand.
    if (end.was_open || end.why != last_why)
      base::log_warning("session ended", {{"endpoint", endpoint}, {"why", end.why}, {"pause_ms", pause_now.count()}});
    last_why = end.why;
    if (!pause(std::max(jittered(pause_now, random), end.not_before))) break;
    pause_now = std::min(pause_now * 2, config_.times.reconnect_most);
  }
  for (const auto& question : questions_) question->answer.set_value(no_answer());
  questions_.clear();
}

}  // namespace relais::sdk
