#include "tests/bench/world.h"

#include <fstream>
#include <httplib.h>
#include <stdexcept>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "broker/base/key_file.h"

#include "relais/v1/network.pb.h"

namespace relais::bench {

namespace {

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("no free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("can not read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("can not write " + file.string());
}

base::KeyPair make(const std::filesystem::path& folder, const std::string& name, base::KeyUse use) {
  auto pair = use == base::KeyUse::transport ? base::new_transport_pair()
              : use == base::KeyUse::signing ? base::new_signing_pair()
                                             : base::new_sealing_pair();
  base::KeyFile file{use, name, {pair.public_key, pair.secret.copy()}};
  if (auto written = base::write_key_file(folder / (name + ".key"), file); !written)
    throw std::runtime_error(written.refusal().english());
  return pair;
}

void add_key(v1::PublicKey& key, const std::string& name, const base::KeyPair& pair) {
  key.set_id(name);
  key.set_key(std::string(base::view(pair.public_key)));
}

}  // namespace

void World::prepare(const std::filesystem::path& folder, int port, int queues, int producers) {
  std::filesystem::create_directories(folder / "keys");
  const auto keys = folder / "keys";
  const auto authority = make(keys, "authority", base::KeyUse::signing);
  const auto broker_transport = make(keys, "broker-transport", base::KeyUse::transport);
  const auto broker_signing = make(keys, "broker-signing", base::KeyUse::signing);
  v1::NetworkDefinition network;
  network.set_network("bench");
  network.set_name("Benchmark");
  network.set_version(1);
  network.mutable_broker()->set_transport_key(std::string(base::view(broker_transport.public_key)));
  add_key(*network.mutable_broker()->mutable_signing_key(), "broker-signing", broker_signing);
  auto& purpose = *network.add_purposes();
  purpose.set_id("access_to_rights");
  purpose.set_name_en("Access to rights");
  purpose.set_name_fr("Accès aux droits");
  auto& mission = *network.add_missions();
  mission.set_id("social");
  mission.set_name("Action sociale");
  mission.add_categories(v1::CATEGORY_NOTE);
  auto& agreement = *network.add_agreements();
  agreement.set_id("bench");
  agreement.set_name("Benchmark");
  agreement.set_legal_basis("none: no real person");
  auto& rule = *agreement.add_purposes();
  rule.set_purpose("access_to_rights");
  rule.add_categories(v1::CATEGORY_NOTE);
  const auto add = [&](const std::string& id) {
    auto& institution = *network.add_institutions();
    institution.set_id(id);
    institution.set_name(id);
    institution.set_kind("ccas");
    institution.set_mission("social");
    institution.add_departements("25");
    add_key(*institution.add_transport_keys(), id + "-transport",
            make(keys, id + "-transport", base::KeyUse::transport));
    add_key(*institution.add_signing_keys(), id + "-signing", make(keys, id + "-signing", base::KeyUse::signing));
    add_key(*institution.add_sealing_keys(), id + "-sealing", make(keys, id + "-sealing", base::KeyUse::sealing));
  };
  for (int i = 0; i < producers; ++i) add(producer(i));
  for (int i = 0; i < queues; ++i) add(queue(i));
  for (int p = 0; p < producers; ++p)
    for (int q = 0; q < queues; ++q) {
      auto& direction = *agreement.add_directions();
      direction.set_from(producer(p));
      direction.set_to(queue(q));
    }
  v1::SignedNetwork signed_network;
  network.SerializeToString(signed_network.mutable_definition());
  const auto signature = base::Signer(authority.secret).sign(base::kNetworkDomain, signed_network.definition());
  signed_network.set_signature(std::string(base::view(signature)));
  write(folder / "network.signed", signed_network.SerializeAsString());
  const int admin_port = free_port();
  write(folder / "admin.port", std::to_string(admin_port));
  write(folder / "relaisd.toml",
        "[broker]\ndata_dir = \"broker\"\nendpoint = \"tcp://127.0.0.1:" + std::to_string(port) +
            "\"\ntransport_key = \"keys/broker-transport.key\"\n"
            "signing_key = \"keys/broker-signing.key\"\nauthority_public_key = \"" +
            base::base64(base::view(authority.public_key)) + "\"\n[admin]\nport = " + std::to_string(admin_port) +
            "\n[log]\nlevel = \"warning\"\n");
}

void World::apply_network() const {
  httplib::Client client("127.0.0.1", std::stoi(text_of(folder_ / "admin.port")));
  const auto token = text_of(folder_ / "broker" / "admin.token");
  const auto body = R"({"operator": "bench", "reason": "setup", "signed_network": ")" +
                    base::base64(text_of(folder_ / "network.signed")) + "\"}";
  const auto answer = client.Post("/api/v1/network", {{"Authorization", "Bearer " + token}}, body, "application/json");
  if (!answer) throw std::runtime_error("the broker's admin port does not answer");
  if (answer->status != 200 && answer->body.find("network.not_newer") == std::string::npos)
    throw std::runtime_error("network refused: " + answer->body);
}

base::SecretKey World::secret(const std::string& name) const {
  auto file = base::read_key_file(folder_ / "keys" / (name + ".key"));
  if (!file) throw std::runtime_error(name + ": " + file.refusal().english());
  return std::move(file->pair.secret);
}

base::PublicKeyBytes World::broker_transport_key() const { return base::transport_public(secret("broker-transport")); }

}  // namespace relais::bench
