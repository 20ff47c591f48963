#include "adapters/sdk/adapter.h"

#include <algorithm>
#include <utility>

#include "adapters/sdk/health_server.h"
#include "adapters/sdk/network_keeper.h"
#include "adapters/sdk/outbox.h"
#include "adapters/sdk/preparation.h"
#include "adapters/sdk/session.h"
#include "adapters/sdk/store.h"
#include "adapters/sdk/store_notes.h"
#include "adapters/sdk/worker.h"
#include "broker/base/log.h"

namespace relais::sdk {

namespace {

/// Everything that stands on the open store, in the order in which it is built.
class Parts final : public SessionListener {
 public:
  Parts(const AdapterConfig& config, Handler& handler, const base::Clock& clock, Keyring& keyring, Figures& figures,
        std::unique_ptr<Store> opened)
      : store(std::move(opened)),
        local(*store),
        outbox(*store, {config.outbox_bytes_max, config.disk_reserve_bytes}, clock),
        network(*store, config.pins),
        preparation(keyring, network, outbox, figures, clock),
        worker({handler, *store, outbox, keyring, network, preparation, figures, clock, config.automatic_receipts}),
        session(config, outbox, *this, figures),
        figures_(figures) {}

  void delivered(std::uint64_t id, v1::Deliver&& deliver) override { worker.tell(Delivered{id, std::move(deliver)}); }
  void promised(Submissions::Out&& submission, const v1::Receipt& receipt) override {
    worker.tell(Promised{std::move(submission), receipt.position()});
  }
  void refused(Submissions::Out&& submission, const v1::Refused& refusal) override {
    worker.tell(RefusedForGood{std::move(submission), refusal});
  }
  void network_received(const v1::SignedNetwork& received) override {
    if (auto said = network.accept(received); !said) {
      figures_.error(said.refusal().name());
      base::log_error("network definition not taken",
                      {{"code", said.refusal().name()}, {"field", said.refusal().field}});
    }
  }
  [[nodiscard]] std::uint64_t network_version() const override { return network.version(); }
  [[nodiscard]] bool keeps_up() const override { return worker.keeps_up(); }

  std::unique_ptr<Store> store;
  LocalStore local;
  Outbox outbox;
  NetworkKeeper network;
  Preparation preparation;
  Worker worker;
  Session session;

 private:
  Figures& figures_;
};

}  // namespace

class Adapter::Impl {
 public:
  Impl(AdapterConfig settings, Handler& connector, const base::Clock& time)
      : config(std::move(settings)), handler(connector), clock(time), keyring(config.institutions), figures(time) {}

  Parts& opened() {
    base::check(parts != nullptr, "the adapter was opened before it was used");
    return *parts;
  }

  base::Status write(Prepared prepared, const Notes& notes);
  base::Result<v1::Answer> ask(v1::Query query, std::chrono::milliseconds patience);

  const AdapterConfig config;
  Handler& handler;
  const base::Clock& clock;
  Keyring keyring;
  Figures figures;
  std::unique_ptr<Parts> parts;
  std::unique_ptr<HealthServer> health_server;
};

base::Status Adapter::Impl::write(Prepared prepared, const Notes& notes) {
  auto& on = opened();
  if (!prepared.sealed.empty())
    if (auto said = on.outbox.has_room(prepared.bytes); !said) return said;
  add_notes(prepared.change, notes);
  if (prepared.change.empty() && prepared.sealed.empty()) return base::Done{};
  const auto count = prepared.sealed.size();
  const bool unrouted = std::ranges::any_of(prepared.sealed, &Sealed::unrouted);
  if (auto said = on.outbox.append(std::move(prepared.change), std::move(prepared.sealed)); !said) return said;
  if (auto said = on.outbox.release(); !said) return said;
  figures.submitted += count;
  if (unrouted) on.worker.tell(RouteWanted{});
  on.session.wake();
  return base::Done{};
}

base::Result<v1::Answer> Adapter::Impl::ask(v1::Query query, std::chrono::milliseconds patience) {
  auto answer = opened().session.ask(std::move(query), patience);
  if (!answer || !answer->has_refused()) return answer;
  const auto code = base::refusal_code(answer->refused().code());
  return base::refuse(code.value_or(base::RefusalCode::not_found), answer->refused().field());
}

Adapter::Adapter(AdapterConfig config, Handler& handler, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(config), handler, clock)) {
  base::crypto_init();
}

Adapter::~Adapter() { stop(); }

base::Status Adapter::open() {
  if (impl_->parts != nullptr) return base::Done{};
  auto store = Store::open(impl_->config.data_dir, impl_->clock);
  if (!store) return store.refusal();
  impl_->parts = std::make_unique<Parts>(impl_->config, impl_->handler, impl_->clock, impl_->keyring, impl_->figures,
                                         std::move(*store));
  return base::Done{};
}

base::Status Adapter::start() {
  if (auto said = open(); !said) return said;
  if (impl_->config.health_port != 0 && impl_->health_server == nullptr) {
    auto server =
        std::make_unique<HealthServer>(impl_->config.health_port, impl_->config.name, [this] { return health(); });
    if (auto said = server->start(); !said) return said;
    impl_->health_server = std::move(server);
  }
  impl_->parts->worker.start(impl_->parts->session);
  impl_->parts->session.start();
  return base::Done{};
}

void Adapter::stop() {
  if (impl_->parts == nullptr) return;
  impl_->parts->network.stop();
  impl_->parts->worker.stop();
  impl_->parts->session.stop();
  impl_->health_server.reset();
}

base::Result<base::MessageId> Adapter::submit(const Draft& draft, const Notes& notes) {
  Prepared prepared(*impl_->opened().store);
  if (auto said = impl_->opened().preparation.add(prepared, draft, false); !said) return said.refusal();
  const auto id = prepared.ids.front();
  if (auto said = impl_->write(std::move(prepared), notes); !said) return said.refusal();
  return id;
}

base::Result<std::vector<base::MessageId>> Adapter::submit(std::span<const Draft> drafts, const Notes& notes) {
  Prepared prepared(*impl_->opened().store);
  for (std::size_t i = 0; i < drafts.size(); ++i)
    if (auto said = impl_->opened().preparation.add(prepared, drafts[i], false); !said) {
      auto refusal = said.refusal();
      refusal.field.insert(0, "drafts[" + std::to_string(i) + "].");
      return refusal;
    }
  auto ids = prepared.ids;
  if (auto said = impl_->write(std::move(prepared), notes); !said) return said.refusal();
  return ids;
}

bool Adapter::was_submitted(const base::MessageId& message) const {
  return impl_->opened().outbox.was_submitted(message.bytes());
}

std::optional<KnownReferral> Adapter::known_referral(std::string_view referral_id) const {
  return ReferralMemory(*impl_->opened().store).find(referral_id);
}

base::Result<v1::ReferralView> Adapter::referral(std::string_view referral_id, std::chrono::milliseconds patience) {
  v1::Query query;
  query.set_referral_id(std::string(referral_id));
  auto answer = impl_->ask(std::move(query), patience);
  if (!answer) return answer.refusal();
  return std::move(*answer->mutable_referral());
}

base::Result<v1::CaseView> Adapter::parcours(std::string_view case_id, std::chrono::milliseconds patience) {
  v1::Query query;
  query.set_case_id(std::string(case_id));
  auto answer = impl_->ask(std::move(query), patience);
  if (!answer) return answer.refusal();
  return std::move(*answer->mutable_case_view());
}

base::Result<v1::MessageView> Adapter::message(std::string_view message_id, std::chrono::milliseconds patience) {
  v1::Query query;
  query.set_message_id(std::string(message_id));
  auto answer = impl_->ask(std::move(query), patience);
  if (!answer) return answer.refusal();
  return std::move(*answer->mutable_message());
}

base::Result<v1::SlotsAnswer> Adapter::slots(v1::SlotsQuery query, std::chrono::milliseconds patience) {
  if (query.institution().empty()) query.set_institution(impl_->keyring.only_institution());
  v1::Query asked;
  *asked.mutable_slots() = std::move(query);
  auto answer = impl_->ask(std::move(asked), patience);
  if (!answer) return answer.refusal();
  return std::move(*answer->mutable_slots());
}

LocalStore& Adapter::store() { return impl_->opened().local; }

std::shared_ptr<const Network> Adapter::network() const { return impl_->opened().network.current(); }

bool Adapter::wait_for_network(std::chrono::milliseconds patience) const {
  return impl_->opened().network.wait(patience);
}

void Adapter::count_not_carried(std::uint64_t values) { impl_->figures.not_carried += values; }

Health Adapter::health() const {
  auto& parts = impl_->opened();
  Health health = impl_->figures.snapshot();
  health.network_version = parts.network.version();
  health.outbox_messages = parts.outbox.messages();
  health.outbox_bytes = parts.outbox.bytes();
  health.outbox_oldest = parts.outbox.oldest();
  health.refused_messages = parts.outbox.refused_messages();
  health.store_failed = parts.store->failed();
  return health;
}

std::vector<RefusedMessage> Adapter::refused(std::size_t count) const { return impl_->opened().outbox.refused(count); }

base::Status Adapter::forget_refused(const base::MessageId& message) {
  return impl_->opened().outbox.forget_refused(message);
}

}  // namespace relais::sdk
