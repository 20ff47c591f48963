#include "tests/support/real_network.h"

#include <chrono>
#include <httplib.h>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "broker/base/check.h"
#include "relais_paths.h"
#include "tests/support/run_program.h"
#include "tests/support/throwaway_postgres.h"

namespace relais::tests {

namespace {

const std::string kPrograms = RELAIS_BIN;

constexpr std::string_view kNetwork = R"(
id = "test"
name = "Test"
version = 1
[[purpose]]
id = "access_to_rights"
name_en = "Access to social rights"
name_fr = "Accès aux droits"
[[purpose]]
id = "housing"
name_en = "Housing"
name_fr = "Logement"
[[mission]]
id = "all"
name = "All"
categories = ["identity", "contact", "household", "resources", "benefits", "housing", "health", "employment",
              "social_situation", "note", "nir"]
[broker]
transport_key = "{}"
[broker.signing_key]
id = "broker-signing"
key = "{}"
)";

constexpr std::string_view kAgreement = R"(
[[agreement]]
id = "all"
name = "All"
legal_basis = "none, nobody is concerned"
valid_from = 2024-01-01
valid_until = 2099-12-31
retention = "1d"
direction = [{from = "ccas-25056", to = "caf-25"}, {from = "caf-25", to = "ccas-25056"}]
purpose = [{purpose = "access_to_rights", categories = ["identity", "note"]}]
)";

constexpr std::string_view kBroker = R"(
[broker]
data_dir = "data"
transport_key = "../keys/broker.transport.key"
signing_key = "../keys/broker.signing.key"
endpoint = "tcp://127.0.0.1:{}"
authority_public_key = "{}"
[admin]
port = {}
[limits]
heartbeat = "1s"
silence = "3s"
[delivery]
retry_first = "1s"
retry_most = "2s"
)";

constexpr std::string_view kAdapter = R"(
[relais]
name = "{0}"
network = "test"
authority_public_key = "{1}"
broker_public_key = "{2}"
endpoints = [{3}]
data_dir = "store"
transport_key = "{4}/{5}.transport-{6}.key"
[[relais.institution]]
id = "{5}"
signing_keys = ["{4}/{5}.signing-1.key"]
sealing_keys = ["{4}/{5}.sealing-1.key"]
)";

/// The tables with keys that `relaisctl keys institution` prints.
std::string only_keys(const std::string& printed) {
  std::istringstream lines(printed);
  std::string keys;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("[[") || line.starts_with("id = ") || line.starts_with("key = ")) keys += line + "\n";
  return keys;
}

}  // namespace

RealNetwork::RealNetwork(int transport_keys, const Files& files) : port_(free_port()), admin_port_(free_port()) {
  std::filesystem::create_directory(folder_.path() / "keys");
  std::filesystem::permissions(folder_.path() / "keys", std::filesystem::perms::owner_all);
  authority_ = new_key("signing", "authority");
  broker_key_ = new_key("transport", "broker.transport");
  make_definition(transport_keys, files);
  folder_.write("broker/relaisd.toml", fmt::format(kBroker, port_, authority_, admin_port_));
  broker_ = std::make_unique<ChildProgram>(
      std::vector<std::string>{kPrograms + "/relaisd", "--config", folder_.path() / "broker/relaisd.toml"},
      folder_.path() / "broker/relaisd.log");
  broker_->start();
  wait_for_broker();
  control(fmt::format("network apply '{0}/network.signed' --data '{0}/broker/data' --operator test --reason test",
                      folder_.path().string()));
}

std::string RealNetwork::control(const std::string& words) const {
  auto run = run_program(fmt::format("'{}/relaisctl' {}", kPrograms, words));
  base::check(run.exit_code == 0, "relaisctl does what it is asked for");
  return run.output;
}

std::string RealNetwork::new_key(const std::string& use, const std::string& name) const {
  std::string key_id = name;
  std::ranges::replace(key_id, '.', '-');
  const auto answer = control(
      fmt::format("--json keys new --use {} --id {} '{}/keys/{}.key'", use, key_id, folder_.path().string(), name));
  return nlohmann::json::parse(answer).at("public").get<std::string>();
}

void RealNetwork::make_definition(int transport_keys, const Files& files) {
  folder_.write("network/network.toml", fmt::format(kNetwork, broker_key_, new_key("signing", "broker.signing")));
  folder_.write("network/agreements/all.toml", kAgreement);
  for (const std::string institution : {"ccas-25056", "caf-25"}) {
    auto keys =
        only_keys(control(fmt::format("keys institution --id {} '{}/keys'", institution, folder_.path().string())));
    for (int more = 2; more <= transport_keys; ++more)
      keys += fmt::format("[[institution.transport_key]]\nid = \"{0}-transport-{1}\"\nkey = \"{2}\"\n", institution,
                          more, new_key("transport", fmt::format("{}.transport-{}", institution, more)));
    folder_.write("network/institutions/" + institution + ".toml",
                  fmt::format("[[institution]]\nid = \"{0}\"\nname = \"{0}\"\nkind = \"test\"\nmission = \"all\"\n{1}",
                              institution, keys));
  }
  for (const auto& [name, text] : files) folder_.write("network/" + name, text);
  control(fmt::format("network sign '{0}/network' --key '{0}/keys/authority.key' --out '{0}/network.signed'",
                      folder_.path().string()));
}

void RealNetwork::wait_for_broker() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    httplib::Client client("127.0.0.1", admin_port_);
    if (const auto answer = client.Get("/health"); answer && answer->status == 200) return;
    base::check(broker_->running() && std::chrono::steady_clock::now() < end, "relaisd is healthy in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

std::string RealNetwork::adapter_settings(const std::string& name, const std::string& institution,
                                          const std::vector<std::string>& endpoints, int transport_key) const {
  std::string listed;
  for (const auto& one : endpoints.empty() ? std::vector{endpoint()} : endpoints)
    listed += fmt::format("{}\"{}\"", listed.empty() ? "" : ", ", one);
  return fmt::format(kAdapter, name, authority_, broker_key_, listed, (folder_.path() / "keys").string(), institution,
                     transport_key);
}

std::string RealNetwork::endpoint() const { return fmt::format("tcp://127.0.0.1:{}", port_); }

}  // namespace relais::tests
