// relaisctl network: checks, signs and shows the network definition, all without a broker; shows what is in force in a
// running one, and puts another in force.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/key_file.h"
#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/network_files.h"
#include "broker/cli/network_matrix.h"
#include "broker/cli/network_report.h"
#include "broker/cli/options.h"
#include "broker/core/network_check.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;

Report summary(const v1::NetworkDefinition& definition) {
  Report report;
  report.fact("network", "network", definition.network()).fact("version", "version", definition.version());
  report.fact("institutions", "institutions", definition.institutions_size());
  report.fact("agreements", "agreements", definition.agreements_size());
  report.fact("services", "services", definition.services_size());
  return report;
}

int check(const fs::path& directory, const Console& console) {
  const auto loaded = load_network(directory);
  if (!loaded.violations.empty()) return console.violations(directory.string(), loaded.violations);
  return console.show(summary(loaded.definition).fact("faults", "faults", 0));
}

base::Refusal io_failed(const fs::path& path, const std::error_code& error) {
  return base::refuse(RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", error.message()}});
}

/// Whole or not at all: a broker may be reading the file before.
base::Status write_file(const fs::path& path, std::string_view bytes) {
  const fs::path temporary = path.string() + ".part";
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) return io_failed(path, std::make_error_code(std::errc::io_error));
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return io_failed(path, error);
  return base::Done{};
}

base::Result<base::KeyFile> read_authority(const fs::path& path) {
  auto key = base::read_key_file(path);
  if (key && key->use != base::KeyUse::signing)
    return base::refuse(RefusalCode::key_invalid, {}, {{"path", path.string()}, {"why", "not a signing key"}});
  return key;
}

struct Sign {
  fs::path directory;
  fs::path key;
  fs::path out;
};

int sign(const Sign& wanted, const Console& console) {
  auto loaded = load_network(wanted.directory);
  if (!loaded.violations.empty()) return console.violations(wanted.directory.string(), loaded.violations);
  const auto authority = read_authority(wanted.key);
  if (!authority) return console.refuse(authority.refusal());

  loaded.definition.set_signed_at_ms(base::to_ms(base::SystemClock().now()));
  v1::SignedNetwork signed_network;
  signed_network.set_definition(loaded.definition.SerializeAsString());
  const auto signature = base::Signer(authority->pair.secret).sign(base::kNetworkDomain, signed_network.definition());
  signed_network.set_signature(std::string(base::view(signature)));
  const auto written = write_file(wanted.out, signed_network.SerializeAsString());
  if (!written) return console.refuse(written.refusal());

  Report report = summary(loaded.definition);
  report.fact("authority", "authority", base::base64(base::view(authority->pair.public_key)));
  report.fact("definition_hash", "hash", base::hex(base::view(base::hash(signed_network.definition()))));
  return console.show(report.fact("file", "file", wanted.out.string()));
}

base::Result<v1::SignedNetwork> read_signed(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return io_failed(path, std::make_error_code(std::errc::no_such_file_or_directory));
  v1::SignedNetwork signed_network;
  if (!signed_network.ParseFromIstream(&stream) || signed_network.definition().empty())
    return base::refuse(RefusalCode::network_invalid, {},
                        {{"why", "not a signed network definition"}, {"path", path.string()}});
  return signed_network;
}

/// "valid" or "not checked"; network.signature when the authority did not sign this.
base::Result<std::string> signature_of(const v1::SignedNetwork& signed_network, const std::string& authority) {
  if (authority.empty()) return std::string("not checked (give --authority)");
  const auto bytes = base::from_base64(authority);
  base::PublicKeyBytes key{};
  if (!bytes || bytes->size() != key.size())
    return base::refuse(RefusalCode::key_invalid, "--authority", {{"why", "expected: 32 bytes as base64"}});
  std::copy(bytes->begin(), bytes->end(), key.begin());
  if (!base::verify(key, base::kNetworkDomain, signed_network.definition(), signed_network.signature()))
    return base::refuse(RefusalCode::network_signature);
  return std::string("valid");
}

int show_signed(const fs::path& path, const std::string& authority, const Console& console) {
  const auto signed_network = read_signed(path);
  if (!signed_network) return console.refuse(signed_network.refusal());
  const auto signature = signature_of(*signed_network, authority);
  if (!signature) return console.refuse(signature.refusal());
  v1::NetworkDefinition definition;
  if (!definition.ParseFromString(signed_network->definition()))
    return console.refuse(base::refuse(RefusalCode::network_invalid, {}, {{"why", "the definition is not readable"}}));
  std::vector<base::FileViolation> violations;
  for (auto& fault : core::check_network(definition))
    violations.push_back({{path.string(), 0}, fault.path, fault.problem, fault.allowed});
  if (!violations.empty()) return console.violations({}, violations);
  return console.show(network_report(definition, *signature));
}

struct Show {
  fs::path path;
  std::string authority;
  fs::path data;
};

/// That of a running broker, which took it because the authority had signed it.
int show_in_force(const Show& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto answer = client->get("/api/v1/network");
  if (!answer) return console.refuse(answer.refusal());
  const auto bytes = base::from_base64(answer->value("definition", std::string()));
  v1::NetworkDefinition definition;
  if (!bytes || !definition.ParseFromString(*bytes))
    return console.refuse(base::refuse(RefusalCode::network_invalid, {}, {{"why", "the definition is not readable"}}));
  return console.show(
      network_report(definition, "valid, of the authority " + answer->value("authority", std::string())));
}

int show(const Show& wanted, const Console& console) {
  if (wanted.path.empty()) return show_in_force(wanted, console);
  if (!fs::is_directory(wanted.path)) return show_signed(wanted.path, wanted.authority, console);
  const auto loaded = load_network(wanted.path);
  if (!loaded.violations.empty()) return console.violations(wanted.path.string(), loaded.violations);
  return console.show(network_report(loaded.definition, "none"));
}

int matrix(const fs::path& directory, const Console& console) {
  const auto loaded = load_network(directory);
  if (!loaded.violations.empty()) return console.violations(directory.string(), loaded.violations);
  return console.show(secrecy_matrix(loaded.definition));
}

struct Apply {
  fs::path file;
  fs::path data;
  Signature signature;
  bool dry_run = false;
};

/// All at once, each with where it stands; the broker itself would name the first.
std::vector<base::FileViolation> violations_in(const nlohmann::json& trial, const fs::path& file) {
  std::vector<base::FileViolation> violations;
  for (const auto& one : trial.value("violations", nlohmann::json::array()))
    violations.push_back(
        {{file.string(), 0}, one.value("path", ""), one.value("problem", ""), one.value("allowed", "")});
  return violations;
}

int rehearsed(const nlohmann::json& trial, const v1::NetworkDefinition& definition, const Console& console) {
  const bool acceptable = trial.value("acceptable", false);
  auto report = summary(definition);
  report.fact("present", "version in force", Json(trial.value("present", nlohmann::json())))
      .fact("authentic", "signed by the authority", Json(trial.value("authentic", false)))
      .fact("acceptable", "would be taken", acceptable);
  console.show(report);
  return acceptable ? kDone : kRefused;
}

int apply(const Apply& wanted, const Console& console) {
  const auto signed_network = read_signed(wanted.file);
  if (!signed_network) return console.refuse(signed_network.refusal());
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  nlohmann::json order{{"operator", wanted.signature.name},
                       {"reason", wanted.signature.reason},
                       {"signed_network", base::base64(signed_network->SerializeAsString())},
                       {"dry_run", true}};
  const auto trial = client->post("/api/v1/network", order);
  if (!trial) return console.refuse(trial.refusal());
  if (const auto violations = violations_in(*trial, wanted.file); !violations.empty())
    return console.violations({}, violations);
  v1::NetworkDefinition definition;
  definition.ParseFromString(signed_network->definition());
  if (wanted.dry_run) return rehearsed(*trial, definition, console);
  order["dry_run"] = false;
  const auto done = client->post("/api/v1/network", order);
  if (!done) return console.refuse(done.refusal());
  return console.show(summary(definition).fact("position", "journal position", Json(done->value("position", 0))));
}

void add_directory(CLI::App& command, fs::path& directory) {
  command.add_option("DIR", directory, "directory of TOML files")
      ->required()
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->type_name("");
}

void add_check(CLI::App& network, Action& action) {
  auto* const command = network.add_subcommand("check", "check a definition as a whole and name every fault");
  const auto directory = std::make_shared<fs::path>();
  add_directory(*command, *directory);
  command->callback([&action, directory] { action = [directory](const Console& c) { return check(*directory, c); }; });
}

void add_sign(CLI::App& network, Action& action) {
  auto* const command = network.add_subcommand("sign", "check a definition and sign it for the brokers");
  const auto wanted = std::make_shared<Sign>();
  add_directory(*command, wanted->directory);
  command->add_option("--key", wanted->key, "signing key of the network's authority")->required()->type_name("FILE");
  command->add_option("--out", wanted->out, "where the signed definition goes; replaced if it exists")
      ->required()
      ->type_name("FILE");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return sign(*wanted, c); }; });
}

void add_network_show(CLI::App& network, Action& action) {
  auto* const command = network.add_subcommand("show", "show institutions, agreements, and who may send what to whom");
  const auto wanted = std::make_shared<Show>();
  command->add_option("PATH", wanted->path, "signed definition, or directory of TOML files; absent: that in force")
      ->type_name("");
  add_data_option(*command, wanted->data);
  command->add_option("--authority", wanted->authority, "public signing key of the authority: checks the signature")
      ->type_name("BASE64");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return show(*wanted, c); }; });
}

void add_matrix(CLI::App& network, Action& action) {
  auto* const command = network.add_subcommand("matrix", "who may be told what, and which rule says no, as Markdown");
  const auto directory = std::make_shared<fs::path>();
  add_directory(*command, *directory);
  command->callback([&action, directory] { action = [directory](const Console& c) { return matrix(*directory, c); }; });
}

void add_apply(CLI::App& network, Action& action) {
  auto* const command = network.add_subcommand("apply", "put a signed definition into force, without a restart");
  const auto wanted = std::make_shared<Apply>();
  command->add_option("FILE", wanted->file, "signed definition")->required()->type_name("");
  add_data_option(*command, wanted->data);
  add_signature_options(*command, wanted->signature);
  command->get_option("--reason")->required(false);
  command->add_flag("--dry-run", wanted->dry_run, "say what stands against it, and do nothing");
  command->callback([&action, wanted] {
    if (!wanted->dry_run && wanted->signature.reason.empty()) throw CLI::RequiredError("--reason");
    action = [wanted](const Console& c) { return apply(*wanted, c); };
  });
}

}  // namespace

void add_network_commands(CLI::App& app, Action& action) {
  auto* const network = app.add_subcommand("network", "check, sign, show and apply the network definition");
  network->require_subcommand(1);
  add_check(*network, action);
  add_sign(*network, action);
  add_network_show(*network, action);
  add_matrix(*network, action);
  add_apply(*network, action);
}

}  // namespace relais::cli
