#include "broker/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace relais::base {

void fail_check(std::string_view what, const std::source_location& where) {
  // Not through the logger: it may be what is broken.
  std::fprintf(stderr, "bug: %.*s (%s:%u)\n", static_cast<int>(what.size()), what.data(), where.file_name(),
               where.line());
  std::abort();
}

}  // namespace relais::base
