// relaisctl adapter: a folder to begin a new adapter with, which builds and passes the conformance kit as it is.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "broker/base/result.h"
#include "broker/cli/adapter_templates.h"
#include "broker/cli/console.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;

constexpr const char* kKit = "adapters/conformance/run";
/// Programs of ours, whose names a new adapter would take.
constexpr std::string_view kTaken[] = {"bench",      "calendar", "crash", "files", "http",
                                       "past-month", "postgres", "rdvsp", "sftp",  "simulate"};

struct NewAdapter {
  std::string name;
  std::string language;
  fs::path folder;
  fs::path clone;
};

base::Refusal wrong(const std::string& field, const std::string& why) {
  return base::refuse(RefusalCode::input_invalid, field, {{"why", why}});
}

base::Refusal failed(const fs::path& path, const std::string& why) {
  return base::refuse(RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", why}});
}

/// The nearest folder from `start` upwards that holds the kit.
std::optional<fs::path> clone_above(fs::path start) {
  for (; start.has_relative_path(); start = start.parent_path())
    if (fs::exists(start / kKit)) return start;
  return std::nullopt;
}

std::optional<fs::path> find_clone() {
  std::error_code error;
  if (auto found = clone_above(fs::read_symlink("/proc/self/exe", error))) return found;
  return clone_above(fs::current_path(error));
}

std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [place, value] : values)
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size())
      text.replace(at, place.size(), value);
  return text;
}

/// Also a word of CMake and, with '_' for '-', of C++.
bool is_program_word(const std::string& name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return name.size() >= 2 && name.size() <= 40 && letter(name.front()) && name.back() != '-' &&
         std::ranges::all_of(name, good) && name.find("--") == std::string::npos;
}

base::Status check_name(const std::string& name) {
  if (!is_program_word(name)) return wrong("NAME", "2 to 40 of a-z, 0-9 and single '-', beginning with a letter");
  if (std::ranges::find(kTaken, name) != std::end(kTaken)) return wrong("NAME", "there is a program of that name");
  return base::Done{};
}

base::Status write_template(const TemplateFile& file, const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  std::error_code error;
  if (fs::file_size(path, error) != text.size() || error) return failed(path, "can not be written whole");
  if (file.text.starts_with("#!"))
    fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add,
                    error);
  if (error) return failed(path, error.message());
  return base::Done{};
}

int make_adapter(NewAdapter wanted, const Console& console) {
  if (const auto good = check_name(wanted.name); !good) return console.refuse(good.refusal());
  if (wanted.folder.empty()) wanted.folder = wanted.name;
  std::error_code error;
  if (fs::exists(wanted.folder, error)) return console.refuse(failed(wanted.folder, "it exists already"));
  const auto clone = wanted.clone.empty() ? find_clone() : clone_above(fs::canonical(wanted.clone, error));
  if (!clone) return console.refuse(wrong("--clone", "no clone of Relais, with the conformance kit in it"));
  if (!fs::create_directories(wanted.folder, error)) return console.refuse(failed(wanted.folder, error.message()));

  auto as_cpp = wanted.name;
  std::ranges::replace(as_cpp, '-', '_');
  const std::map<std::string, std::string> values = {
      {"@NAME@", wanted.name}, {"@NAMESPACE@", as_cpp + "_adapter"}, {"@ROOT@", clone->string()}};
  Report report;
  report.fact("adapter", "adapter", wanted.name).fact("folder", "folder", wanted.folder.string());
  Table table{"files", {}, {{"file", {}}}, {}};
  for (const auto& file : adapter_templates()) {
    if (file.language != wanted.language) continue;
    const auto path = wanted.folder / file.name;
    const auto written = write_template(file, path, filled(std::string(file.text), values));
    if (!written) return console.refuse(written.refusal());
    table.rows.push_back({path.string()});
  }
  report.table(std::move(table));
  report.fact("next", "next", fmt::format("read {}", (wanted.folder / "README.md").string()));
  return console.show(report);
}

}  // namespace

void add_adapter_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("adapter", "a folder to begin a new adapter with");
  group->require_subcommand(1);
  auto* const command =
      group->add_subcommand("new", "make a folder that builds, passes the conformance kit, and is ready to fill in");
  const auto wanted = std::make_shared<NewAdapter>();
  command->add_option("NAME", wanted->name, "of the adapter; its program is relais-NAME")->required()->type_name("");
  command->add_option("--language", wanted->language, "cpp or python")
      ->required()
      ->check(CLI::IsMember({"cpp", "python"}).description(""))
      ->type_name("LANGUAGE");
  command->add_option("--dir", wanted->folder, "must not exist yet; default: NAME, here")->type_name("DIR");
  command->add_option("--clone", wanted->clone, "the clone of Relais with the SDK; default: the one this program is in")
      ->type_name("DIR");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return make_adapter(*wanted, c); }; });
}

}  // namespace relais::cli
