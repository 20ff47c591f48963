#include "broker/admin/lights.h"

#include <algorithm>

#include "broker/admin/json.h"

namespace relais::admin {

namespace {

using nlohmann::json;

constexpr std::chrono::minutes kWaitsLong{15};
constexpr std::chrono::hours kWaitsTooLong{1};
constexpr std::chrono::days kExpiresSoon{30};
constexpr std::uint64_t kDiskLowBytes = 1u << 30;

class Light {
 public:
  void amber(json reason) { add("amber", std::move(reason)); }
  void red(json reason) { add("red", std::move(reason)); }

  [[nodiscard]] json to_json() const { return {{"colour", colour_}, {"reasons", reasons_}}; }

 private:
  void add(const char* colour, json reason) {
    reason["colour"] = colour;
    reasons_.push_back(std::move(reason));
    if (colour_ != "red") colour_ = colour;
  }

  std::string colour_ = "green";
  json reasons_ = json::array();
};

/// Of keys for one use, one that counts must always be there.
void look_at_keys(const google::protobuf::RepeatedPtrField<v1::PublicKey>& keys, const char* use, base::Instant now,
                  Light& light) {
  const auto end = keys_end(keys, now);
  if (!end) return light.red({{"code", "key_expired"}, {"use", use}});
  if (*end - now < kExpiresSoon) light.amber({{"code", "key_expires"}, {"use", use}, {"at", iso_time(*end)}});
}

/// What says that nobody takes messages, or that they wait: of an institution that is not paused.
void look_at_queue(const engine::QueueReport& report, const Presence& presence, base::Milliseconds silent_after,
                   base::Instant now, Light& light) {
  if (presence.connected == 0) {
    const auto waiting = report.counts.real().queued() + report.counts.real().parked();
    const bool silent = now - presence.last_seen >= silent_after;
    if (silent) light.red({{"code", "silent"}, {"since", iso_time(presence.last_seen)}});
    if (waiting > 0)
      light.red({{"code", "no_adapter"}, {"waiting", waiting}});
    else if (!silent)
      light.amber({{"code", "no_adapter"}, {"waiting", 0}});
  }
  if (report.oldest && now - *report.oldest >= kWaitsLong) {
    json reason{{"code", "waits_long"}, {"since", iso_time(*report.oldest)}};
    now - *report.oldest >= kWaitsTooLong ? light.red(std::move(reason)) : light.amber(std::move(reason));
  }
}

}  // namespace

std::optional<base::Instant> keys_end(const google::protobuf::RepeatedPtrField<v1::PublicKey>& keys,
                                      base::Instant now) {
  std::optional<base::Instant> end;
  for (const auto& key : keys) {
    const auto state = key_state(key, now);
    if (state == "expired" || state == "not_yet_valid") continue;
    const auto until = key.valid_until_ms() == 0 ? base::Instant::max() : base::from_ms(key.valid_until_ms());
    end = std::max(end.value_or(until), until);
  }
  return end;
}

std::string_view key_state(const v1::PublicKey& key, base::Instant now) {
  const auto now_ms = base::to_ms(now);
  if (key.valid_from_ms() > now_ms) return "not_yet_valid";
  if (key.valid_until_ms() == 0) return "valid";
  if (key.valid_until_ms() <= now_ms) return "expired";
  return base::from_ms(key.valid_until_ms()) - now < kExpiresSoon ? "expires_soon" : "valid";
}

json light_of(const engine::QueueReport& report, const v1::Institution& institution, const Presence& presence,
              base::Milliseconds silent_after, base::Instant now) {
  Light light;
  const auto& counts = report.counts.real();
  if (report.paused())
    light.amber({{"code", "maintenance"}, {"at", iso_time(base::from_ms(report.pause->until_ms()))}});
  else
    look_at_queue(report, presence, silent_after, now, light);
  if (counts.dead() > 0) light.amber({{"code", "dead_letters"}, {"count", counts.dead()}});
  if (counts.parked() > 0) light.amber({{"code", "parked"}, {"count", counts.parked()}});
  look_at_keys(institution.transport_keys(), "transport", now, light);
  look_at_keys(institution.signing_keys(), "signing", now, light);
  look_at_keys(institution.sealing_keys(), "sealing", now, light);
  return light.to_json();
}

json broker_light(const Sources& sources, bool has_network) {
  Light light;
  if (sources.engine.figures().disk_full) light.red({{"code", "disk_full"}});
  if (!has_network) light.red({{"code", "no_network"}});
  if (sources.draining()) light.amber({{"code", "draining"}});
  if (sources.store.free_bytes() < kDiskLowBytes) light.amber({{"code", "disk_low"}});
  return light.to_json();
}

}  // namespace relais::admin
