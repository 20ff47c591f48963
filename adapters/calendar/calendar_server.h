// What the adapter needs of a calendar on a server. An interface, so that what follows from a server's answers can be
// tested alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/result.h"

namespace relais::calendar {

struct StoredEvent {
  std::string etag;
  std::string text;
};

struct Written {
  bool conflict = false;  // it was not as expected: nothing was changed
  std::string etag;       // empty when the server says none: it may have changed what it was given
};

struct Listed {
  std::string href;
  std::string etag;
};

struct Changes {
  std::vector<Listed> changed;
  std::vector<std::string> gone;
  std::string token;  // to ask with the next time; empty: the server has none
  bool more = false;  // the server has not told all: ask again at once
};

/// Hrefs are paths as the server writes them. Every answer may be io.failed; `why` is a code: away, timeout, tls,
/// broken, stopped, unauthorised, forbidden, not_there, no_space, server_failure, refused, answer_malformed.
/// Threads: one at a time; stop() on any.
class CalendarServer {
 public:
  virtual ~CalendarServer() = default;

  /// None: it is not there.
  virtual base::Result<std::optional<StoredEvent>> get(const std::string& href) = 0;

  /// Those that are there.
  virtual base::Result<std::vector<std::pair<std::string, StoredEvent>>> get_many(
      const std::vector<std::string>& hrefs) = 0;

  /// Replaces what has `etag`; with an empty one: makes what is not there.
  virtual base::Result<Written> put(const std::string& href, const std::string& etag, const std::string& text) = 0;

  /// What is not there counts as removed.
  virtual base::Result<Written> remove(const std::string& href, const std::string& etag) = 0;

  /// What has changed since `token`. None: the server does not know the token (any more), or does not keep any.
  virtual base::Result<std::optional<Changes>> changes(const std::string& token) = 0;

  /// Everything there is, with a token from just before.
  virtual base::Result<Changes> everything() = 0;

  /// Ends what waits, soon; later calls fail at once.
  virtual void stop() = 0;
};

/// The `why` of a refusal above.
std::string why_of(const base::Refusal& refusal);

/// An href without scheme and host, with its %XX read: two that are the same place are the same text.
std::string plain_href(std::string_view href);

}  // namespace relais::calendar
