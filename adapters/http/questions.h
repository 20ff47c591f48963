// What the gateway asks of the SDK besides the post. An interface so that it can be tested without a broker.
#pragma once

#include <string_view>

#include "adapters/sdk/adapter.h"

namespace relais::http {

/// Threads: any. Errors are those of sdk::Adapter.
class Questions {
 public:
  virtual ~Questions() = default;

  virtual base::Result<v1::ReferralView> referral(std::string_view referral_id) = 0;
  virtual base::Result<v1::MessageView> message(std::string_view message_id) = 0;
  virtual base::Result<v1::SlotsAnswer> slots(const v1::SlotsQuery& query) = 0;
  [[nodiscard]] virtual sdk::Health health() const = 0;
};

/// `adapter` outlives it.
class AdapterQuestions final : public Questions {
 public:
  explicit AdapterQuestions(sdk::Adapter& adapter) : adapter_(adapter) {}

  base::Result<v1::ReferralView> referral(std::string_view referral_id) override {
    return adapter_.referral(referral_id);
  }
  base::Result<v1::MessageView> message(std::string_view message_id) override { return adapter_.message(message_id); }
  base::Result<v1::SlotsAnswer> slots(const v1::SlotsQuery& query) override { return adapter_.slots(query); }
  [[nodiscard]] sdk::Health health() const override { return adapter_.health(); }

 private:
  sdk::Adapter& adapter_;
};

}  // namespace relais::http
