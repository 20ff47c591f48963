// What the fuzzers feed. Each returns when the bytes are dealt with; a crash, a hang or a broken promise is the
// finding.
#pragma once

#include <string_view>

namespace relais::mapping::fuzz {

void csv(std::string_view bytes);
void fixed(std::string_view bytes);
void xml(std::string_view bytes);
void json(std::string_view bytes);
void mapping_file(std::string_view bytes);
void written(std::string_view bytes);  // the bytes are an envelope and a content

}  // namespace relais::mapping::fuzz
