// What may leave the house when somebody is asked for help. Lists name what is shown; everything else is left out, so
// that a secret or a name that stands where nobody expected it stays where it is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace relais::cli {

using SupportJson = nlohmann::ordered_json;

/// The settings that are known and hold no path and no key, with their values; of all others only that they are there.
/// An unreadable file is told with the line at fault.
SupportJson safe_settings(const std::filesystem::path& file);

/// One line of the log with the fields that are known to be codes, numbers and ids; null when it is no line of ours.
SupportJson safe_log_line(std::string_view line);

/// The last `most` lines of the log; tells how many of them were not ours.
SupportJson safe_log(const std::filesystem::path& file, std::size_t most);

}  // namespace relais::cli
