#include "adapters/postgres/connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <poll.h>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "adapters/postgres/sql_fault.h"
#include "adapters/sdk/secret_file.h"
#include "broker/base/crypto.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kGrace = seconds(1);  // the server's own timeout speaks first

// Inserts name only the columns that have a value, so there are many forms of one statement.
constexpr std::size_t kPreparedMax = 500;

void ignore_notice(void*, const PGresult*) {}

/// The first line of what libpq says while connecting: host, port, role, database; there is no row yet.
std::string first_line(const char* text) {
  std::string line(text == nullptr ? "" : text);
  line.resize(std::min(line.find('\n'), line.size()));
  return line;
}

bool is_good(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

std::string_view state_of(const PGresult* result) {
  const char* const state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : std::string_view(state);
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result) {}
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }
int Rows::size() const { return PQntuples(result_.get()); }
int Rows::columns() const { return PQnfields(result_.get()); }
std::string_view Rows::column_name(int column) const { return PQfname(result_.get(), column); }
bool Rows::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::size_t Rows::changed() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

base::Status check_conninfo(const std::string& conninfo) {
  char* ignored_text = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &ignored_text), &PQconninfoFree);
  PQfreemem(ignored_text);
  if (!options)
    return refuse(RefusalCode::config_invalid, "database.connection",
                  {{"why", "not a libpq connection string or URI"}});
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (std::string_view(option->keyword) == "password" && option->val != nullptr && *option->val != '\0')
      return refuse(RefusalCode::config_invalid, "database.connection",
                    {{"why", "a password belongs into database.password_file"}});
  return base::Done{};
}

void Connection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Connection::Connection(pg_conn* connection, seconds statement_timeout)
    : connection_(connection), statement_timeout_(statement_timeout) {}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

base::Result<Connection> Connection::open(const ConnectionSettings& settings) {
  if (auto said = check_conninfo(settings.conninfo); !said) return said.refusal();
  std::string password;
  if (!settings.password_file.empty()) {
    auto read = sdk::read_secret_line(settings.password_file);
    if (!read) return read.refusal();
    password = std::move(*read);
  }
  const std::string patience = std::to_string(settings.connect_timeout.count());
  // Later ones win over earlier ones; `dbname` is where libpq expands a connection string or URI.
  std::vector<const char*> keys = {"connect_timeout", "keepalives_idle",           "tcp_user_timeout",
                                   "dbname",          "fallback_application_name", "client_encoding"};
  std::vector<const char*> values = {patience.c_str(),  "30",  "30000", settings.conninfo.c_str(),
                                     "relais-postgres", "UTF8"};
  if (!password.empty()) {
    keys.push_back("password");
    values.push_back(password.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  Connection opened(PQconnectdbParams(keys.data(), values.data(), 1), settings.statement_timeout);
  base::wipe(password);
  pg_conn* const raw = opened.connection_.get();
  if (raw == nullptr || PQstatus(raw) != CONNECTION_OK)
    return refuse(RefusalCode::io_failed, {}, {{"why", first_line(raw == nullptr ? "" : PQerrorMessage(raw))}});
  PQsetErrorVerbosity(raw, PQERRORS_SQLSTATE);
  PQsetErrorContextVisibility(raw, PQSHOW_CONTEXT_NEVER);
  PQsetNoticeReceiver(raw, &ignore_notice, nullptr);
  PQsetnonblocking(raw, 1);
  if (auto said = opened.settle_session(); !said) return said.refusal();
  return opened;
}

// A message is acknowledged once COMMIT answers: it must then survive a crash, even where the institution's database
// trades that for speed. Times are read and written in one form; their zone stays the database's own, because the
// institution's triggers run in this session.
base::Status Connection::settle_session() {
  const auto patience = milliseconds(statement_timeout_).count();
  return run_script(fmt::format(
      "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {};"
      "SET DateStyle = 'ISO'; SET bytea_output = 'hex';"
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
      patience, patience / 2, patience * 2));
}

bool Connection::alive() const { return connection_ && PQstatus(connection_.get()) == CONNECTION_OK; }

bool Connection::in_transaction() const {
  const auto status = PQtransactionStatus(connection_.get());
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

base::Refusal Connection::lost() {
  connection_.reset();
  names_.clear();
  return sql_refusal("");
}

bool Connection::wait_for_socket(bool writable, Deadline deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd socket{PQsocket(connection_.get()), static_cast<short>(writable ? POLLIN | POLLOUT : POLLIN), 0};
  ::poll(&socket, 1, static_cast<int>(left.count()));
  return true;
}

/// Sends what libpq holds and reads until the statement is complete. A server that is silent for too long counts as
/// gone.
base::Result<Rows> Connection::answer(int sent) {
  pg_conn* const raw = connection_.get();
  if (sent != 1) return lost();
  const Deadline deadline = steady_clock::now() + statement_timeout_ + kGrace;
  for (int pending = 1; pending != 0;) {
    pending = PQflush(raw);
    if (pending < 0) return lost();
    if (pending == 0) break;
    if (!wait_for_socket(true, deadline) || PQconsumeInput(raw) != 1) return lost();
  }
  std::optional<Rows> last;
  std::optional<std::string> fault;
  for (;;) {
    while (PQisBusy(raw) != 0)
      if (!wait_for_socket(false, deadline) || PQconsumeInput(raw) != 1) return lost();
    PGresult* const result = PQgetResult(raw);
    if (result == nullptr) break;
    if (!is_good(result) && !fault) fault = state_of(result);
    last.emplace(result);
  }
  if (PQstatus(raw) != CONNECTION_OK) return lost();
  if (fault) return sql_refusal(*fault);
  if (!last) return lost();
  return std::move(*last);
}

base::Result<std::string> Connection::prepared(const std::string& statement) {
  if (const auto known = names_.find(statement); known != names_.end()) return known->second;
  if (names_.size() >= kPreparedMax) {
    if (auto said = run_script("DEALLOCATE ALL"); !said) return said.refusal();
    names_.clear();
  }
  std::string name = fmt::format("relais_{}", names_.size());
  const auto said = answer(PQsendPrepare(connection_.get(), name.c_str(), statement.c_str(), 0, nullptr));
  if (!said) return said.refusal();
  names_.emplace(statement, name);
  return name;
}

base::Result<Rows> Connection::run(const std::string& statement, std::span<const Parameter> parameters) {
  if (!alive()) return sql_refusal("");
  const auto name = prepared(statement);
  if (!name) return name.refusal();
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    // PostgreSQL's text holds no zero byte, and libpq would cut the value there without a word.
    if (parameter && parameter->find('\0') != std::string::npos) return sql_refusal("22021");
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  return answer(PQsendQueryPrepared(connection_.get(), name->c_str(), static_cast<int>(values.size()), values.data(),
                                    nullptr, nullptr, 0));
}

base::Status Connection::run_script(const std::string& script) {
  if (!alive()) return sql_refusal("");
  const auto said = answer(PQsendQuery(connection_.get(), script.c_str()));
  if (!said) return said.refusal();
  return base::Done{};
}

base::Result<bool> Connection::wait_for_notification(int wake_descriptor, milliseconds most) {
  if (!alive()) return sql_refusal("");
  pg_conn* const raw = connection_.get();
  const auto take_all = [&] {
    bool any = false;
    while (PGnotify* const notice = PQnotifies(raw)) {
      PQfreemem(notice);
      any = true;
    }
    return any;
  };
  if (take_all()) return true;  // came with the answer to a statement
  std::array<pollfd, 2> sources{pollfd{PQsocket(raw), POLLIN, 0}, pollfd{wake_descriptor, POLLIN, 0}};
  ::poll(sources.data(), wake_descriptor < 0 ? 1 : 2, static_cast<int>(most.count()));
  if (sources[0].revents == 0) return false;
  if (PQconsumeInput(raw) != 1) return lost();
  return take_all();
}

std::string quoted_name(std::string_view dotted) {
  std::string quoted = "\"";
  for (const char c : dotted) {
    if (c == '.')
      quoted += "\".\"";
    else if (c == '"')
      quoted += "\"\"";
    else
      quoted += c;
  }
  return quoted + '"';
}

}  // namespace relais::postgres
