#include "adapters/http/speakers.h"

namespace relais::http {

void Speakers::add(base::TableReader& table, const std::string& institution, const std::vector<std::string>& tokens) {
  if (!institutions_.insert(institution).second)
    table.fault("institution", "institution", "has an exchange already", "one [[exchange]] for each institution");
  for (const auto& token : tokens)
    if (!tokens_.insert(token).second)
      table.fault("token_files", "token_files", "holds a token that stands twice", "a token of its own for each");
}

}  // namespace relais::http
