// The traffic light of an institution and of the broker: a colour, and every reason for it.
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "broker/admin/presence.h"
#include "broker/admin/sources.h"
#include "broker/engine/reports.h"

#include "relais/v1/network.pb.h"

namespace relais::admin {

/// {"colour": "green" | "amber" | "red", "reasons": [{"code": ..., "colour": ..., facts}]}; the codes are in
/// openapi.json. Exercises count for nothing here. While a pause is in force, that is said instead of who is silent and
/// what waits.
nlohmann::json light_of(const engine::QueueReport& report, const v1::Institution& institution, const Presence& presence,
                        base::Milliseconds silent_after, base::Instant now);

nlohmann::json broker_light(const Sources& sources, bool has_network);

/// Until when one of the keys that count now does so: the far future where one counts for ever; nothing when none does.
std::optional<base::Instant> keys_end(const google::protobuf::RepeatedPtrField<v1::PublicKey>& keys, base::Instant now);

/// "valid", "expires_soon", "expired", "not_yet_valid".
std::string_view key_state(const v1::PublicKey& key, base::Instant now);

}  // namespace relais::admin
