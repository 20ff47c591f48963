// One institution with RDV Service Public, a post office without a broker, and answers as its API recorded them.
#pragma once

#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/files/incoming_links.h"
#include "adapters/http/caller.h"
#include "adapters/rdvsp/desk.h"
#include "adapters/rdvsp/exchange_config.h"
#include "broker/base/check.h"
#include "relais_paths.h"
#include "tests/support/fake_post.h"
#include "tests/support/files_fixture.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {

inline constexpr const char* kMds = "mds-62";
inline constexpr const char* kCcas = "ccas-62041";

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  base::check(file.good(), "the file is there");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string webhook(const std::string& name) {
  return file_text(std::filesystem::path(RELAIS_SOURCE) / "tests/data/rdv/webhooks" / name);
}

/// The software's own answers are under another licence and stay outside of this repository; empty where they are not.
inline std::optional<std::string> recorded(const std::string& name) {
  const auto path = std::filesystem::path(RELAIS_SOURCE) / "../shared/data/rdv/api-examples" / name;
  return std::filesystem::exists(path) ? std::optional(file_text(path)) : std::nullopt;
}

inline rdvsp::ExchangeConfig rdvsp_config() {
  rdvsp::ExchangeConfig config;
  config.institution = kMds;
  config.secrets = {"a shared secret, long enough"};
  config.organisations = {"309"};
  auto loaded = mapping::Mapping::load(std::filesystem::path(RELAIS_SOURCE) / "config/mappings/rdvsp.toml");
  base::check(loaded.mapping.has_value(), "the mapping has no fault");
  config.mapping = loaded.mapping;
  config.api.target = *http::read_target("http://127.0.0.1:1");
  config.api.email = "martine@mds.example";
  config.api.password = "un mot de passe";
  return config;
}

inline std::string bytes16(char c) { return std::string(16, c); }

/// A webhook body about one appointment.
struct RdvBody {
  std::string id = "10";
  std::string users = "68";  // one number
  std::string status = "unknown";
  std::string starts = "2026-12-01 10:00:00 +0100";
  std::string ends = "2026-12-01 10:45:00 +0100";
  std::string motif = "157";
  std::string event = "updated";
  std::string reason = "null";
  std::string at = "2026-11-26 10:00:00 +0100";
  std::string people = "participations";

  [[nodiscard]] std::string text() const {
    const auto user = R"({"id": )" + users + R"(, "last_name": "CANARI"})";
    auto who = R"([{"status": ")" + status + R"(", "user": )" + user + "}]";
    if (people == "users") who = "[" + user + "]";
    return R"({"data": {"id": )" + id + R"(, "status": ")" + status + R"(", "starts_at": ")" + starts +
           R"(", "ends_at": ")" + ends + R"(", "motif": {"id": )" + motif +
           R"(, "location_type": "public_office"}, "lieu": {"id": 97}, "organisation": {"id": 309}, ")" + people +
           R"(": )" + who + R"(}, "meta": {"model": "Rdv", "event": ")" + event + R"(", "webhook_reason": )" + reason +
           R"(, "timestamp": ")" + at + R"("}})";
  }
};

class RdvspDesk {
 public:
  RdvspDesk() : post_(folder_.path()), problems_(post_, kMds), ledger_(post_.store(), kMds) {}

  void follow(char referral, const std::string& user = "68", const std::string& service = {},
              std::int64_t since_ms = 1'764'000'000'000) {
    rdvsp::Followed followed;
    followed.referral_id = bytes16(referral);
    followed.case_id = bytes16(static_cast<char>(referral + 32));
    followed.guest = kCcas;
    followed.purpose = "access_to_rights";
    followed.service_id = service;
    followed.user = user;
    followed.since_ms = since_ms;
    base::check(desk_.follow(followed).ok(), "the store takes writes");
  }

  rdvsp::Taken take(const RdvBody& body) { return take(body.text()); }
  rdvsp::Taken take(const std::string& body) {
    auto answer = answer_to(body);
    base::check(std::holds_alternative<rdvsp::Taken>(answer), "the webhook is taken");
    return std::get<rdvsp::Taken>(answer);
  }
  std::variant<rdvsp::Taken, http::Problem> answer_to(const std::string& body) {
    auto read = rdvsp::read_event(body);
    base::check(std::holds_alternative<rdvsp::Event>(read), "the webhook is read");
    return desk_.take(std::get<rdvsp::Event>(read), "/data", clock_.now());
  }

  /// "referral_accepted appointment_booked" of what was submitted since the last call.
  std::string said() {
    std::string text;
    const auto all = post_.submitted();
    for (; told_ < all.size(); ++told_) text += (text.empty() ? "" : " ") + files::kind_of(all[told_].envelope);
    return text;
  }
  [[nodiscard]] v1::Envelope last() const { return post_.submitted().back().envelope; }
  [[nodiscard]] std::vector<std::string> problem_codes() const {
    std::vector<std::string> codes;
    for (const auto& problem : problems_.list(100)) codes.push_back(problem.at("code"));
    return codes;
  }

 protected:
  TemporaryFolder folder_;
  base::SystemClock clock_;
  FakePost post_;
  rdvsp::ExchangeConfig config_ = rdvsp_config();
  http::ProblemBook problems_;
  rdvsp::Ledger ledger_;
  rdvsp::Desk desk_{post_, ledger_, problems_, config_};

 private:
  std::size_t told_ = 0;
};

/// Answers what it was given, in order, and remembers what it was asked.
class Recorded final : public http::Caller {
 public:
  base::Result<http::CallAnswer> call(const http::Call& call) override {
    calls.push_back(call);
    if (answers.empty()) return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "away"}});
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  void stop() override {}

  void add(int status, std::string body, std::string type = "application/json; charset=utf-8") {
    answers.push_back({status, {{"Content-Type", std::move(type)}}, std::move(body), false});
  }
  void add_sign_in() {
    answers.push_back({200,
                       {{"content-type", "application/json"}, {"access-token", "t"}, {"client", "c"}, {"uid", "u"}},
                       "{}",
                       false});
  }

  std::deque<http::CallAnswer> answers;
  std::vector<http::Call> calls;
};

}  // namespace relais::tests
