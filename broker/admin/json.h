// Reports as JSON. Ids are text ("8-4-4-4-12"), times are ISO 8601 in UTC with milliseconds.
#pragma once

#include <nlohmann/json.hpp>

#include "broker/admin/sources.h"
#include "broker/engine/dead_letters.h"
#include "broker/engine/message_search.h"
#include "broker/engine/open_referrals.h"
#include "broker/engine/reports.h"

namespace relais::admin {

std::string iso_time(base::Instant at);
/// Of 0: null.
nlohmann::json time_or_null(std::int64_t ms);
/// What Parameters::cursor() reads; null when nothing follows.
nlohmann::json cursor_or_null(std::string_view next);
/// What iso_time() writes, the milliseconds left out or not. Empty for anything else.
std::optional<base::Instant> parse_iso_time(std::string_view text);

nlohmann::json to_json(const v1::Counts& counts);
nlohmann::json to_json(const engine::QueueReport& report, base::Instant now);
/// Of its deliveries, announced or in force; null without one.
nlohmann::json pause_or_null(const engine::QueueReport& report);
nlohmann::json to_json(const engine::TraceReport& report);
nlohmann::json to_json(const engine::DeadLetterReport& report);
nlohmann::json to_json(std::string_view referral_id, const engine::Reports::Referral& report);
nlohmann::json to_json(const engine::Reports::Slots& report);
nlohmann::json to_json(const engine::OpenReferral& referral);
nlohmann::json to_json(const engine::MessageHit& hit);
nlohmann::json to_json(const base::Refusal& refusal);
nlohmann::json status_json(const Sources& sources);

}  // namespace relais::admin
