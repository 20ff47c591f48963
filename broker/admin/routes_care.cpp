// What keeps a broker well: backups of its store, made, listed and verified, and files without what was erased.
#include <atomic>
#include <charconv>
#include <memory>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/turn.h"

namespace relais::admin {

namespace {

using base::Result;
using nlohmann::json;

json backup_json(const BackupMade& backup) {
  return {{"number", backup.number},
          {"made_at", iso_time(backup.made)},
          {"bytes", backup.bytes},
          {"files", backup.files},
          {"position", backup.position}};
}

base::Refusal missing(const char* field) {
  return base::refuse(base::RefusalCode::input_invalid, field, {{"why", "it is missing"}});
}

/// Journaled first, so that the copy tells of itself. Answers when the copy is on the disk.
Result<json> make_backup(const Sources& sources, const Request& request) {
  Fields given(request.body);
  const core::Operator by{given.text("operator"), given.text("reason")};
  const auto folder = given.text("folder");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (folder.empty()) return missing("folder");
  const auto noted = act(sources, core::NoteAction{by, "backup.create"});
  if (!noted) return noted.refusal();
  const auto made = sources.back_up(folder);
  if (!made) return made.refusal();
  return backup_json(*made);
}

Result<json> backups(const Sources& sources, const Request& request) {
  Parameters given(request);
  const auto folder = given.text("folder");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (folder.empty()) return missing("folder");
  const auto found = sources.backups(folder);
  if (!found) return found.refusal();
  json list = json::array();
  for (const auto& kept : *found) {
    auto shown = kept.whole ? backup_json(*kept.whole) : json{{"number", kept.number}};
    shown["damaged"] = !kept.whole;
    list.push_back(std::move(shown));
  }
  return json{{"backups", list}};
}

/// Each holds a thread of the server until all of a backup is read.
constexpr int kVerifiedTogetherMost = 2;

Result<json> verified_backup(const Sources& sources, const Request& request, std::atomic<int>& reading) {
  Parameters given(request);
  const auto folder = given.text("folder");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (folder.empty()) return missing("folder");
  const auto& text = request.path[0];
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0)
    return base::refuse(base::RefusalCode::input_invalid, "number", {{"why", "a whole number from 1 on"}});
  const base::Turn turn(reading, kVerifiedTogetherMost);
  if (!turn.granted()) return base::refuse(base::RefusalCode::broker_overloaded);
  const auto verified = sources.verify_backup(folder, number);
  if (!verified) return verified.refusal();
  auto answer = backup_json(verified->backup);
  answer["records"] = verified->records;
  answer["chain_hash"] = verified->chain_hash;
  return answer;
}

/// Answers when no file holds what was erased before.
Result<json> purge(const Sources& sources, const Request& request) {
  Fields given(request.body);
  const core::Operator by{given.text("operator"), given.text("reason")};
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto noted = act(sources, core::NoteAction{by, "contents.purge"});
  if (!noted) return noted.refusal();
  if (const auto said = sources.purge_erased(); !said) return said.refusal();
  return json{{"purged", true}};
}

}  // namespace

std::vector<Route> care_routes(const Sources& sources) {
  const auto reading = std::make_shared<std::atomic<int>>(0);
  return {{"GET", "/api/v1/backups", [&](const Request& request) { return backups(sources, request); }},
          {"POST", "/api/v1/backups", [&](const Request& request) { return make_backup(sources, request); }},
          {"GET", "/api/v1/backups/{number}",
           [&sources, reading](const Request& request) { return verified_backup(sources, request, *reading); }},
          {"POST", "/api/v1/contents/purge", [&](const Request& request) { return purge(sources, request); }}};
}

}  // namespace relais::admin
