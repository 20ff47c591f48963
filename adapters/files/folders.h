// The five folders that an institution's software and this adapter share.
#pragma once

#include <string>
#include <string_view>

#include "adapters/files/file_system.h"

namespace relais::files {

/// All on one file system, because files change folder by renaming only. Below `work`, everything is ours.
struct Folders {
  Path in;       // the software drops files
  Path out;      // we drop files; the software takes them away
  Path archive;  // files read, by day
  Path rejects;  // what could not be sent, with the reasons
  Path work;     // claimed and temporary files

  [[nodiscard]] Path claims() const { return work / "claims"; }
  [[nodiscard]] Path spool() const { return work / "spool"; }
  [[nodiscard]] Path temporary() const { return work / "temporary"; }
};

/// What stands in the way of using the folders, for the health page and the log.
struct FolderFault {
  std::string folder;  // "in", "out", "archive", "rejects", "work"
  std::string why;     // code of file_system.h, or "of_another_institution", "not_prepared"
};

/// Makes the folders that are missing and signs `work` with the institution's id, so that an empty mount point or
/// another institution's folders are never taken for these. Repeating it changes nothing.
base::Result<Folders> prepare_folders(const Folders& folders, std::string_view institution);

/// Cheap; before each round of work. Empty `why`: all is well.
FolderFault look_at_folders(const Folders& folders, std::string_view institution);

/// `prefix` followed by `name`, shortened so that it fits a file name and keeps its extension.
std::string fitted_name(std::string_view prefix, std::string_view name, std::string_view suffix = {});

}  // namespace relais::files
