// The answer of a WebDAV server about several resources (RFC 4918, 13), as far as calendars need it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/result.h"

namespace relais::calendar {

struct DavResource {
  std::string href;
  int status = 200;  // of the resource, or of the properties that were found
  bool collection = false;
  std::string etag;
  std::optional<std::string> calendar_data;
};

struct Multistatus {
  std::vector<DavResource> resources;
  std::string sync_token;  // of the answer, or the property of a resource
};

/// io.failed with why = "answer_malformed" when it is none.
base::Result<Multistatus> read_multistatus(std::string_view xml);

/// The answer says that the sync token is refused (RFC 6578, 3.2).
bool refuses_token(std::string_view xml);

/// `text` inside an element.
std::string xml_escaped(std::string_view text);

}  // namespace relais::calendar
