// relais-past-month: gives the store of a broker that never ran a month that is over, so that its indicators have
// something to say. What the demo's institutions said then goes through the broker's own machine, at the times of that
// month; every message is delivered and every loop closed, so that nothing is left for the days after.
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/base/key_file.h"
#include "broker/core/envelope_check.h"
#include "broker/engine/machine.h"
#include "broker/engine/period.h"
#include "broker/journal/rocks_store.h"

namespace {

using namespace relais;
using std::chrono::hours;

const std::string kCcas = "ccas-25056";

/// What a call that can only succeed answered.
template <class T>
T must(base::Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(result.refusal().name()) + " " + result.refusal().field + " " +
                             result.refusal().english());
  return std::move(*result);
}

struct Fate {
  std::string host;
  std::string purpose;
  std::string service;
  std::string commune;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;  // unspecified: rejected
  enum class Meeting { none, kept, missed, cancelled } meeting = Meeting::none;
  std::string case_id = base::random_bytes(16);
  std::string referral_id = base::random_bytes(16);
  std::string appointment_id = base::random_bytes(16);
};

void add(std::vector<Fate>& fates, int count, const Fate& like) {
  for (int i = 0; i < count; ++i) {
    auto& fate = fates.emplace_back(like);
    for (auto* id : {&fate.case_id, &fate.referral_id, &fate.appointment_id}) *id = base::random_bytes(16);
  }
}

/// Large groups, and small ones that may not be shown.
std::vector<Fate> fates() {
  const Fate caf{"caf-25", "access_to_rights", "caf-25-rights", "25056"};
  const Fate cpam{"cpam-25", "health_access", "cpam-25-pfs", "25388"};
  std::vector<Fate> all;
  auto like = [&](Fate fate, v1::Outcome outcome, Fate::Meeting meeting) {
    fate.outcome = outcome;
    fate.meeting = meeting;
    return fate;
  };
  add(all, 26, like(caf, v1::OUTCOME_CONNECTED, Fate::Meeting::kept));
  add(all, 14, like(caf, v1::OUTCOME_NOT_REACHABLE, Fate::Meeting::missed));
  add(all, 12, like(caf, v1::OUTCOME_UNSPECIFIED, Fate::Meeting::none));
  add(all, 18, like(cpam, v1::OUTCOME_CONNECTED, Fate::Meeting::kept));
  add(all, 13, like(cpam, v1::OUTCOME_NOT_REACHABLE, Fate::Meeting::cancelled));
  add(all, 11, like(cpam, v1::OUTCOME_UNSPECIFIED, Fate::Meeting::none));
  add(all, 4, {"departement-25", "employment", "departement-25-insertion", "25462"});
  return all;
}

class Past {
 public:
  Past(journal::Store& store, const base::KeyFile& authority, const base::KeyFile& broker, base::Instant begin)
      : store_(store), authority_(authority.pair.secret), signer_(broker.pair.secret), now_(begin) {
    engine::MachineConfig config;
    config.rules.authority = authority.pair.public_key;
    machine_ = std::make_unique<engine::Machine>(store_, config, signer_, broker.id);
  }

  void apply(const v1::NetworkDefinition& definition) {
    v1::SignedNetwork network;
    network.set_definition(definition.SerializeAsString());
    network.set_signature(std::string(base::view(authority_.sign(base::kNetworkDomain, network.definition()))));
    must(machine_->operated(core::ApplyNetwork{{"demo", "a month that is over"}, network}, now_));
    turn();
    for (const auto& institution : definition.institutions()) {
      sessions_[institution.id()] = ++last_session_;
      machine_->session_opened(last_session_, {institution.id()});
    }
  }

  void pass(hours length) { now_ += length; }

  template <class Fill>
  void say(const Fate& fate, const std::string& from, Fill fill) {
    now_ += std::chrono::minutes(1);
    v1::Envelope envelope;
    envelope.set_version(1);
    envelope.set_message_id(base::random_bytes(16));
    envelope.set_sender(from);
    envelope.add_recipients(from == kCcas ? fate.host : kCcas);
    envelope.set_case_id(fate.case_id);
    envelope.set_referral_id(fate.referral_id);
    envelope.set_purpose(fate.purpose);
    envelope.set_sent_at_ms(base::to_ms(now_));
    envelope.set_signing_key(from + ".signing");
    fill(envelope);
    v1::Submit submit;
    envelope.SerializeToString(submit.mutable_envelope());
    submit.set_signature(std::string(64, 's'));  // whoever it is delivered to has it already
    std::string id;
    machine_->submitted(sessions_.at(from), must(core::check_submission(std::move(submit), now_, id)), now_);
    while (turn()) {
    }
  }

  template <class Fill>
  void meet(const Fate& fate, Fill fill) {
    say(fate, fate.host, [&](v1::Envelope& envelope) {
      envelope.set_appointment_id(fate.appointment_id);
      fill(envelope);
    });
  }

  [[nodiscard]] base::Instant now() const { return now_; }

 private:
  /// What was delivered is acknowledged; whether anything was.
  bool turn() {
    for (const auto& [institution, session] : sessions_) {
      v1::Grant grant;
      grant.set_messages(100);
      grant.set_bytes(1 << 20);
      machine_->granted(session, grant);
    }
    machine_->pass_time(now_, 1'000);
    auto step = machine_->take_step();
    if (!step.batch.empty()) must(store_.append(step.batch));
    machine_->committed(step.generation);
    bool delivered = false;
    for (const auto& effect : step.effects) {
      for (const auto& refused : effect.frame.refusals())
        throw std::runtime_error("refused: " + refused.code() + " " + refused.field());
      for (const auto& delivery : effect.frame.deliveries()) {
        v1::Settle settle;
        settle.add_delivery_ids(delivery.delivery_id());
        settle.mutable_acknowledge();
        machine_->settled(effect.session, settle, now_);
        delivered = true;
      }
    }
    return delivered;
  }

  journal::Store& store_;
  base::Signer authority_;
  base::Signer signer_;
  base::Instant now_;
  std::unique_ptr<engine::Machine> machine_;
  std::map<std::string, engine::SessionId> sessions_;
  engine::SessionId last_session_ = 0;
};

void live_through(Past& past, const std::vector<Fate>& fates) {
  for (const auto& fate : fates)
    past.say(fate, kCcas, [&](v1::Envelope& envelope) {
      auto& body = *envelope.mutable_referral_requested();
      body.set_service_id(fate.service);
      body.set_commune(fate.commune);
    });
  past.pass(hours(44));
  for (const auto& fate : fates)
    past.say(fate, fate.host, [&](v1::Envelope& envelope) {
      if (fate.outcome == v1::OUTCOME_UNSPECIFIED)
        envelope.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY);
      else
        envelope.mutable_referral_accepted();
    });
  past.pass(hours(20));
  for (const auto& fate : fates) {
    if (fate.meeting == Fate::Meeting::none) continue;
    past.meet(fate, [&](v1::Envelope& envelope) {
      auto& meeting = *envelope.mutable_appointment_booked()->mutable_meeting();
      meeting.set_start_ms(base::to_ms(past.now() + hours(70)));
      meeting.set_end_ms(meeting.start_ms() + 1'800'000);
      meeting.set_mode(v1::APPOINTMENT_MODE_ON_SITE);
    });
  }
  past.pass(hours(100));
  for (const auto& fate : fates) {
    if (fate.meeting == Fate::Meeting::none) continue;
    if (fate.meeting == Fate::Meeting::kept)
      past.meet(fate, [](v1::Envelope& envelope) { envelope.mutable_appointment_arrived(); });
    past.meet(fate, [&](v1::Envelope& envelope) {
      if (fate.meeting == Fate::Meeting::kept) envelope.mutable_appointment_fulfilled();
      if (fate.meeting == Fate::Meeting::missed) envelope.mutable_appointment_no_show();
      if (fate.meeting == Fate::Meeting::cancelled) {
        envelope.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_PERSON);
        envelope.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_NO_LONGER_NEEDED);
      }
    });
  }
  past.pass(hours(30));
  for (const auto& fate : fates) {
    if (fate.outcome != v1::OUTCOME_UNSPECIFIED)
      past.say(fate, fate.host,
               [&](v1::Envelope& envelope) { envelope.mutable_referral_completed()->set_outcome(fate.outcome); });
    past.say(fate, kCcas, [](v1::Envelope& envelope) { envelope.mutable_outcome_acknowledged(); });
  }
}

v1::NetworkDefinition definition_in(const std::string& file) {
  v1::SignedNetwork network;
  v1::NetworkDefinition definition;
  std::FILE* const stream = std::fopen(file.c_str(), "rb");
  const bool read = stream != nullptr && network.ParseFromFileDescriptor(fileno(stream));
  if (stream != nullptr) std::fclose(stream);
  if (!read || !definition.ParseFromString(network.definition()))
    throw std::runtime_error(file + ": not a signed network definition");
  // The one in the file comes after it.
  definition.set_version(definition.version() - 1);
  return definition;
}

}  // namespace

int main(int argc, char** argv) {
  std::string store, network, authority, broker, month;
  CLI::App options{"relais-past-month: a month that is over, in the store of a broker that never ran."};
  options.add_option("--store", store, "folder of the store; it is made")->required();
  options.add_option("--network", network, "the signed definition of the demo's network, of version 2 or later")
      ->required();
  options.add_option("--authority", authority, "the authority's key")->required();
  options.add_option("--broker", broker, "the broker's signing key")->required();
  options.add_option("--month", month, "as in 2026-01")->required();
  CLI11_PARSE(options, argc, argv);
  base::crypto_init();
  try {
    const auto period = engine::month_of(month);
    if (!period) throw std::runtime_error("--month: a month as in 2026-01");
    const auto opened = must(journal::RocksStore::open(store));
    Past past(*opened, must(base::read_key_file(authority)), must(base::read_key_file(broker)),
              period->begin + hours(30));
    past.apply(definition_in(network));
    live_through(past, fates());
    if (past.now() >= period->end) throw std::runtime_error("the month was too short");
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "relais-past-month: %s\n", why.what());
    return 1;
  }
}
