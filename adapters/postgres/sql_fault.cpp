#include "adapters/postgres/sql_fault.h"

#include <algorithm>
#include <array>

namespace relais::postgres {

namespace {

constexpr std::string_view kFact = "sqlstate";

struct Rule {
  std::string_view prefix;
  SqlFault fault;
};

// Appendix A of PostgreSQL's manual; the first prefix that fits decides. Whatever is not listed asks for a person.
constexpr std::array kRules = {
    Rule{"08", SqlFault::away},      // connection
    Rule{"53", SqlFault::away},      // disk full, out of memory, too many connections
    Rule{"57", SqlFault::away},      // shut down, starting, cancelled by a timeout
    Rule{"58", SqlFault::away},      // input or output of the server failed
    Rule{"XX", SqlFault::away},      // internal error
    Rule{"25006", SqlFault::away},   // read-only: a standby that was not promoted yet
    Rule{"25P03", SqlFault::away},   // idle in transaction for too long
    Rule{"40", SqlFault::again},     // serialization failure, deadlock
    Rule{"55P03", SqlFault::again},  // lock not available
    Rule{"55006", SqlFault::again},  // object in use
    Rule{"21", SqlFault::row},       // cardinality
    Rule{"22", SqlFault::row},       // data
    Rule{"23", SqlFault::row},       // integrity constraint
    Rule{"27", SqlFault::row},       // triggered data change
    Rule{"44", SqlFault::row},       // check option of a view
    Rule{"P0", SqlFault::row},       // raised by a trigger
};

}  // namespace

SqlFault classify(std::string_view sqlstate) {
  if (sqlstate.empty()) return SqlFault::away;
  const auto rule =
      std::ranges::find_if(kRules, [&](const Rule& candidate) { return sqlstate.starts_with(candidate.prefix); });
  return rule == kRules.end() ? SqlFault::setup : rule->fault;
}

base::Refusal sql_refusal(std::string_view sqlstate) {
  const std::string_view why = sqlstate.empty() ? "the database does not answer" : "the database refused a statement";
  return base::refuse(base::RefusalCode::io_failed, {},
                      {{"why", std::string(why)}, {std::string(kFact), std::string(sqlstate)}});
}

bool is_sql(const base::Refusal& refusal) {
  return std::ranges::find(refusal.facts, kFact, &std::pair<std::string, std::string>::first) != refusal.facts.end();
}

std::string_view sqlstate_of(const base::Refusal& refusal) {
  const auto fact = std::ranges::find(refusal.facts, kFact, &std::pair<std::string, std::string>::first);
  return fact == refusal.facts.end() ? std::string_view() : std::string_view(fact->second);
}

SqlFault fault_of(const base::Refusal& refusal) { return classify(sqlstate_of(refusal)); }

std::string_view reason_code(SqlFault fault) {
  switch (fault) {
    case SqlFault::away:
      return "database.unavailable";
    case SqlFault::again:
      return "database.busy";
    case SqlFault::row:
      return "database.row_refused";
    case SqlFault::setup:
      break;
  }
  return "database.setup";
}

}  // namespace relais::postgres
