#include "broker/core/state.h"

#include <utility>

namespace relais::core {

namespace {
constexpr std::string_view kNetworkCell = "network";
constexpr std::string_view kCounts = "counts/";
constexpr std::string_view kTraffic = "traffic/";
constexpr std::string_view kPauses = "pause/";
std::string pause_cell(std::string_view institution) { return std::string(kPauses) + std::string(institution); }
}  // namespace

State::State(Tables& tables) : tables_(tables) {
  read_directory();
  read_pauses();
}

template <class Value>
State::Held<Value>& State::hold(HeldBy<Value>& all, std::string_view prefix, std::string_view id) const {
  const auto held = all.find(id);
  if (held != all.end()) return held->second;
  auto& fresh = all[std::string(id)];
  if (const auto cell = find<v1::CellRow>(TableId::cells, std::string(prefix) + std::string(id)))
    fresh.value = parse<Value>(cell->data());
  return fresh;
}

template <class Value>
void State::write(HeldBy<Value>& all, std::string_view prefix) {
  for (auto& [id, held] : all) {
    if (!std::exchange(held.changed, false)) continue;
    v1::CellRow cell;
    held.value.SerializeToString(cell.mutable_data());
    put(TableId::cells, std::string(prefix) + id, cell);
  }
}

template <class Value>
Value& State::change(HeldBy<Value>& all, std::string_view prefix, std::string_view id) {
  auto& held = hold(all, prefix, id);
  held.changed = true;
  return held.value;
}

const v1::InstitutionCounts& State::counts(std::string_view institution) const {
  return hold(counts_, kCounts, institution).value;
}

v1::InstitutionCounts& State::counts_to_change(std::string_view institution) {
  return change(counts_, kCounts, institution);
}

const v1::AgreementTraffic& State::traffic(std::string_view agreement) const {
  return hold(traffic_, kTraffic, agreement).value;
}

v1::AgreementTraffic& State::traffic_to_change(std::string_view agreement) {
  return change(traffic_, kTraffic, agreement);
}

void State::write_counts() {
  write(counts_, kCounts);
  write(traffic_, kTraffic);
}

std::optional<v1::SignedNetwork> State::signed_network() const {
  const auto cell = find<v1::CellRow>(TableId::cells, kNetworkCell);
  if (!cell) return std::nullopt;
  return parse<v1::SignedNetwork>(cell->data());
}

void State::put_network(const v1::SignedNetwork& network) {
  v1::CellRow cell;
  network.SerializeToString(cell.mutable_data());
  put(TableId::cells, kNetworkCell, cell);
  read_directory();
}

std::optional<v1::InstitutionPause> State::pause(std::string_view institution) const {
  const auto cell = find<v1::CellRow>(TableId::cells, pause_cell(institution));
  if (!cell) return std::nullopt;
  return parse<v1::InstitutionPause>(cell->data());
}

void State::put_pause(std::string_view institution, const v1::InstitutionPause& pause) {
  v1::CellRow cell;
  pause.SerializeToString(cell.mutable_data());
  put(TableId::cells, pause_cell(institution), cell);
  if (pause.in_force())
    paused_.emplace(institution);
  else
    paused_.erase(std::string(institution));
}

void State::end_pause(std::string_view institution) {
  erase(TableId::cells, pause_cell(institution));
  paused_.erase(std::string(institution));
}

void State::read_pauses() {
  tables_.scan(TableId::cells, kPauses, keys::end_of(std::string(kPauses)),
               [&](std::string_view key, std::string_view value) {
                 if (parse<v1::InstitutionPause>(parse<v1::CellRow>(value).data()).in_force())
                   paused_.emplace(key.substr(kPauses.size()));
                 return true;
               });
}

void State::read_directory() {
  const auto network = signed_network();
  if (!network) return;
  directory_ = std::make_shared<const Directory>(parse<v1::NetworkDefinition>(network->definition()));
}

}  // namespace relais::core
