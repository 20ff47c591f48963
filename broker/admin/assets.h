// The files that the server carries in itself: the console as built from console/, and openapi.json.
#pragma once

#include <span>
#include <string_view>

namespace relais::admin {

struct Asset {
  std::string_view path;  // "/console/assets/index-1a2b3c4d.js"; a folder stands for its index.html
  std::string_view type;
  std::string_view content;
  bool hashed = false;  // its name holds a hash of its content
};

/// Defined in a file that the build makes (console/embed.mjs).
std::span<const Asset> assets();

}  // namespace relais::admin
