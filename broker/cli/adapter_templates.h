// What a new adapter begins with: the files of adapters/templates, built into the program.
#pragma once

#include <span>
#include <string_view>

namespace relais::cli {

struct TemplateFile {
  std::string_view language;  // "cpp" or "python"
  std::string_view name;      // in the new folder
  /// @NAME@ stands for the adapter's name, @NAMESPACE@ for the same as a C++ name, @ROOT@ for the clone of Relais.
  std::string_view text;
};

std::span<const TemplateFile> adapter_templates();

}  // namespace relais::cli
