#include "adapters/calendar/caldav_server.h"

#include <algorithm>

#include "adapters/calendar/multistatus.h"
#include "adapters/http/caller.h"
#include "broker/base/crypto.h"

namespace relais::calendar {

namespace {

// An answer of many events is large; one without end must not fill the memory.
constexpr std::size_t kAnswerBytesMost = std::size_t{64} << 20;

constexpr std::string_view kListing =
    R"(<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getetag/></d:prop></d:propfind>)";
constexpr std::string_view kAskToken =
    R"(<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:sync-token/></d:prop></d:propfind>)";

base::Refusal failed(std::string why) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"why", std::move(why)}});
}

std::string why_of_status(int status) {
  switch (status) {
    case 401:
      return "unauthorised";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "not_there";
    case 507:
      return "no_space";
    default:
      return status >= 500 || status == 429 ? "server_failure" : "refused";
  }
}

class CalDavServer final : public CalendarServer {
 public:
  explicit CalDavServer(CalDavOptions options)
      : options_(std::move(options)),
        caller_(http::new_caller({options_.collection.origin, options_.ca_file, options_.timeout, kAnswerBytesMost})) {}

  base::Result<std::optional<StoredEvent>> get(const std::string& href) override {
    const auto answer = ask("GET", href, {}, {});
    if (!answer) return answer.refusal();
    if (answer->status == 404 || answer->status == 410) return std::optional<StoredEvent>();
    if (answer->status != 200) return failed(why_of_status(answer->status));
    return std::optional(StoredEvent{answer->header("ETag"), answer->body});
  }

  base::Result<std::vector<std::pair<std::string, StoredEvent>>> get_many(
      const std::vector<std::string>& hrefs) override {
    std::string question =
        R"(<?xml version="1.0" encoding="utf-8"?><c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:getetag/><c:calendar-data/></d:prop>)";
    for (const auto& href : hrefs) question += "<d:href>" + xml_escaped(href) + "</d:href>";
    question += "</c:calendar-multiget>";
    const auto answer = ask_many("REPORT", "1", question);
    if (!answer) return answer.refusal();
    std::vector<std::pair<std::string, StoredEvent>> events;
    for (const auto& resource : answer->resources)
      if (resource.calendar_data) events.push_back({resource.href, {resource.etag, *resource.calendar_data}});
    return events;
  }

  base::Result<Written> put(const std::string& href, const std::string& etag, const std::string& text) override {
    const auto answer = ask("PUT", href,
                            {etag.empty() ? std::pair<std::string, std::string>("If-None-Match", "*")
                                          : std::pair<std::string, std::string>("If-Match", etag),
                             {"Content-Type", "text/calendar; charset=utf-8"}},
                            text);
    return written(answer);
  }

  base::Result<Written> remove(const std::string& href, const std::string& etag) override {
    const auto answer = ask("DELETE", href, {{"If-Match", etag}}, {});
    if (answer && (answer->status == 404 || answer->status == 410)) return Written{};
    return written(answer);
  }

  base::Result<std::optional<Changes>> changes(const std::string& token) override {
    const auto question =
        R"(<?xml version="1.0" encoding="utf-8"?><d:sync-collection xmlns:d="DAV:"><d:sync-token>)" +
        xml_escaped(token) +
        "</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>";
    const auto said = ask("REPORT", options_.collection.path, xml_headers("1"), question);
    if (!said) return said.refusal();
    if (said->status != 207) {
      // 405 and 501: the server does not know the report; then everything is listed each time.
      const bool unknown = said->status == 405 || said->status == 501;
      if (unknown || refuses_token(said->body)) return std::optional<Changes>();
      return failed(why_of_status(said->status));
    }
    const auto answer = read_multistatus(said->body);
    if (!answer) return answer.refusal();
    Changes changes;
    changes.token = answer->sync_token;
    for (const auto& resource : answer->resources) {
      if (resource.status == 507)
        changes.more = true;
      else if (resource.status == 404 || resource.status == 410)
        changes.gone.push_back(resource.href);
      else if (!is_collection(resource))
        changes.changed.push_back({resource.href, resource.etag});
    }
    if (changes.token.empty()) return failed("answer_malformed");
    return std::optional(std::move(changes));
  }

  base::Result<Changes> everything() override {
    // The token first: what changes while the list is written is told once more.
    const auto token = ask_many("PROPFIND", "0", std::string(kAskToken));
    if (!token) return token.refusal();
    const auto listing = ask_many("PROPFIND", "1", std::string(kListing));
    if (!listing) return listing.refusal();
    Changes all;
    all.token = token->sync_token;
    for (const auto& resource : listing->resources)
      if (!is_collection(resource) && resource.status / 100 == 2) all.changed.push_back({resource.href, resource.etag});
    return all;
  }

  void stop() override { caller_->stop(); }

 private:
  static http::Headers xml_headers(const std::string& depth) {
    return {{"Depth", depth}, {"Content-Type", "application/xml; charset=utf-8"}};
  }

  static base::Result<Written> written(const base::Result<http::CallAnswer>& answer) {
    if (!answer) return answer.refusal();
    if (answer->status == 412) return Written{true, {}};
    if (answer->status / 100 != 2) return failed(why_of_status(answer->status));
    return Written{false, answer->header("ETag")};
  }

  [[nodiscard]] bool is_collection(const DavResource& resource) const {
    return resource.collection || plain_href(resource.href) == plain_href(options_.collection.path);
  }

  base::Result<Multistatus> ask_many(const char* method, const std::string& depth, const std::string& question) {
    const auto answer = ask(method, options_.collection.path, xml_headers(depth), question);
    if (!answer) return answer.refusal();
    if (answer->status != 207) return failed(why_of_status(answer->status));
    return read_multistatus(answer->body);
  }

  base::Result<http::CallAnswer> ask(const char* method, const std::string& href, http::Headers headers,
                                     const std::string& body) {
    if (!options_.user.empty())
      headers.emplace_back("Authorization", "Basic " + base::base64(options_.user + ":" + options_.password));
    const auto scheme = href.find("://");
    auto path = scheme == std::string::npos ? href : href.substr(std::min(href.find('/', scheme + 3), href.size()));
    auto answer = caller_->call({method, std::move(path), std::move(headers), body});
    if (answer && answer->cut) return failed("answer_malformed");
    return answer;
  }

  const CalDavOptions options_;
  const std::unique_ptr<http::Caller> caller_;
};

}  // namespace

std::unique_ptr<CalendarServer> new_caldav_server(CalDavOptions options) {
  return std::make_unique<CalDavServer>(std::move(options));
}

}  // namespace relais::calendar
