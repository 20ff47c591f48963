#include "broker/app/broker.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "broker/admin/server.h"
#include "broker/base/ids.h"
#include "broker/base/key_file.h"
#include "broker/base/log.h"
#include "broker/evidence/evidence.h"
#include "broker/journal/backup.h"
#include "broker/journal/rocks_store.h"

namespace relais::app {

struct Broker::Parts {
  Parts(const Config& settings, const base::Clock& the_clock, std::unique_ptr<journal::RocksStore> the_store,
        base::KeyFile transport_key, base::KeyFile signing_key, std::string token, std::function<void()> on_fatal)
      : address_file(settings.data_dir / "admin.address"),
        silent_after(settings.silent_after),
        authority(settings.authority_public_key),
        clock(the_clock),
        started_at(the_clock.now()),
        store(std::move(the_store)),
        signer(signing_key.pair.secret),
        door(clock, settings.verify_signatures),
        engine(
            *store, door, clock, signer, signing_key.id, settings.engine,
            [on_fatal = std::move(on_fatal)](const base::Refusal& why) {
              base::log_error("journal can not be written, stopping", {{"code", why.name()}, {"what", why.english()}});
              on_fatal();
            }),
        router(settings.router, std::move(transport_key.pair.secret), door, clock),
        admin({settings.admin_host, settings.admin_port, std::move(token), settings.admin_tls_certificate,
               settings.admin_tls_key, settings.admin_public_address, settings.admin_behind_proxy, settings.access},
              sources()) {
    store->sign_with(signer, signing_key.id);
    door.connect(router, engine);
  }

  admin::Sources sources() {
    return {*store,
            engine,
            clock,
            [this] {
              const auto figures = router.figures();
              return admin::ConnectionFigures{figures.sessions_open, figures.frames_received, figures.frames_sent,
                                              figures.frames_refused, figures.handshakes_refused};
            },
            [this] { return door.adapters().list(); },
            [this] { return router.endpoint(); },
            [this] { return draining.load(); },
            started_at,
            [this](const std::string& folder) { return back_up(folder); },
            [this] { return store->purge_erased(); },
            silent_after,
            authority,
            list_backups,
            verify_backup,
            [this](bool on) { set_draining(on); },
            [this](const std::string& message_id) { return evidence_of(message_id); }};
  }

  /// Of two at once, engine and adapters hear the same one last.
  void set_draining(bool on) {
    const std::lock_guard lock(drain_mutex);
    if (draining.exchange(on) == on) return;
    if (on)
      base::log_info("draining");
    else
      base::log_info("taking messages again");
    engine.set_draining(on);
    router.notify_draining(on);
  }

  base::Result<admin::BackupMade> back_up(const std::string& folder) {
    const auto made = store->back_up(folder);
    if (!made) {
      base::log_warning("no backup", {{"code", made.refusal().name()}, {"what", made.refusal().english()}});
      return made.refusal();
    }
    base::log_info("backup", {{"number", made->number}, {"bytes", made->bytes}, {"folder", folder}});
    return as_made(*made);
  }

  static admin::BackupMade as_made(const journal::Backup& backup) {
    return {backup.number, backup.made, backup.bytes, backup.files, backup.mark.end.position};
  }

  static base::Result<std::vector<admin::BackupKept>> list_backups(const std::string& folder) {
    const auto found = journal::list_backups(folder);
    if (!found) return found.refusal();
    std::vector<admin::BackupKept> list;
    for (const auto& backup : found->whole) list.push_back({backup.number, as_made(backup)});
    for (const auto number : found->damaged) list.push_back({number, std::nullopt});
    std::ranges::sort(list, {}, &admin::BackupKept::number);
    return list;
  }

  static base::Result<admin::BackupVerified> verify_backup(const std::string& folder, std::uint32_t number) {
    const auto verified = journal::verify_backup(folder, number);
    if (!verified) return verified.refusal();
    return admin::BackupVerified{as_made(verified->backup), verified->end.position,
                                 base::hex(base::view(verified->end.hash))};
  }

  [[nodiscard]] base::Result<std::string> evidence_of(const std::string& message_id) const {
    const auto proof = evidence::gather_evidence(*store, message_id);
    if (!proof) return proof.refusal();
    return evidence::write_evidence(*proof);
  }

  const std::filesystem::path address_file;
  const base::Milliseconds silent_after;
  const base::PublicKeyBytes authority;
  const base::Clock& clock;
  const base::Instant started_at;
  std::mutex drain_mutex;
  std::atomic<bool> draining{false};
  std::unique_ptr<journal::RocksStore> store;
  base::Signer signer;
  Door door;
  engine::Engine engine;
  transport::Router router;
  admin::Server admin;
};

Broker::Broker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Broker::~Broker() { stop(); }

base::Result<std::unique_ptr<Broker>> Broker::open(const Config& config, const base::Clock& clock,
                                                   std::function<void()> on_fatal) {
  auto transport_key = base::read_key_file(config.transport_key);
  if (!transport_key) return transport_key.refusal();
  auto signing_key = base::read_key_file(config.signing_key);
  if (!signing_key) return signing_key.refusal();
  if (transport_key->use != base::KeyUse::transport)
    return base::refuse(base::RefusalCode::key_invalid, "broker.transport_key");
  if (signing_key->use != base::KeyUse::signing)
    return base::refuse(base::RefusalCode::key_invalid, "broker.signing_key");
  std::error_code error;
  std::filesystem::create_directories(config.data_dir, error);
  if (error) return base::refuse(base::RefusalCode::io_failed, "broker.data_dir", {{"path", config.data_dir.string()}});
  auto store = journal::RocksStore::open(config.data_dir / "store");
  if (!store) return store.refusal();
  auto token = admin::read_or_make_token(config.data_dir / "admin.token");
  if (!token) return token.refusal();
  base::log_info("store opened", {{"position", (*store)->durable().position}});
  return std::unique_ptr<Broker>(
      new Broker(std::make_unique<Parts>(config, clock, std::move(*store), std::move(*transport_key),
                                         std::move(*signing_key), std::move(*token), std::move(on_fatal))));
}

base::Status Broker::start() {
  if (auto started = parts_->admin.start(); !started) return started;
  // Where relaisctl finds the operators' API.
  std::ofstream address(parts_->address_file, std::ios::trunc);
  address << parts_->admin.local_address() << "\n";
  if (!address.flush())
    return base::refuse(base::RefusalCode::io_failed, "broker.data_dir", {{"path", parts_->address_file.string()}});
  if (auto started = parts_->router.start(); !started) return started;
  parts_->engine.start();
  base::log_info(
      "started",
      {{"version", RELAIS_VERSION}, {"endpoint", parts_->router.endpoint()}, {"admin_port", parts_->admin.port()}});
  return base::Done{};
}

void Broker::drain() { parts_->set_draining(true); }

void Broker::stop() {
  if (!parts_) return;
  parts_->store->stop_care();
  parts_->admin.stop();
  // The router first: what it took in goes through the engine to the disk; what the engine still answers to sessions
  // that are gone is given again when they come back.
  parts_->router.stop();
  parts_->door.close();
  parts_->engine.stop();
  if (const auto done = parts_->store->sign_now(); !done)
    base::log_warning("the end of the journal is not signed", {{"code", done.refusal().name()}});
  parts_.reset();
  base::log_info("stopped");
}

std::string Broker::endpoint() const { return parts_->router.endpoint(); }

}  // namespace relais::app
