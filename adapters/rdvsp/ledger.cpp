#include "adapters/rdvsp/ledger.h"

#include <algorithm>
#include <set>

#include "adapters/files/packing.h"
#include "broker/base/ids.h"

namespace relais::rdvsp {

namespace {

constexpr std::size_t kFollowedTexts = 11;
constexpr std::size_t kRdvTexts = 5;  // then four for each part
constexpr std::size_t kPartTexts = 4;
constexpr std::size_t kForgottenAtOnce = 1'000;

std::int64_t number(const std::string& text) { return static_cast<std::int64_t>(files::number_of(text).value_or(0)); }

std::string text(std::int64_t number) { return std::to_string(std::max<std::int64_t>(number, 0)); }

std::string flag(bool on) { return on ? "1" : "0"; }

std::optional<Followed> followed_in(std::string_view packed) {
  const auto texts = files::unpack(packed);
  if (!texts || texts->size() != kFollowedTexts) return std::nullopt;
  const auto& t = *texts;
  return Followed{t[0],        t[1], t[2], t[3],         static_cast<v1::Priority>(number(t[4])),
                  t[5] == "1", t[6], t[7], number(t[8]), t[9] == "1",
                  t[10] == "1"};
}

std::optional<KnownRdv> rdv_in(std::string_view packed) {
  const auto texts = files::unpack(packed);
  if (!texts || texts->size() < kRdvTexts || (texts->size() - kRdvTexts) % kPartTexts != 0) return std::nullopt;
  const auto& t = *texts;
  KnownRdv rdv{t[0], t[1], number(t[2]), static_cast<Happening>(number(t[3])), t[4], {}};
  for (std::size_t i = kRdvTexts; i < t.size(); i += kPartTexts) {
    Part part{t[i], t[i + 1], static_cast<Stage>(number(t[i + 2])), {}};
    if (!part.meeting.ParseFromString(t[i + 3])) return std::nullopt;
    rdv.parts.push_back(std::move(part));
  }
  return rdv;
}

}  // namespace

void write_head(const Followed& followed, v1::Envelope& envelope) {
  envelope.add_recipients(followed.guest);
  envelope.set_case_id(followed.case_id);
  envelope.set_referral_id(followed.referral_id);
  envelope.set_purpose(followed.purpose);
  envelope.set_priority(followed.priority);
  envelope.set_exercise(followed.exercise);
}

Ledger::Ledger(sdk::LocalStore& store, std::string institution) : store_(store), institution_(std::move(institution)) {}

std::string Ledger::key(std::string_view kind, std::string_view name) const {
  return "rdvsp/" + std::string(kind) + "/" + institution_ + "/" + std::string(name);
}

std::optional<Followed> Ledger::referral(std::string_view referral_id) const {
  const auto noted = store_.get(key("referral", base::hex(referral_id)));
  return noted ? followed_in(*noted) : std::nullopt;
}

std::vector<Followed> Ledger::of_user(std::string_view user) const {
  std::vector<Followed> all;
  store_.scan(key("user", user) + "/", [&](std::string_view, std::string_view referral_id) {
    if (auto followed = referral(referral_id)) all.push_back(std::move(*followed));
    return true;
  });
  std::ranges::sort(all, {}, &Followed::since_ms);
  return all;
}

std::optional<std::string> Ledger::user_of_case(std::string_view case_id) const {
  return store_.get(key("case", base::hex(case_id)));
}

std::optional<KnownRdv> Ledger::rdv(std::string_view id) const {
  const auto noted = store_.get(key("rdv", id));
  return noted ? rdv_in(*noted) : std::nullopt;
}

void Ledger::each_rdv(const std::function<void(const KnownRdv&)>& visit) const {
  store_.scan(key("rdv", {}), [&](std::string_view, std::string_view value) {
    if (const auto rdv = rdv_in(value)) visit(*rdv);
    return true;
  });
}

std::vector<KnownRdv> Ledger::rdvs_of(std::string_view referral_id) const {
  std::vector<KnownRdv> all;
  each_rdv([&](const KnownRdv& rdv) {
    if (std::ranges::find(rdv.parts, referral_id, &Part::referral_id) != rdv.parts.end()) all.push_back(rdv);
  });
  return all;
}

sdk::Notes Ledger::note(const Followed& f) const {
  const auto name = base::hex(f.referral_id);
  return {{key("referral", name),
           files::pack({f.referral_id, f.case_id, f.guest, f.purpose, text(f.priority), flag(f.exercise), f.service_id,
                        f.user, text(f.since_ms), flag(f.accepted), flag(f.closed)})},
          {key("user", f.user) + "/" + name, f.referral_id},
          {key("case", base::hex(f.case_id)), f.user}};
}

sdk::Notes Ledger::note(const KnownRdv& rdv) const {
  files::Texts texts{rdv.id, rdv.organisation, text(rdv.at_ms), text(static_cast<std::int64_t>(rdv.last)), rdv.digest};
  for (const auto& part : rdv.parts) {
    texts.push_back(part.referral_id);
    texts.push_back(part.appointment_id);
    texts.push_back(text(static_cast<std::int64_t>(part.stage)));
    texts.push_back(part.meeting.SerializeAsString());
  }
  return {{key("rdv", rdv.id), files::pack(texts)}};
}

sdk::Notes Ledger::forget(const KnownRdv& rdv) const { return {{key("rdv", rdv.id), std::nullopt}}; }

bool Ledger::erasure_asked(std::string_view case_id) const {
  return store_.get(key("erasure", base::hex(case_id))).has_value();
}

sdk::Note Ledger::note_erasure(std::string_view case_id, std::int64_t at_ms) const {
  return {key("erasure", base::hex(case_id)), text(at_ms)};
}

base::Status Ledger::forget_before(std::int64_t before_ms) {
  sdk::Notes old;
  each_rdv([&](const KnownRdv& rdv) {
    if (rdv.at_ms < before_ms && old.size() < kForgottenAtOnce)
      for (auto& note : forget(rdv)) old.push_back(std::move(note));
  });
  std::vector<Followed> gone;
  std::set<std::string> cases;  // of which something is left
  store_.scan(key("referral", {}), [&](std::string_view, std::string_view value) {
    auto f = followed_in(value);
    if (!f) return true;
    if (f->closed && f->since_ms < before_ms && gone.size() < kForgottenAtOnce)
      gone.push_back(std::move(*f));
    else
      cases.insert(f->case_id);
    return true;
  });
  for (const auto& f : gone) {
    const auto name = base::hex(f.referral_id);
    old.push_back({key("referral", name), std::nullopt});
    old.push_back({key("user", f.user) + "/" + name, std::nullopt});
    if (cases.contains(f.case_id)) continue;
    old.push_back({key("case", base::hex(f.case_id)), std::nullopt});
    old.push_back({key("erasure", base::hex(f.case_id)), std::nullopt});
  }
  return old.empty() ? base::Status(base::Done{}) : store_.write(old);
}

}  // namespace relais::rdvsp
