// Reports as JSON. Ids are text ("8-4-4-4-12"), times are ISO 8601 in UTC with milliseconds.
#pragma once

#include <nlohmann/json.hpp>

#include "broker/admin/sources.h"
#include "broker/engine/reports.h"

namespace relais::admin {

std::string iso_time(base::Instant at);

nlohmann::json to_json(const engine::QueueReport& report, base::Instant now);
nlohmann::json to_json(const engine::TraceReport& report);
nlohmann::json to_json(const engine::DeadLetterReport& report);
nlohmann::json to_json(std::string_view referral_id, const engine::Reports::Referral& report);
nlohmann::json to_json(const engine::Reports::Slots& report);
nlohmann::json to_json(const base::Refusal& refusal);
nlohmann::json status_json(const Sources& sources);

}  // namespace relais::admin
