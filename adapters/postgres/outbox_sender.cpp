#include "adapters/postgres/outbox_sender.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <poll.h>

#include "adapters/postgres/sql_fault.h"
#include "adapters/postgres/transaction.h"
#include "broker/base/log.h"

namespace relais::postgres {

namespace {

using base::Status;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kBatch = 64;
constexpr auto kPassOver = std::chrono::minutes(5);
constexpr auto kLookUpPatience = std::chrono::seconds(3);
constexpr auto kCleanEvery = std::chrono::hours(1);
constexpr std::string_view kOwnerNote = "owner";
constexpr std::string_view kReused = "envelope.message_id_reused";

std::int32_t random_number() {
  const auto bytes = sdk::new_id();
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return static_cast<std::int32_t>(number >> 1U) | 1;
}

sdk::Draft draft_of(Message message) {
  sdk::Draft draft;
  draft.envelope = std::move(message.envelope);
  for (auto& content : message.contents) draft.contents.push_back({content.category, std::move(content.bytes), {}});
  return draft;
}

sdk::Notes notes_of(const std::vector<sdk::Draft>& drafts) {
  std::vector<v1::Envelope> envelopes;
  for (const auto& draft : drafts) envelopes.push_back(draft.envelope);
  return Answers::sent(envelopes);
}

bool is_temporary(const base::Refusal& refusal) { return base::info(refusal.code).retry; }

}  // namespace

OutboxSender::OutboxSender(Options options, const OutboxTable& table, const RowReader& reader)
    : options_(std::move(options)), table_(table), reader_(reader), session_("outbox", options_.session) {}

OutboxSender::~OutboxSender() { stop(); }

void OutboxSender::start(sdk::Adapter& adapter) {
  adapter_ = &adapter;
  answers_ = std::make_unique<Answers>(adapter);
  owner_ = own_number();
  thread_ = std::thread([this] { run(); });
}

void OutboxSender::stop() {
  stopping_ = true;
  waker_.wake();
  if (thread_.joinable()) thread_.join();
}

// An answer that comes before start() can only be one from before a restart: the SDK starts after us.
void OutboxSender::on_receipt(const base::MessageId& message, std::uint64_t position) {
  if (answers_->keep_receipt(message, position)) waker_.wake();
}

void OutboxSender::on_refused(const base::MessageId& message, const v1::Refused& refusal) {
  if (answers_->keep_refusal(message, refusal)) waker_.wake();
}

/// The same after every restart on the same data_dir: rows taken before are then known to be ours.
std::int32_t OutboxSender::own_number() {
  std::int32_t number = 0;
  if (const auto known = adapter_->store().get(kOwnerNote))
    std::from_chars(known->data(), known->data() + known->size(), number);
  if (number != 0) return number;
  number = random_number();
  // Not kept: another number next time, and the rows are taken over from this one.
  (void)adapter_->store().put(kOwnerNote, std::to_string(number));
  return number;
}

void OutboxSender::run() {
  while (!stopping_) {
    waker_.clear();
    more_ = false;
    Connection* const connection = session_.get();
    if (connection != nullptr)
      if (auto said = turn(*connection); !said)
        base::log_warning("outbox interrupted", {{"sqlstate", sqlstate_of(said.refusal())},
                                                 {"code", said.refusal().name()},
                                                 {"field", said.refusal().field}});
    rest(connection, more_);
  }
}

/// One look at everything there is to do.
Status OutboxSender::turn(Connection& connection) {
  if (session_.generation() != generation_ || !announced_)
    if (auto said = begin_session(connection); !said) return said;
  if (steady_clock::now() >= next_watch_)
    if (auto said = watch_others(connection); !said) return said;
  if (auto said = settle(connection); !said) return said;
  if (auto said = hand_over(connection); !said) return said;
  if (auto said = take(connection); !said) return said;
  if (auto said = hand_over(connection); !said) return said;
  return clean(connection);
}

void OutboxSender::rest(Connection* connection, bool more) {
  if (more || stopping_) return;
  if (connection != nullptr && connection->alive()) {
    (void)connection->wait_for_notification(waker_.descriptor(), options_.poll_interval);
    return;
  }
  const auto pause = std::clamp(session_.pause_left(), milliseconds(10), options_.poll_interval);
  pollfd source{waker_.descriptor(), POLLIN, 0};
  ::poll(&source, 1, static_cast<int>(pause.count()));
}

Status OutboxSender::begin_session(Connection& connection) {
  const bool is_new = session_.generation() != generation_;
  const auto announced = table_.become(owner_, connection);
  if (!announced) return announced.refusal();
  announced_ = *announced;
  if (!is_new) return base::Done{};
  // A COMMIT whose answer was lost may have taken rows that we do not know of.
  if (auto said = resume(connection); !said) return said;
  generation_ = session_.generation();
  return base::Done{};
}

Status OutboxSender::watch_others(Connection& connection) {
  const auto silent = table_.silent_owners(connection);
  if (!silent) return silent.refusal();
  const auto now = steady_clock::now();
  std::map<std::int32_t, Deadline> since;
  abandoned_.clear();
  for (const auto owner : *silent) {
    if (owner == owner_) continue;
    const auto known = silent_since_.find(owner);
    const auto first = known == silent_since_.end() ? now : known->second;
    since.emplace(owner, first);
    if (now - first >= options_.take_over_after) abandoned_.push_back(owner);
  }
  silent_since_ = std::move(since);
  std::erase_if(passed_over_, [&](const auto& entry) { return entry.second <= now; });
  unwritable_.clear();
  next_watch_ = now + options_.poll_interval;
  return base::Done{};
}

/// Rows that are ours and that the SDK does not have: taken just before a crash, and not by another adapter since.
Status OutboxSender::resume(Connection& connection) {
  const auto rows = table_.taken_by(owner_, connection);
  if (!rows) return rows.refusal();
  in_hand_.clear();
  in_flight_.clear();
  for (const auto& row : *rows) {
    const auto message_id = table_.message_id_of(row);
    if (answers_->has(message_id)) {
      in_flight_.insert(message_id);
      continue;
    }
    Transaction transaction(connection);
    if (auto said = transaction.begin(); !said) return said;
    auto taken = prepare(row, connection);
    if (!taken) {
      if (!is_sql(taken.refusal()) || fault_of(taken.refusal()) == SqlFault::away) return taken.refusal();
      if (fault_of(taken.refusal()) != SqlFault::again)
        base::log_error("row not resumed", {{"sqlstate", sqlstate_of(taken.refusal())}});
      continue;
    }
    if (auto said = transaction.commit(); !said) return said;
    if (*taken) in_hand_.push_back(std::move(**taken));
  }
  return base::Done{};
}

Status OutboxSender::take(Connection& connection) {
  // Without a definition of the network nothing can be sealed; another adapter may have one.
  if (!in_hand_.empty() || in_flight_.size() >= options_.in_flight_max || !adapter_->network()) return base::Done{};
  auto said = with_attempts<base::Done>([&] { return take_some(kBatch, connection); });
  if (said || present_key_.empty() || !is_sql(said.refusal()) || fault_of(said.refusal()) == SqlFault::away)
    return said;
  // One row of the batch can not be taken: the others go without it.
  pass_over(said.refusal());
  return base::Done{};
}

void OutboxSender::pass_over(const base::Refusal& refusal) {
  base::log_error("row passed over", {{"table", table_.settings().table}, {"sqlstate", sqlstate_of(refusal)}});
  passed_over_[present_key_] = steady_clock::now() + kPassOver;
  more_ = true;
}

Status OutboxSender::take_some(int most, Connection& connection) {
  std::vector<std::string> skipped;
  for (const auto& [key, until] : passed_over_) skipped.push_back(key);
  present_key_.clear();
  in_hand_.clear();
  Transaction transaction(connection);
  if (auto said = transaction.begin(); !said) return said;
  const auto rows = table_.candidates(abandoned_, skipped, most, connection);
  if (!rows) return rows.refusal();
  for (const auto& row : *rows) {
    present_key_ = table_.key_of(row);
    auto taken = prepare(row, connection);
    if (!taken) {
      in_hand_.clear();
      return taken.refusal();
    }
    if (*taken) in_hand_.push_back(std::move(**taken));
  }
  present_key_.clear();
  if (auto said = transaction.commit(); !said) {
    in_hand_.clear();
    return said;
  }
  more_ = more_ || static_cast<int>(rows->size()) == most;
  return base::Done{};
}

/// Empty: the row is settled already, because it can not become a message or stands for none.
base::Result<std::optional<OutboxSender::Taken>> OutboxSender::prepare(const mapping::SqlRow& row,
                                                                       Connection& connection) {
  auto message_id = table_.message_id_of(row);
  if (message_id.empty()) message_id = sdk::new_id();
  v1::Refused refused;
  auto messages = messages_of(row, message_id, connection, refused);
  if (!messages) return messages.refusal();
  if (!refused.code().empty()) {
    if (auto said = table_.refuse(row, refused, connection); !said) return said.refusal();
    return std::optional<Taken>();
  }
  if (messages->empty()) {
    if (auto said = table_.skip(row, connection); !said) return said.refusal();
    return std::optional<Taken>();
  }
  Taken taken{message_id, {}};
  RowIds ids{message_id, messages->front().envelope.referral_id(), messages->front().envelope.case_id(), {}};
  for (auto& message : *messages) {
    if (ids.appointment_id.empty()) ids.appointment_id = message.envelope.appointment_id();
    taken.drafts.push_back(draft_of(std::move(message)));
  }
  if (auto said = table_.take(row, owner_, ids, connection); !said) return said.refusal();
  return std::optional(std::move(taken));
}

/// `refused` says why the row can not become messages.
base::Result<std::vector<Message>> OutboxSender::messages_of(const mapping::SqlRow& row, const std::string& message_id,
                                                             Connection& connection, v1::Refused& refused) {
  auto reading = reader_.read(row);
  if (!reading) return reading.refusal();
  if (auto* const why = std::get_if<v1::Refused>(&*reading)) {
    refused = std::move(*why);
    return std::vector<Message>();
  }
  auto messages = std::move(std::get<std::vector<Message>>(*reading));
  // All messages of a row or none: what the book learnt of the first goes with the refusal of the second.
  const bool several = messages.size() > 1;
  if (several)
    if (auto said = connection.run_script("SAVEPOINT row"); !said) return said.refusal();
  for (std::size_t place = 0; place < messages.size(); ++place) {
    const auto id = place == 0 ? message_id : derived_id("part " + std::to_string(place), message_id);
    const auto said = reader_.complete(messages[place], row, id, connection);
    if (said) continue;
    if (is_sql(said.refusal())) return said.refusal();
    refused = said.refusal().to_wire(id);
    if (several)
      if (auto undone = connection.run_script("ROLLBACK TO SAVEPOINT row"); !undone) return undone.refusal();
    return std::vector<Message>();
  }
  return messages;
}

/// Rows in hand to the SDK. What it can not take now stays in hand.
Status OutboxSender::hand_over(Connection& connection) {
  if (in_hand_.empty()) return base::Done{};
  std::vector<sdk::Draft> drafts;
  sdk::Notes notes;
  for (const auto& row : in_hand_) {
    drafts.insert(drafts.end(), row.drafts.begin(), row.drafts.end());
    std::ranges::move(notes_of(row.drafts), std::back_inserter(notes));
  }
  std::vector<std::string> submitted;
  const auto went_out = [&](const Taken& row) {
    submitted.push_back(row.message_id);
    in_flight_.insert(row.message_id);
  };
  const auto all = adapter_->submit(drafts, notes);
  if (!all && is_temporary(all.refusal())) {
    base::log_warning("rows wait", {{"rows", in_hand_.size()}, {"code", all.refusal().name()}});
    return base::Done{};
  }
  while (!in_hand_.empty()) {
    const auto& row = in_hand_.front();
    if (!all) {
      // One of them is at fault: each goes alone.
      const auto went = hand_over(row, connection);
      if (!went) return went.refusal();
      if (*went) went_out(row);
    } else {
      went_out(row);
    }
    in_hand_.erase(in_hand_.begin());
  }
  return submitted.empty() ? base::Done{} : table_.mark_submitted(submitted, connection);
}

/// False: it was refused for good, and the row says so. A refusal that may pass is the answer's refusal.
base::Result<bool> OutboxSender::hand_over(const Taken& row, Connection& connection) {
  const auto went = adapter_->submit(row.drafts, notes_of(row.drafts));
  if (went) return true;
  if (is_temporary(went.refusal())) return went.refusal();
  AnsweredRow ended{row.message_id, {}};
  for (const auto& draft : row.drafts)
    ended.messages.push_back({draft.envelope.message_id(), draft.envelope, 0, went.refusal().to_wire(row.message_id)});
  if (auto said = write_end(ended, connection); !said) return said.refusal();
  return false;
}

Status OutboxSender::settle(Connection& connection) {
  auto rows = answers_->complete(kBatch, unwritable_);
  for (auto& row : rows) {
    const auto written = settle_row(row, connection);
    if (!written) {
      if (!is_sql(written.refusal()) || fault_of(written.refusal()) == SqlFault::away) return written.refusal();
      base::log_error("row not settled",
                      {{"table", table_.settings().table}, {"sqlstate", sqlstate_of(written.refusal())}});
      unwritable_.insert(row.message_id);
    } else if (!*written) {
      unwritable_.insert(row.message_id);
    }
  }
  more_ = more_ || rows.size() == kBatch;
  return base::Done{};
}

/// False: the broker did not say yet what a reused message id stands for.
base::Result<bool> OutboxSender::settle_row(AnsweredRow& row, Connection& connection) {
  for (auto& answer : row.messages)
    if (answer.refused && answer.refused->code() == kReused && !look_up_reused(answer)) return false;
  const auto written = with_attempts<base::Done>([&] { return write_end(row, connection); });
  if (!written) return written.refusal();
  if (auto said = answers_->forget(row); !said) return said.refusal();
  for (const auto& answer : row.messages)
    if (const auto id = base::MessageId::from_bytes(answer.message_id); answer.refused && id)
      (void)adapter_->forget_refused(*id);  // a person sees it in the row
  in_flight_.erase(row.message_id);
  more_ = true;  // the next row of its referral may go
  return true;
}

/// Another adapter sent the row before us, sealed otherwise: the message is there, and this is its position.
bool OutboxSender::look_up_reused(Answer& answer) {
  const auto view = adapter_->message(answer.message_id, kLookUpPatience);
  if (!view) return !is_temporary(view.refusal());  // unknown there: the refusal stands
  answer.position = view->position();
  answer.refused.reset();
  return true;
}

/// One transaction: the row's end, and what the book knows by it.
Status OutboxSender::write_end(const AnsweredRow& row, Connection& connection) {
  Transaction transaction(connection);
  if (auto said = transaction.begin(); !said) return said;
  Book book(connection);
  const v1::Refused* refused = nullptr;
  for (const auto& answer : row.messages) {
    if (refused == nullptr && answer.refused) refused = &*answer.refused;
    if (!options_.keeps_book) continue;
    const Passage passage{answer.envelope.sender(), false, answer.position, options_.automatic_receipts};
    const auto said = answer.refused ? book.withdraw(answer.envelope) : book.record(answer.envelope, passage);
    if (!said) return said;
  }
  const auto said = refused == nullptr
                        ? table_.settle_accepted(row.message_id, row.messages.back().position, connection)
                        : table_.settle_refused(row.message_id, *refused, connection);
  if (!said) return said;
  return transaction.commit();
}

// Ids are needed as long as a delivery may come again; the broker takes no envelope older than 90 days.
Status OutboxSender::clean(Connection& connection) {
  if (!options_.keeps_book || steady_clock::now() < next_clean_) return base::Done{};
  next_clean_ = steady_clock::now() + kCleanEvery;
  const auto said = connection.run("DELETE FROM relais.seen_message WHERE seen_at < now() - interval '400 days'");
  if (!said) return said.refusal();
  return base::Done{};
}

}  // namespace relais::postgres
