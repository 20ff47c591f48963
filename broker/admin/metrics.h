// The figures of the broker as Prometheus metrics. The catalogue is in docs/metrics.md.
#pragma once

#include <string>

#include "broker/admin/history.h"
#include "broker/admin/sources.h"

namespace relais::admin {

/// Prometheus text format 0.0.4. Labels are institution ids and refusal codes, never anything about a person.
std::string metrics_text(const Sources& sources, const History& history);

}  // namespace relais::admin
