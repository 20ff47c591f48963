// A network definition as tables: who is there, what was agreed, who may send what to whom.
#pragma once

#include <string>

#include "broker/cli/report.h"

#include "relais/v1/network.pb.h"

namespace relais::cli {

/// `definition` has passed core::check_network(). `signature`: "valid", "not checked", "none".
Report network_report(const v1::NetworkDefinition& definition, const std::string& signature);

}  // namespace relais::cli
