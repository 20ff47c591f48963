#include "adapters/files/folders.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relais::files {

namespace {

constexpr std::string_view kSign = ".relais";
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kExtensionBytesMax = 16;

std::array<std::pair<std::string_view, const Path*>, 5> named(const Folders& folders) {
  return {{{"work", &folders.work},
           {"in", &folders.in},
           {"out", &folders.out},
           {"archive", &folders.archive},
           {"rejects", &folders.rejects}}};
}

std::string sign_of(std::string_view institution) { return std::string(institution) + "\n"; }

base::Refusal about(std::string_view folder, std::string reason) {
  return base::refuse(base::RefusalCode::io_failed, std::string(folder), {{"why", std::move(reason)}});
}

/// Never in the middle of a character of UTF-8.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

base::Result<Folders> prepare_folders(const Folders& folders, std::string_view institution) {
  for (const auto& [name, path] : named(folders)) {
    std::error_code error;
    std::filesystem::create_directories(*path, error);
    if (error)
      return about(name, error == std::errc::permission_denied ? std::string(kNoPermission)
                                                               : "errno_" + std::to_string(error.value()));
  }
  for (const auto& below : {folders.claims(), folders.spool(), folders.temporary()})
    if (const auto made = make_folder(below); !made) return about("work", why(made.refusal()));
  const auto written = write_new_file(folders.work / kSign, sign_of(institution));
  if (!written && why(written.refusal()) != kExists) return about("work", why(written.refusal()));
  if (const auto fault = look_at_folders(folders, institution); !fault.why.empty())
    return about(fault.folder, fault.why);
  return folders;
}

FolderFault look_at_folders(const Folders& folders, std::string_view institution) {
  dev_t first = 0;
  for (const auto& [name, path] : named(folders)) {
    const auto number = file_system_of(*path);
    if (!number) return {std::string(name), why(number.refusal())};
    if (path == &folders.work) first = *number;
    if (*number != first) return {std::string(name), std::string(kOtherFileSystem)};
  }
  const auto sign = read_file(folders.work / kSign, 1'024);
  if (!sign) return {"work", why(sign.refusal()) == kNotThere ? "not_prepared" : why(sign.refusal())};
  if (*sign != sign_of(institution)) return {"work", "of_another_institution"};
  for (const auto& below : {folders.claims(), folders.spool(), folders.temporary()})
    if (!is_there(below)) return {"work", "not_prepared"};
  return {};
}

std::string fitted_name(std::string_view prefix, std::string_view name, std::string_view suffix) {
  const auto dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot != 0 && name.size() - dot <= kExtensionBytesMax;
  const auto stem = has_extension ? name.substr(0, dot) : name;
  const auto extension = has_extension ? name.substr(dot) : std::string_view();
  const auto taken = prefix.size() + extension.size() + suffix.size();
  const auto room = taken < kNameBytesMax ? kNameBytesMax - taken : 0;
  std::string fitted(prefix);
  fitted.append(cut(stem, room)).append(extension).append(suffix);
  return fitted;
}

}  // namespace relais::files
