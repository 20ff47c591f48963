// relaisctl account.
#pragma once

#include "broker/cli/console.h"

namespace relais::cli {

void add_account_commands(CLI::App& app, Action& action);

}  // namespace relais::cli
