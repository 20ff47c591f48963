#include "broker/core/state.h"

#include <utility>

namespace relais::core {

namespace {
constexpr std::string_view kNetworkCell = "network";
std::string counts_cell(std::string_view institution) { return "counts/" + std::string(institution); }
}  // namespace

State::State(Tables& tables) : tables_(tables) { read_directory(); }

State::HeldCounts& State::held_counts(std::string_view institution) const {
  const auto held = counts_.find(institution);
  if (held != counts_.end()) return held->second;
  auto& fresh = counts_[std::string(institution)];
  if (const auto cell = find<v1::CellRow>(TableId::cells, counts_cell(institution)))
    fresh.counts = parse<v1::InstitutionCounts>(cell->data());
  return fresh;
}

const v1::InstitutionCounts& State::counts(std::string_view institution) const {
  return held_counts(institution).counts;
}

v1::InstitutionCounts& State::counts_to_change(std::string_view institution) {
  auto& held = held_counts(institution);
  held.changed = true;
  return held.counts;
}

void State::write_counts() {
  for (auto& [institution, held] : counts_) {
    if (!std::exchange(held.changed, false)) continue;
    v1::CellRow cell;
    held.counts.SerializeToString(cell.mutable_data());
    put(TableId::cells, counts_cell(institution), cell);
  }
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

void State::read_directory() {
  const auto network = signed_network();
  if (!network) return;
  directory_ = std::make_shared<const Directory>(parse<v1::NetworkDefinition>(network->definition()));
}

}  // namespace relais::core
