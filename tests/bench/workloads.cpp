#include "tests/bench/workloads.h"

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <vector>
#include <zmq.h>

#include "tests/bench/client.h"
#include "tests/bench/consumer.h"
#include "tests/bench/figures.h"
#include "tests/bench/messages.h"

namespace relais::bench {

namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::int64_t kGiveUpNs = 20'000'000'000;  // nothing for 20 s: something is lost

struct Context {
  Context() : zmq(zmq_ctx_new()) {}
  ~Context() { zmq_ctx_term(zmq); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  void* zmq;
};

std::uint32_t new_run() {
  std::uint32_t run = 0;
  const auto bytes = base::random_bytes(sizeof run);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&run));
  return run & 0x3FFFFFFF;
}

/// Which messages came, and how many came again.
class Seen {
 public:
  bool first(const Stamp& stamp) {
    const std::lock_guard lock(mutex_);
    auto& seen = seen_[std::uint64_t{stamp.run} << 32 | stamp.producer];
    if (stamp.number >= seen.size()) seen.resize(std::max<std::size_t>(stamp.number + 1, 2 * seen.size()));
    if (seen[stamp.number]) {
      ++repeats_;
      return false;
    }
    seen[stamp.number] = true;
    return true;
  }
  [[nodiscard]] std::uint64_t repeats() const { return repeats_; }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<bool>> seen_;
  std::uint64_t repeats_ = 0;
};

void check_refusals(const v1::BrokerFrame& frame) {
  if (!frame.refusals().empty()) throw std::runtime_error("refused: " + frame.refusals(0).code());
}

/// When each message was handed to the socket, for the consumers of the same process.
struct Sent {
  explicit Sent(std::size_t count) : at(count) {}
  std::vector<std::atomic<std::int64_t>> at;
};

/// How many messages a producer may have sent by now, when all together keep to a rate.
class Pace {
 public:
  Pace(const Options& options, std::int64_t start)
      : start_(start), per_ns_(options.rate / 1e9 / std::max(1, options.producers)) {}
  [[nodiscard]] std::uint64_t allowed(std::int64_t now) const {
    if (per_ns_ <= 0) return std::numeric_limits<std::uint64_t>::max();
    return 1 + static_cast<std::uint64_t>(static_cast<double>(now - start_) * per_ns_);
  }

 private:
  std::int64_t start_;
  double per_ns_;
};

/// Publishes the prepared messages with at most `window` outstanding, until `stop_at`; answers how many were confirmed.
std::uint64_t publish(Client& client, const Options& options, std::vector<v1::Submit>& messages, Sent& sent_at,
                      std::int64_t stop_at) {
  const Pace pace(options, now_ns());
  constexpr std::chrono::milliseconds kTick{1};
  std::uint64_t sent = 0;
  std::uint64_t confirmed = 0;
  while (true) {
    const bool more = sent < messages.size() && now_ns() < stop_at;
    const auto until = std::min<std::uint64_t>(messages.size(), pace.allowed(now_ns()));
    while (more && sent < until && sent - confirmed < options.window) {
      v1::AdapterFrame frame;
      const auto now = now_ns();
      const auto room = std::min<std::uint64_t>({options.frame, options.window - (sent - confirmed), until - sent});
      for (std::uint64_t i = 0; i < room; ++i, ++sent) {
        sent_at.at[sent].store(now, std::memory_order_relaxed);
        *frame.add_submits() = std::move(messages[sent]);
      }
      client.send(std::move(frame));
    }
    if (sent == confirmed) {
      if (!more) return confirmed;
      std::this_thread::sleep_for(kTick);
      continue;
    }
    const bool early = more && sent < messages.size() && sent - confirmed < options.window;  // waits for its next turn
    auto frame = client.receive(early ? kTick : kPatience);
    if (!frame && !early) throw std::runtime_error("no receipt for 10 s");
    for (; frame; frame = client.receive(std::chrono::milliseconds(0))) {
      check_refusals(*frame);
      confirmed += static_cast<std::uint64_t>(frame->receipts_size());
    }
  }
}

struct Flow {
  explicit Flow(const Options& given) : options(given) {}

  const Options& options;
  const std::uint32_t run = new_run();
  std::vector<std::vector<v1::Submit>> messages;
  std::vector<std::unique_ptr<Sent>> sent;
  Seen seen;
  std::atomic<std::uint64_t> confirmed{0}, consumed{0};
  std::atomic<std::int64_t> last_confirm{0}, last_consume{0};
  std::atomic<int> producing{0};
  std::mutex mutex;
  Samples end_to_end;
  std::string fault;

  void failed(const std::exception& why) {
    const std::lock_guard lock(mutex);
    fault = why.what();
  }

  void consume(Consumer& consumer, bool produce) {
    Samples mine;
    std::int64_t last = now_ns();
    while (true) {
      std::uint64_t fresh = 0;
      consumer.receive(std::chrono::milliseconds(50), [&](const Stamp& stamp) {
        if (!seen.first(stamp)) return;
        ++fresh;
        if (stamp.run == run && stamp.producer < sent.size())
          mine.add(now_ns() - sent[stamp.producer]->at[stamp.number].load(std::memory_order_relaxed));
      });
      if (fresh != 0) {
        consumed += fresh;
        last = now_ns();
      }
      if (produce ? producing == 0 && consumed >= confirmed : consumed >= options.count) break;
      if (producing == 0 && now_ns() - last > kGiveUpNs) break;
    }
    consumer.settle();
    const std::lock_guard lock(mutex);
    last_consume = std::max(last_consume.load(), now_ns());
    end_to_end.merge(mine);
  }
};

/// Seals and signs on all cores before the clock starts.
void prepare(Flow& flow) {
  const auto& options = flow.options;
  const auto each = options.count / static_cast<std::uint64_t>(options.producers);
  flow.messages.resize(static_cast<std::size_t>(options.producers));
  for (int i = 0; i < options.producers; ++i) flow.sent.push_back(std::make_unique<Sent>(each));
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t)
    threads.emplace_back([&] {
      for (int i = next++; i < options.producers; i = next++)
        flow.messages[static_cast<std::size_t>(i)] = prepare_messages(options, flow.run, i, each);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

void run_setup(const Options& options) { World(options.data).apply_network(); }

void run_flow(const Options& options, bool produce, bool consume) {
  Flow flow(options);
  if (produce) prepare(flow);
  Context context;
  std::vector<std::unique_ptr<Client>> producers;
  std::vector<std::unique_ptr<Consumer>> consumers;
  for (int i = 0; produce && i < options.producers; ++i)
    producers.push_back(std::make_unique<Client>(context.zmq, options, World::producer(i), kPatience));
  const double broker_cpu = process_cpu_seconds(options.broker_pid);
  const double own_cpu = own_cpu_seconds();
  const auto start = now_ns();
  for (int i = 0; consume && i < options.queues; ++i)
    consumers.push_back(std::make_unique<Consumer>(context.zmq, options, i, kPatience));
  flow.producing = static_cast<int>(producers.size());
  const auto stop_at = start + static_cast<std::int64_t>(options.seconds * 1e9);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < producers.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        flow.confirmed += publish(*producers[i], options, flow.messages[i], *flow.sent[i], stop_at);
      } catch (const std::exception& why) {
        flow.failed(why);
      }
      const std::lock_guard lock(flow.mutex);
      flow.last_confirm = std::max(flow.last_confirm.load(), now_ns());
      --flow.producing;
    });
  for (auto& consumer : consumers)
    threads.emplace_back([&, at = consumer.get()] {
      try {
        flow.consume(*at, produce);
      } catch (const std::exception& why) {
        flow.failed(why);
      }
    });
  for (auto& thread : threads) thread.join();
  if (!flow.fault.empty()) throw std::runtime_error(flow.fault);
  const double broker_used = process_cpu_seconds(options.broker_pid) - broker_cpu;
  const double own_used = own_cpu_seconds() - own_cpu;
  const double confirm_s = static_cast<double>(flow.last_confirm - start) / 1e9;
  const double consume_s = static_cast<double>(flow.last_consume - start) / 1e9;
  const double seconds = std::max(produce ? confirm_s : 0, consume ? consume_s : 0);
  const std::uint64_t messages = consume ? flow.consumed.load() : flow.confirmed.load();
  JsonLine line;
  line.put("messages", messages).put("seconds", seconds).put("msgs_per_s", static_cast<double>(messages) / seconds);
  if (produce)
    line.put("confirmed", flow.confirmed.load()).put("confirm_per_s", static_cast<double>(flow.confirmed) / confirm_s);
  if (consume) line.put("consumed", flow.consumed.load()).put("duplicates", flow.seen.repeats());
  if (produce && consume) line.put("e2e_p50_us", flow.end_to_end.us(.5)).put("e2e_p99_us", flow.end_to_end.us(.99));
  line.put("broker_cpu_s", broker_used).put("client_cpu_s", own_used);
  line.put("broker_cpu_us_per_msg", broker_used * 1e6 / static_cast<double>(messages));
  line.put("client_cpu_us_per_msg", own_used * 1e6 / static_cast<double>(messages));
  if (produce && consume)
    line.put("lost", static_cast<std::int64_t>(flow.confirmed) - static_cast<std::int64_t>(flow.consumed));
  line.print();
}

void run_latency(const Options& options) {
  const auto run = new_run();
  Options one = options;
  one.queues = 1;  // every message goes to the one consumer
  auto messages = prepare_messages(one, run, 0, options.count);
  Context context;
  Client producer(context.zmq, options, World::producer(0), kPatience);
  Consumer consumer(context.zmq, options, 0, kPatience);
  Sent sent(messages.size());
  constexpr std::uint64_t kWarmUp = 50;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> received{0};
  Samples confirm, end_to_end;
  std::thread taking([&] {
    while (!stop)
      consumer.receive(std::chrono::milliseconds(20), [&](const Stamp& stamp) {
        if (stamp.run != run) return;
        if (stamp.number >= kWarmUp) end_to_end.add(now_ns() - sent.at[stamp.number].load());
        ++received;
      });
    consumer.settle();
  });
  const auto start = now_ns();
  std::uint64_t number = 0;
  for (; number < messages.size() && static_cast<double>(now_ns() - start) / 1e9 < options.seconds; ++number) {
    v1::AdapterFrame frame;
    *frame.add_submits() = std::move(messages[number]);
    const auto at = now_ns();
    sent.at[number].store(at);
    producer.send(std::move(frame));
    const auto answer = producer.receive(kPatience);
    if (!answer || answer->receipts_size() != 1) throw std::runtime_error("no receipt");
    if (number >= kWarmUp) confirm.add(now_ns() - at);
  }
  const double took = static_cast<double>(now_ns() - start) / 1e9;
  for (int i = 0; i < 500 && received < number; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  stop = true;
  taking.join();
  JsonLine()
      .put("messages", number)
      .put("received", received.load())
      .put("per_s", static_cast<double>(number) / took)
      .put("confirm_p50_us", confirm.us(.5))
      .put("confirm_p99_us", confirm.us(.99))
      .put("confirm_p999_us", confirm.us(.999))
      .put("confirm_max_us", confirm.us(1))
      .put("e2e_p50_us", end_to_end.us(.5))
      .put("e2e_p99_us", end_to_end.us(.99))
      .print();
}

void run_first(const Options& options) {
  const auto start = now_ns();
  const auto waited = [&] { return static_cast<double>(now_ns() - start) / 1e9; };
  Context context;
  while (waited() < options.seconds) {
    try {
      Consumer consumer(context.zmq, options, 0, std::chrono::milliseconds(1'000));
      while (waited() < options.seconds) {
        std::uint64_t got = 0;
        consumer.receive(std::chrono::milliseconds(20), [&](const Stamp&) { ++got; });
        if (got == 0) continue;
        const double wait = waited();
        consumer.settle();
        JsonLine().put("wait_s", wait).put("acked", got).print();
        return;
      }
    } catch (const std::exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  throw std::runtime_error("no message within the time limit");
}

}  // namespace relais::bench
