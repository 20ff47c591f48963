// proto/README.md is the contract: its tables are those of the code. To write them anew: RELAIS_GOLDEN=record, then
// read the diff.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "broker/base/refusal_code.h"
#include "broker/core/appointment_moves.h"
#include "broker/core/message_kinds.h"
#include "broker/core/referral_moves.h"
#include "relais_paths.h"

namespace relais {
namespace {

constexpr const char* kReadme = RELAIS_SOURCE "/proto/README.md";

std::string readme() {
  std::ifstream file(kReadme, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// What stands between the marks of `name` in the page, compared or recorded.
void expect_in_readme(std::string_view name, const std::string& table) {
  const auto text = readme();
  const auto begin_mark = fmt::format("<!-- generated: {} -->\n", name);
  const auto marked = text.find(begin_mark);
  ASSERT_NE(marked, std::string::npos) << begin_mark;
  const auto begin = marked + begin_mark.size();
  const auto end = text.find("<!-- end -->", begin);
  ASSERT_NE(end, std::string::npos) << name;
  const char* const mode = std::getenv("RELAIS_GOLDEN");
  if (mode != nullptr && std::string_view(mode) == "record") {
    std::ofstream(kReadme, std::ios::binary) << text.substr(0, begin) << table << text.substr(end);
    return;
  }
  EXPECT_EQ(text.substr(begin, end - begin), table);
}

std::string_view speaker_name(core::Speaker speaker) {
  switch (speaker) {
    case core::Speaker::sender:
      return "sender";
    case core::Speaker::recipient:
      return "recipient";
    case core::Speaker::either:
      return "either";
    case core::Speaker::participant:
      return "participant";
    case core::Speaker::lead:
      return "lead";
    case core::Speaker::broker:
      return "broker, at the deadline";
  }
  return "";
}

template <class Status>
std::string marked(Status status) {
  return fmt::format("{}{}", core::status_name(status), core::is_terminal(status) ? " •" : "");
}

/// One row for each message and each state that it leads to, in the order of the table of moves.
template <class Moves>
std::string moves_table(const Moves& moves) {
  std::string table;
  std::vector<std::pair<core::Body, int>> shown;
  for (const auto& move : moves) {
    if (std::ranges::find(shown, std::pair(move.message, static_cast<int>(move.to))) != shown.end()) continue;
    shown.emplace_back(move.message, static_cast<int>(move.to));
    std::vector<std::string_view> from;
    for (const auto& other : moves)
      if (other.message == move.message && other.to == move.to) from.push_back(core::status_name(other.from));
    const auto& kind = core::kind_of(move.message);
    table += fmt::format("| `{}` | {} | {} | {} |\n", kind.name, speaker_name(kind.speaker), fmt::join(from, ", "),
                         marked(move.to));
  }
  return table;
}

TEST(ProtocolReadme, shows_the_life_of_a_referral_as_the_broker_knows_it) {
  expect_in_readme("referral moves",
                   "| message | from | allowed in | leads to |\n|---|---|---|---|\n"
                   "| `referral_requested` | sender | – | requested |\n" +
                       moves_table(core::kReferralMoves));
}

TEST(ProtocolReadme, shows_the_life_of_an_appointment_as_the_broker_knows_it) {
  expect_in_readme("appointment moves", "| message | from | allowed in | leads to |\n|---|---|---|---|\n" +
                                            moves_table(core::kAppointmentMoves));
}

TEST(ProtocolReadme, names_every_refusal) {
  std::string table = "| code | retry | English | French |\n|---|---|---|---|\n";
  std::vector<const base::RefusalInfo*> rows;
  for (const auto& row : base::refusal_catalogue()) rows.push_back(&row);
  std::ranges::sort(rows, {}, &base::RefusalInfo::name);
  for (const auto* row : rows)
    table += fmt::format("| `{}` | {} | {} | {} |\n", row->name, row->retry ? "yes" : "no", row->english, row->french);
  expect_in_readme("refusals", table);
}

TEST(ProtocolReadme, names_every_kind_of_message) {
  const auto text = readme();
  for (const auto& kind : core::message_kinds())
    EXPECT_NE(text.find(fmt::format("`{}`", kind.name)), std::string::npos) << kind.name;
}

}  // namespace
}  // namespace relais
