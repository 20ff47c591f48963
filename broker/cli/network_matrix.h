// Who may be told what: every purpose, mission and category of a definition, and the rule that says no.
#pragma once

#include "broker/cli/report.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {

/// For people a document in Markdown, one table for each agreement and purpose, to be read by a lawyer; in JSON a table
/// with a row for each agreement, purpose, mission and category. By the rules that the broker enforces.
Report secrecy_matrix(const v1::NetworkDefinition& definition);

}  // namespace relais::cli
