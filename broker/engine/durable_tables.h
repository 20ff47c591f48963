// The tables as of the last durable batch, for readers on other threads than the engine's.
#pragma once

#include "broker/base/check.h"
#include "broker/core/tables.h"
#include "broker/journal/store.h"

namespace relais::engine {

/// One thread for each object. Each call sees a durable state, two calls may see two. Writing is a bug.
class DurableTables final : public core::Tables {
 public:
  explicit DurableTables(const journal::Store& store) : store_(store) {}

  [[nodiscard]] std::optional<std::string_view> look(core::TableId table, std::string_view key) const override {
    seen_ = store_.get(table, key);
    return seen_;
  }
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override {
    store_.scan(table, from, to, visit);
  }
  void put(core::TableId, std::string_view, std::string) override {
    base::check(false, "durable tables are read only");
  }
  void erase(core::TableId, std::string_view) override { base::check(false, "durable tables are read only"); }

 private:
  const journal::Store& store_;
  mutable std::optional<std::string> seen_;
};

}  // namespace relais::engine
