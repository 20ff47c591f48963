// What this adapter needs of the SDK. An interface so that the folders can be tested without a broker.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/sdk/adapter.h"

namespace relais::files {

/// Threads: any. Errors and promises are those of sdk::Adapter.
class Post {
 public:
  virtual ~Post() = default;

  virtual base::Result<std::vector<base::MessageId>> submit(std::span<const sdk::Draft> drafts,
                                                            const sdk::Notes& notes) = 0;
  [[nodiscard]] virtual std::optional<sdk::KnownReferral> known_referral(std::string_view referral_id) const = 0;
  [[nodiscard]] virtual sdk::LocalStore& store() = 0;
  [[nodiscard]] virtual std::vector<sdk::RefusedMessage> refused(std::size_t count) const = 0;
  virtual base::Status forget_refused(const base::MessageId& message) = 0;
  virtual void count_not_carried(std::uint64_t values) = 0;
};

/// `adapter` outlives it.
class AdapterPost final : public Post {
 public:
  explicit AdapterPost(sdk::Adapter& adapter) : adapter_(adapter) {}

  base::Result<std::vector<base::MessageId>> submit(std::span<const sdk::Draft> drafts,
                                                    const sdk::Notes& notes) override {
    return adapter_.submit(drafts, notes);
  }
  [[nodiscard]] std::optional<sdk::KnownReferral> known_referral(std::string_view referral_id) const override {
    return adapter_.known_referral(referral_id);
  }
  [[nodiscard]] sdk::LocalStore& store() override { return adapter_.store(); }
  [[nodiscard]] std::vector<sdk::RefusedMessage> refused(std::size_t count) const override {
    return adapter_.refused(count);
  }
  base::Status forget_refused(const base::MessageId& message) override { return adapter_.forget_refused(message); }
  void count_not_carried(std::uint64_t values) override { adapter_.count_not_carried(values); }

 private:
  sdk::Adapter& adapter_;
};

}  // namespace relais::files
