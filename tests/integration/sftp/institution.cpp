#include "tests/integration/sftp/institution.h"

#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "relais_paths.h"

namespace relais::tests {

namespace fs = std::filesystem;

const std::string_view kCcasMapping = R"(
[mapping]
name = "ccas"
version = 1
[in]
format = "csv"
encoding = "windows-1252"
kind = "referral_requested"
fields = [
  { from = "Numéro", to = "local.reference", required = true },
  { from = "Nom", to = "identity.family_name", required = true },
  { from = "Prénom", to = "identity.given_names", required = true },
]
[in.csv]
separator = ";"
[out]
format = "fixed"
encoding = "windows-1252"
[[out.records]]
name = "suivi"
kinds = ["referral_received", "referral_accepted", "referral_rejected", "referral_completed"]
fields = [
  { from = "local.reference", to = "numero", start = 1, length = 12 },
  { from = "kind", to = "etat", start = 13, length = 24 },
]
)";

const std::string_view kCafMapping = R"(
[mapping]
name = "caf"
version = 1
[in]
format = "xml"
kind = { from = "@etat", table = "etats" }
fields = [
  { from = "@orientation", to = "local.referral", required = true },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
]
[in.xml]
records = "/Suivis/Suivi"
schema = "suivis.xsd"
[in.not_carried]
"Agent" = "stays in the house"
[tables.etats]
values = { "accepte" = "referral_accepted", "termine" = "referral_completed" }
[out]
format = "xml"
encoding = "iso-8859-1"
[out.xml]
root = "Orientations"
[[out.records]]
name = "orientation"
element = "Orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "@id", required = true },
  { from = "identity.family_name", to = "Nom", required = true },
  { from = "identity.given_names", to = "Prenom" },
]
)";

const std::string_view kOneMapping = R"(
[[exchange.read]]
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
[[exchange.write]]
mapping = "mapping.toml"
)";

namespace {

constexpr std::string_view kSchema = R"(<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="Suivis"><xs:complexType><xs:sequence>
    <xs:element name="Suivi" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence><xs:element name="Agent" type="xs:string" minOccurs="0"/></xs:sequence>
      <xs:attribute name="orientation" type="xs:string" use="required"/>
      <xs:attribute name="etat" use="required"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="accepte"/><xs:enumeration value="termine"/>
      </xs:restriction></xs:simpleType></xs:attribute>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";

constexpr std::string_view kExchange = R"(
reconnect_first = "1s"
reconnect_most = "1s"
[[exchange]]
institution = "{0}"
folder = "folders"
complete = "{1}"
stable_for = "1s"
poll = "1s"
[exchange.server]
host = "127.0.0.1"
port = {2}
user = "{3}"
known_hosts = "{4}"
key_file = "{5}"
in = "{6}/in"
out = "{6}/out"
archive = "{6}/archive"
rejects = "{6}/rejects"
look_every = "1s"
timeout = "3s"
reconnect_first = "1s"
reconnect_most = "1s"
)";

}  // namespace

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Institution::Institution(RealNetwork& network, const ThrowawaySshd& sshd, const std::string& id,
                         std::string_view mapping, const std::string& complete, const fs::path& key,
                         std::string_view exchanges)
    : sshd_(sshd), there_(sshd.make_folder(id)), here_(network.folder() / id) {
  for (const auto* name : {"/in", "/out", "/archive", "/rejects"}) (void)sshd.make_folder(id + name);
  (void)network.write(id + "/mapping.toml", mapping);
  (void)network.write(id + "/suivis.xsd", kSchema);
  auto settings = network.adapter_settings(id, id);
  // The SDK's pauses stand in its own table, before that of the institution.
  const auto tables = fmt::format(kExchange, id, complete, sshd.port(), sshd.user(), sshd.known_hosts().string(),
                                  key.string(), there_.string());
  const auto pauses = tables.substr(0, tables.find("[[exchange]]"));
  settings.insert(settings.find("[[relais.institution]]"), pauses);
  settings_ = network.write(id + "/sftp.toml", settings + tables.substr(pauses.size()) + std::string(exchanges));
  adapter_ = std::make_unique<ChildProgram>(
      std::vector<std::string>{std::string(RELAIS_BIN) + "/relais-sftp", settings_}, here_ / "adapter.log");
}

std::string Institution::take() const {
  std::string all;
  for (const auto& entry : fs::directory_iterator(there_ / "out")) {
    if (entry.path().filename().string().starts_with('.')) continue;
    all += contents(entry.path());
    fs::remove(entry.path());
  }
  return all;
}

std::string Institution::rejects() const {
  std::string all;
  for (const auto& entry : fs::directory_iterator(there_ / "rejects"))
    if (!entry.path().filename().string().starts_with('.')) all += contents(entry.path());
  return all;
}

}  // namespace relais::tests
