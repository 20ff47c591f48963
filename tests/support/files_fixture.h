// One institution's folders, a mapping that says little, and a post office without a broker.
#pragma once

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/files/exchange.h"
#include "tests/support/fake_post.h"
#include "tests/support/temporary_folder.h"

namespace relais::tests {

inline constexpr const char* kFilesMapping = R"(
[mapping]
name = "suivi"
version = 1

[in]
format = "csv"
kind = { from = "Action", table = "actions" }
fields = [
  { from = "Numero", to = "local.reference" },
  { from = "Relais", to = "local.referral", optional_column = true },
  { from = "RDV", to = "local.appointment", optional_column = true },
  { from = "Vers", to = "envelope.recipients", optional_column = true },
  { from = "Nom", to = "identity.family_name", required = true, kinds = ["referral_requested"] },
  { from = "Besoin", to = "body.service_need", optional_column = true, kinds = ["referral_requested"] },
  { from = "Commune", to = "body.commune", optional_column = true, kinds = ["referral_requested"] },
  { constant = "access_to_rights", to = "envelope.purpose", kinds = ["referral_requested"] },
  { constant = "not_eligible", to = "body.reason", kinds = ["referral_rejected"] },
  { constant = "no_longer_needed", to = "body.reason", kinds = ["referral_cancelled"] },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
  { from = "Debut", to = "body.meeting.start_ms", time = ["%Y-%m-%d %H:%M"], optional_column = true, kinds = ["appointment_booked", "appointment_proposed"] },
  { from = "Debut", to = "body.meeting.end_ms", time = ["%Y-%m-%d %H:%M"], add_minutes = 30, optional_column = true, kinds = ["appointment_booked", "appointment_proposed"] },
]

[in.csv]
separator = ";"

[tables.actions]
values = { "O" = "referral_requested", "A" = "referral_accepted", "R" = "referral_rejected", "S" = "referral_started", "C" = "referral_completed", "X" = "referral_cancelled", "P" = "appointment_proposed", "B" = "appointment_booked", "AB" = "referral_accepted appointment_booked", "V" = "appointment_fulfilled", "-" = "none" }

[out]
format = "csv"

[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "Relais", required = true },
  { from = "envelope.sender", to = "De" },
  { from = "identity.family_name", to = "Nom", required = true },
]

[[out.records]]
name = "suivi"
kinds = ["referral_accepted", "referral_rejected", "referral_completed", "appointment_booked"]
fields = [
  { from = "local.reference", to = "Numero" },
  { from = "kind", to = "Etat" },
]
)";

/// A clock that tests move. Any thread.
class HandClock final : public base::Clock {
 public:
  [[nodiscard]] base::Instant now() const override { return base::from_ms(now_ms_); }
  void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_{1'795'470'000'000};
};

class FilesFixture {
 public:
  explicit FilesFixture(const std::string& institution = "ccas-25056") {
    const auto file = root.write("mapping.toml", kFilesMapping);
    auto loaded = mapping::Mapping::load(file);
    for (const auto& fault : loaded.faults) std::cerr << mapping::text(fault) << '\n';
    base::check(loaded.mapping.has_value(), "the mapping of the fixture loads");
    const auto& p = root.path();
    config.institution = institution;
    config.folders = {p / "in", p / "out", p / "archive", p / "rejects", p / "work"};
    config.arrival.when = files::CompleteWhen::rename;
    files::DraftingPolicy drafting;
    drafting.institution = institution;
    drafting.reader = "suivi";
    drafting.recipients = {"caf-25"};
    config.readers.push_back({{"*.csv"}, *loaded.mapping, drafting});
    config.writers.push_back({*loaded.mapping, files::Writer::kName, ".csv", "", 1, std::chrono::milliseconds(0)});
    begin();
  }

  /// Like a restart: everything in memory is new, the store and the folders stay.
  void restart() {
    exchange.reset();
    post.reset();
    clock.advance(std::chrono::milliseconds(1));
    begin();
  }

  /// As the software would: under another name, then renamed.
  void drop(const std::string& name, const std::string& text) const {
    const auto temporary = root.write("dropping", text);
    std::filesystem::rename(temporary, config.folders.in / name);
  }

  /// Rounds until nothing is left to do.
  void work() const {
    for (int i = 0; i < 1'000; ++i)
      if (exchange->round() > std::chrono::milliseconds(0)) return;
  }

  sdk::Verdict deliver(const sdk::Incoming& message) const {
    auto verdict = exchange->take(message);
    if (verdict.kind == sdk::Verdict::Kind::handled)
      base::check(post->store().write(verdict.notes).ok(), "the fake's store takes writes");
    return verdict;
  }

  [[nodiscard]] std::vector<std::string> names(const files::Path& folder) const {
    std::vector<std::string> found;
    if (const auto entries = files::list_folder(folder); entries)
      for (const auto& entry : *entries) found.push_back(entry.name);
    return found;
  }

  [[nodiscard]] std::string text(const files::Path& file) const {
    const auto read = files::read_file(file, 1 << 20);
    return read ? *read : "(none)";
  }

  /// The text of the only file in `folder` whose name ends so; "(N files)" when there is not one.
  [[nodiscard]] std::string only(const files::Path& folder, std::string_view ending) const {
    std::vector<std::string> fitting;
    for (auto& name : names(folder))
      if (name.ends_with(ending)) fitting.push_back(std::move(name));
    return fitting.size() == 1 ? text(folder / fitting.front()) : "(" + std::to_string(fitting.size()) + " files)";
  }

  TemporaryFolder root;
  HandClock clock;
  files::ExchangeConfig config;
  std::unique_ptr<FakePost> post;
  std::unique_ptr<files::Exchange> exchange;

 private:
  void begin() {
    post = std::make_unique<FakePost>(root.path() / "store");
    exchange = std::make_unique<files::Exchange>(*post, config, clock);
    (void)exchange->round();
  }
};

/// A referral that somebody sends to `recipient`.
inline sdk::Incoming referral_for(const std::string& recipient, const std::string& family_name,
                                  std::uint64_t position = 1) {
  sdk::Incoming message;
  auto& envelope = message.envelope;
  envelope.set_version(1);
  envelope.set_message_id(sdk::new_id());
  envelope.set_sender("caf-25");
  envelope.add_recipients(recipient);
  envelope.set_case_id(sdk::new_id());
  envelope.set_referral_id(sdk::new_id());
  envelope.set_purpose("access_to_rights");
  envelope.mutable_referral_requested();
  v1::Identity identity;
  identity.set_family_name(family_name);
  message.contents.push_back({v1::CATEGORY_IDENTITY, identity.SerializeAsString(), identity});
  message.recipient = recipient;
  message.position = position;
  return message;
}

/// A message of `sender` about a referral.
inline sdk::Incoming about(const v1::Envelope& request, const std::string& sender, const std::string& recipient,
                           std::uint64_t position) {
  sdk::Incoming message;
  auto& envelope = message.envelope;
  envelope.set_version(1);
  envelope.set_message_id(sdk::new_id());
  envelope.set_sender(sender);
  envelope.add_recipients(recipient);
  envelope.set_case_id(request.case_id());
  envelope.set_referral_id(request.referral_id());
  envelope.set_purpose(request.purpose());
  message.recipient = recipient;
  message.position = position;
  return message;
}

}  // namespace relais::tests
