// A post office without a broker for the folders' adapter: what is submitted stays in the store, with its notes, in one
// write.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/files/packing.h"
#include "adapters/files/post.h"
#include "adapters/sdk/store.h"
#include "broker/base/check.h"

namespace relais::tests {

class FakePost final : public files::Post {
 public:
  explicit FakePost(const std::filesystem::path& folder)
      : opened_(sdk::Store::open(folder, clock_)), store_(opened()) {}

  base::Result<std::vector<base::MessageId>> submit(std::span<const sdk::Draft> drafts,
                                                    const sdk::Notes& notes) override {
    if (refuse_all) return *refuse_all;
    for (std::size_t i = 0; i < drafts.size(); ++i)
      for (const auto& recipient : drafts[i].envelope.recipients())
        if (recipient == unknown_recipient)
          return base::refuse(base::RefusalCode::route_none,
                              "drafts[" + std::to_string(i) + "].envelope.recipients[0]");
    auto all = notes;
    std::vector<base::MessageId> ids;
    for (const auto& draft : drafts) {
      files::Texts texts{draft.envelope.SerializeAsString()};
      for (const auto& content : draft.contents) texts.push_back(content.bytes);
      const auto id = base::hex(draft.envelope.message_id());
      if (store_.get("fake/id/" + id)) continue;
      all.push_back({"fake/id/" + id, "1"});
      all.push_back({"fake/submitted/" + files::ordered(++count_) + id, files::pack(texts)});
      if (draft.envelope.has_referral_requested())
        all.push_back({"fake/referral/" + base::hex(draft.envelope.referral_id()), draft.envelope.SerializeAsString()});
      ids.push_back(*base::MessageId::from_bytes(draft.envelope.message_id()));
    }
    if (auto written = store_.write(all); !written) return written.refusal();
    return ids;
  }

  [[nodiscard]] std::optional<sdk::KnownReferral> known_referral(std::string_view referral_id) const override {
    const auto noted = store_.get("fake/referral/" + base::hex(referral_id));
    if (!noted) return std::nullopt;
    v1::Envelope e;
    base::check(e.ParseFromString(*noted), "the fake's note is an envelope");
    const auto recipient = e.recipients().empty() ? std::string() : e.recipients(0);
    return sdk::KnownReferral{e.referral_id(), e.case_id(),  e.sender(),  recipient,
                              e.purpose(),     e.priority(), e.exercise()};
  }

  sdk::LocalStore& store() override { return store_; }
  std::vector<sdk::RefusedMessage> refused(std::size_t) const override { return refused_messages; }
  base::Status forget_refused(const base::MessageId& message) override {
    std::erase_if(refused_messages, [&](const auto& refused) { return refused.message_id == message; });
    return base::Done{};
  }

  void count_not_carried(std::uint64_t values) override { not_carried += values; }

  /// A referral of somebody else that was delivered to us.
  void learn(const v1::Envelope& request) {
    base::check(store_.put("fake/referral/" + base::hex(request.referral_id()), request.SerializeAsString()).ok(),
                "the fake's store takes writes");
  }
  void close_loop(const std::string& referral_id) {
    base::check(store_.erase("fake/referral/" + base::hex(referral_id)).ok(), "the fake's store takes writes");
  }

  struct Submitted {
    v1::Envelope envelope;
    std::vector<std::string> contents;
  };
  [[nodiscard]] std::vector<Submitted> submitted() const {
    std::vector<Submitted> all;
    store_.scan("fake/submitted/", [&](std::string_view, std::string_view value) {
      auto texts = *files::unpack(value);
      Submitted one;
      base::check(one.envelope.ParseFromString(texts.front()), "the fake's note is an envelope");
      one.contents.assign(texts.begin() + 1, texts.end());
      all.push_back(std::move(one));
      return true;
    });
    return all;
  }

  std::optional<base::Refusal> refuse_all;
  std::string unknown_recipient = "nobody";
  std::vector<sdk::RefusedMessage> refused_messages;
  std::atomic<std::uint64_t> not_carried{0};

 private:
  sdk::Store& opened() {
    base::check(opened_.ok(), "the fake's store opens");
    return **opened_;
  }

  base::SystemClock clock_;
  base::Result<std::unique_ptr<sdk::Store>> opened_;
  sdk::LocalStore store_;
  std::uint64_t count_ = static_cast<std::uint64_t>(base::to_ms(clock_.now())) * 1'000'000;
};

}  // namespace relais::tests
