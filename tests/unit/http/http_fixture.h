// One institution's gateway on a free port, with a mapping that says little and a post office without a broker.
#pragma once

#include <chrono>
#include <httplib.h>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "adapters/http/config.h"
#include "adapters/http/gateway.h"
#include "adapters/sdk/links.h"
#include "tests/support/fake_post.h"
#include "tests/support/temporary_folder.h"

namespace relais::http {

inline constexpr const char* kMapping = R"(
[mapping]
name = "json"
version = 1
[in]
format = "json"
kind = { from = "/action", table = "actions" }
fields = [
  { from = "/numero", to = "local.reference" },
  { from = "/relais", to = "local.referral" },
  { from = "/vers", to = "envelope.recipients" },
  { from = "/nom", to = "identity.family_name", required = true, kinds = ["referral_requested"] },
  { from = "/naissance", to = "identity.birth_date", date = ["iso"], kinds = ["referral_requested"] },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
]
[in.json]
[in.not_carried]
"/agent" = "stays at the CCAS"
[tables.actions]
values = { "orienter" = "referral_requested", "accepter" = "referral_accepted", "finir" = "referral_accepted referral_completed", "rien" = "none" }
[out]
format = "json"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "/relais" },
  { from = "identity.family_name", to = "/personne/nom", required = true },
]
[out.json]
)";

inline constexpr const char* kSettings = R"(
[http]
listen = "127.0.0.1:8480"
body_bytes_max = 4096
wait_most = "2s"
[[exchange]]
institution = "ccas-25056"
token_files = ["token", "old-token"]
[[exchange.submit]]
name = "orientations"
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
[[exchange.hook]]
name = "rdv"
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
secret_files = ["secret"]
)";

/// The broker is away.
class NoAnswers final : public Questions {
 public:
  base::Result<v1::ReferralView> referral(std::string_view) override { return away(); }
  base::Result<v1::MessageView> message(std::string_view) override { return away(); }
  base::Result<v1::SlotsAnswer> slots(const v1::SlotsQuery&) override { return away(); }
  [[nodiscard]] sdk::Health health() const override { return {}; }

 private:
  static base::Refusal away() { return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "no answer"}}); }
};

struct ConfigRead {
  Config config;
  std::vector<std::string> faults;
};

/// `text` as http.toml in `folder`, where tokens and secrets are.
inline ConfigRead read(const tests::TemporaryFolder& folder, const std::string& text) {
  const auto secret = [&](const char* name, const std::string& content) {
    ::chmod(folder.write(name, content).c_str(), 0600);
  };
  (void)folder.write("mapping.toml", kMapping);
  secret("token", "a-token-of-the-software\n");
  secret("old-token", "a-token-of-last-year-is-good\n");
  secret("short-token", "short\n");
  secret("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  const auto file = folder.write("http.toml", text);
  base::Findings findings;
  const auto content = base::read_toml(file, "http.toml", findings);
  ConfigRead read;
  if (content) {
    base::TableReader whole(*content, "http.toml", {}, findings);
    read.config = read_config(whole, folder.path());
    whole.finish();
  }
  for (const auto& fault : findings.take())
    read.faults.push_back(fmt::format("{}:{}: {}: {}", fault.place.file, fault.place.line, fault.path, fault.problem));
  return read;
}

class HttpTest : public testing::Test {
 protected:
  explicit HttpTest(const std::string& settings = kSettings) : post_(folder_.path() / "store") {
    base::crypto_init();
    auto said = read(folder_, settings);
    EXPECT_THAT(said.faults, testing::IsEmpty());
    config_ = std::move(said.config);
    sdk::ServedInstitution served;
    served.id = "ccas-25056";
    served.sealing_keys.push_back({base::KeyUse::sealing, "sealing-1", base::new_sealing_pair()});
    auto vault = Vault::make(served);
    base::check(vault.ok(), "the test's key is good");
    vault_ = std::make_unique<Vault>(std::move(*vault));
    exchange_ = std::make_unique<Exchange>(post_, questions_, config_.exchanges.front(), *vault_, clock_, nullptr);
  }

  /// On a free port of its own.
  void start() {
    for (config_.gateway.port = 20'000 + static_cast<int>(::getpid() % 20'000);; ++config_.gateway.port) {
      gateway_ = std::make_unique<Gateway>(config_.gateway, std::vector<Exchange*>{exchange_.get()});
      if (gateway_->start()) break;
    }
  }

  void TearDown() override {
    exchange_->stop();
    if (gateway_) gateway_->stop();
  }

  struct Said {
    int status = 0;
    std::string type;
    Json body;
  };

  static Said read_answer(const httplib::Result& result) {
    if (!result) return {};
    return {result->status, result->get_header_value("Content-Type"), Json::parse(result->body, nullptr, false)};
  }

  httplib::Client client() const {
    httplib::Client client("127.0.0.1", config_.gateway.port);
    client.set_bearer_token_auth("a-token-of-the-software");
    client.set_read_timeout(30, 0);
    return client;
  }

  Said get(const std::string& path) const { return read_answer(client().Get(path)); }
  Said post(const std::string& path, const std::string& body, const httplib::Headers& headers = {},
            const std::string& type = "application/json") const {
    return read_answer(client().Post(path, headers, body, type));
  }
  Said submit(const std::string& body, const std::string& key = {}) const {
    return post("/v1/submissions/orientations", body,
                key.empty() ? httplib::Headers{} : httplib::Headers{{"Idempotency-Key", key}});
  }

  /// A request by the CAF that reaches us.
  static sdk::Incoming request(const std::string& name, std::uint64_t position) {
    sdk::Incoming message;
    message.recipient = "ccas-25056";
    message.position = position;
    auto& envelope = message.envelope;
    envelope.set_message_id(sdk::new_id());
    envelope.set_referral_id(sdk::new_id());
    envelope.set_case_id(sdk::new_id());
    envelope.set_sender("caf-25");
    envelope.add_recipients("ccas-25056");
    envelope.set_purpose("access_to_rights");
    envelope.mutable_referral_requested();
    if (!name.empty()) {
      v1::Identity identity;
      identity.set_family_name(name);
      message.contents.push_back({v1::CATEGORY_IDENTITY, identity.SerializeAsString(), identity});
    }
    return message;
  }

  /// What the SDK does with the verdict.
  void deliver(const sdk::Incoming& message) {
    const auto verdict = exchange_->take(message);
    ASSERT_EQ(sdk::Verdict::Kind::handled, verdict.kind) << verdict.reason;
    ASSERT_TRUE(post_.store().write(verdict.notes).ok());
    post_.learn(message.envelope);
  }

  const base::SystemClock clock_;
  tests::TemporaryFolder folder_;
  tests::FakePost post_;
  NoAnswers questions_;
  Config config_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace relais::http
