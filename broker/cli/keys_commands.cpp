// relaisctl keys: makes key pairs and shows their public halves.
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "broker/base/key_file.h"
#include "broker/cli/console.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::KeyUse;

constexpr KeyUse kUses[] = {KeyUse::transport, KeyUse::signing, KeyUse::sealing};

base::KeyPair new_pair(KeyUse use) {
  switch (use) {
    case KeyUse::transport:
      return base::new_transport_pair();
    case KeyUse::signing:
      return base::new_signing_pair();
    case KeyUse::sealing:
      return base::new_sealing_pair();
  }
  base::fail_check("a key has one of three uses", std::source_location::current());
}

Report key_report(const base::KeyFile& key, const fs::path& path) {
  Report report;
  report.fact("file", "file", path.string()).fact("use", "use", base::key_use_name(key.use)).fact("id", "id", key.id);
  report.fact("public", "public", base::base64(base::view(key.pair.public_key)));
  if (key.use == KeyUse::transport)
    report.fact("public_z85", "public (Z85)", base::z85(base::view(key.pair.public_key)));
  return report;
}

struct NewKey {
  KeyUse use{};
  std::string id;
  fs::path path;
};

int make_key(const NewKey& wanted, const Console& console) {
  const base::KeyFile key{wanted.use, wanted.id, new_pair(wanted.use)};
  const auto written = base::write_key_file(wanted.path, key);
  return written ? console.show(key_report(key, wanted.path)) : console.refuse(written.refusal());
}

int show_key(const fs::path& path, const Console& console) {
  const auto key = base::read_key_file(path);
  return key ? console.show(key_report(*key, path)) : console.refuse(key.refusal());
}

struct InstitutionKeys {
  std::string id;
  int number = 1;
  fs::path folder;
};

/// The public half, ready to stand below its [[institution]].
std::string snippet(const base::KeyFile& key, const fs::path& path) {
  return fmt::format("\n# Its secret half: {}\n[[institution.{}_key]]\nid = \"{}\"\nkey = \"{}\"\n", path.string(),
                     base::key_use_name(key.use), key.id, base::base64(base::view(key.pair.public_key)));
}

int make_institution_keys(const InstitutionKeys& wanted, const Console& console) {
  std::error_code error;
  if (fs::create_directories(wanted.folder, error)) fs::permissions(wanted.folder, fs::perms::owner_all, error);
  if (error)
    return console.refuse(
        base::refuse(base::RefusalCode::io_failed, {}, {{"path", wanted.folder.string()}, {"why", error.message()}}));
  Report report;
  Table table{"keys", {}, {{"use", {}}, {"id", {}}, {"public", {}}, {"file", {}}}, {}};
  std::string text = fmt::format("# Public keys of {}, to stand below its [[institution]].\n", wanted.id);
  for (const KeyUse use : kUses) {
    const std::string key_id = fmt::format("{}-{}", base::key_use_name(use), wanted.number);
    const fs::path path = wanted.folder / fmt::format("{}.{}.key", wanted.id, key_id);
    const base::KeyFile key{use, key_id, new_pair(use)};
    const auto written = base::write_key_file(path, key);
    if (!written) return console.refuse(written.refusal());
    table.rows.push_back(
        {base::key_use_name(use), key_id, base::base64(base::view(key.pair.public_key)), path.string()});
    text += snippet(key, path);
  }
  report.fact("institution", "institution", wanted.id).table(std::move(table)).instead(std::move(text));
  return console.show(report);
}

void add_new(CLI::App& keys, Action& action) {
  auto* const command = keys.add_subcommand("new", "make a key pair and write it to a new file, mode 0600");
  const auto wanted = std::make_shared<NewKey>();
  const std::map<std::string, KeyUse> uses = {
      {"transport", KeyUse::transport}, {"signing", KeyUse::signing}, {"sealing", KeyUse::sealing}};
  command->add_option("--use", wanted->use, "transport, signing or sealing")
      ->required()
      ->transform(CLI::Transformer(uses).description(""))
      ->type_name("USE");
  command->add_option("--id", wanted->id, "its id in the network definition")->required()->type_name("ID");
  command->add_option("FILE", wanted->path, "must not exist yet")->required()->type_name("");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return make_key(*wanted, c); }; });
}

void add_show(CLI::App& keys, Action& action) {
  auto* const command = keys.add_subcommand("show", "show the public half of a key file");
  const auto path = std::make_shared<fs::path>();
  command->add_option("FILE", *path, "key file")->required()->type_name("");
  command->callback([&action, path] { action = [path](const Console& c) { return show_key(*path, c); }; });
}

void add_institution(CLI::App& keys, Action& action) {
  auto* const command = keys.add_subcommand(
      "institution", "make the three pairs of an institution and print what to paste into the network definition");
  const auto wanted = std::make_shared<InstitutionKeys>();
  command->add_option("--id", wanted->id, "the institution, e.g. caf-25")->required()->type_name("ID");
  command->add_option("--number", wanted->number, "ends the ids of the keys; raise it when keys are renewed")
      ->check(CLI::Range(1, 9999).description(""))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("DIR", wanted->folder, "made if needed, for its owner alone")->required()->type_name("");
  command->callback(
      [&action, wanted] { action = [wanted](const Console& c) { return make_institution_keys(*wanted, c); }; });
}

}  // namespace

void add_keys_commands(CLI::App& app, Action& action) {
  auto* const keys = app.add_subcommand("keys", "make and show keys");
  keys->require_subcommand(1);
  add_new(*keys, action);
  add_show(*keys, action);
  add_institution(*keys, action);
}

}  // namespace relais::cli
