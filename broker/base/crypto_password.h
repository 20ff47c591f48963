// People's passwords: what is kept of one (Argon2id) makes guessing dear.
#pragma once

#include <string>
#include <string_view>

namespace relais::base {

/// "$argon2id$...", with a salt of its own: 64 MiB and about a tenth of a second, each time.
std::string password_hash(std::string_view password);

/// Made by password_hash() of this release; another cost is no match.
bool is_password_hash(std::string_view text);

/// As dear as password_hash(). False when `kept` is none of ours.
bool password_matches(const std::string& kept, std::string_view password);

}  // namespace relais::base
