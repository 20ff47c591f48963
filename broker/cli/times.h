// Moments as an operator types them, as the API wants them: in UTC. What is written in UTC already ("...T...Z") is left
// to the API. All: input.invalid (field) for anything else.
#pragma once

#include <string>

#include "broker/base/result.h"

namespace relais::cli {

/// "2026-01-31 14:05", on the clocks of Paris.
base::Result<std::string> instant(const std::string& text, const char* field);

/// "2026-01-31" in Paris: its first instant, or the first after it. Empty stays so.
base::Result<std::string> first_instant(const std::string& text, const char* field);
base::Result<std::string> last_instant(const std::string& text, const char* field);

}  // namespace relais::cli
