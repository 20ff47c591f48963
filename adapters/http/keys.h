// Where the gateway's own notes stand in the local store, each kind under a prefix of its own.
#pragma once

#include <string>
#include <string_view>

namespace relais::http {

/// "http/KIND/INSTITUTION/". Kinds: request, message, item, content, taken, problem, webhook.
inline std::string note_prefix(std::string_view kind, std::string_view institution) {
  return "http/" + std::string(kind) + "/" + std::string(institution) + "/";
}

}  // namespace relais::http
