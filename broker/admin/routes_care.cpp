// What keeps a broker well: backups of its store, and files without what was erased.
#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

using base::Result;
using nlohmann::json;

/// Journaled first, so that the copy tells of itself. Answers when the copy is on the disk.
Result<json> make_backup(const Sources& sources, const Request& request) {
  Fields given(request.body);
  const core::Operator by{given.text("operator"), given.text("reason")};
  const auto folder = given.text("folder");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (folder.empty()) return base::refuse(base::RefusalCode::input_invalid, "folder", {{"why", "it is missing"}});
  const auto noted = act(sources, core::NoteAction{by, "backup.create"});
  if (!noted) return noted.refusal();
  const auto made = sources.back_up(folder);
  if (!made) return made.refusal();
  return json{{"number", made->number},
              {"made_at", iso_time(made->made)},
              {"bytes", made->bytes},
              {"files", made->files},
              {"position", made->position}};
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
  return {{"POST", "/api/v1/backups", [&](const Request& request) { return make_backup(sources, request); }},
          {"POST", "/api/v1/contents/purge", [&](const Request& request) { return purge(sources, request); }}};
}

}  // namespace relais::admin
