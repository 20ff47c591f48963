#include "adapters/http/target.h"

#include <algorithm>
#include <atomic>
#include <httplib.h>

namespace relais::http {

namespace {

// Of an answer only its first part matters; a page without end must not fill the memory.
constexpr std::size_t kAnswerBytesMost = std::size_t{256} << 10;
constexpr auto kConnectMost = std::chrono::seconds(5);

base::Refusal failed(std::string why) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"why", std::move(why)}});
}

std::string why_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
      return "away";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return "timeout";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "tls";
    default:
      return "broken";
  }
}

class HttpPoster final : public Poster {
 public:
  explicit HttpPoster(PosterOptions options) : options_(std::move(options)), client_(options_.target.origin) {
    client_.set_connection_timeout(std::min<std::chrono::milliseconds>(kConnectMost, options_.timeout));
    client_.set_read_timeout(options_.timeout);
    client_.set_write_timeout(options_.timeout);
    client_.set_follow_location(false);
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.enable_server_certificate_verification(true);
    if (!options_.ca_file.empty()) client_.set_ca_cert_path(options_.ca_file.string());
  }

  base::Result<SoftwareAnswer> post(const Headers& headers, const std::string& body) override {
    if (stopped_) return failed("stopped");
    SoftwareAnswer answer;
    const auto end = std::chrono::steady_clock::now() + options_.timeout;
    bool too_late = false;
    httplib::Request request;
    request.method = "POST";
    request.path = options_.target.path;
    for (const auto& [name, value] : headers) request.headers.emplace(name, value);
    request.body = body;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      too_late = std::chrono::steady_clock::now() > end;
      const auto room = kAnswerBytesMost - answer.body.size();
      answer.body.append(data, std::min(size, room));
      return !too_late && !stopped_;
    };
    httplib::Response response;
    auto error = httplib::Error::Success;
    if (!client_.send(request, response, error)) return failed(too_late ? "timeout" : why_of(error));
    answer.status = response.status;
    answer.content_type = response.get_header_value("Content-Type");
    answer.retry_after = response.get_header_value("Retry-After");
    return answer;
  }

  void stop() override {
    stopped_ = true;
    client_.stop();
  }

 private:
  const PosterOptions options_;
  httplib::Client client_;
  std::atomic<bool> stopped_{false};
};

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '[' || c == ']' || c == ':';
  });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoul(std::string(text)) >= 1 && std::stoul(std::string(text)) <= 65'535;
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") &&
          std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); }));
}

std::optional<Target> read_target(std::string_view url) {
  Target target;
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  target.secure = url.starts_with(kSecure);
  if (!target.secure && !url.starts_with(kPlain)) return std::nullopt;
  const auto start = target.secure ? kSecure.size() : kPlain.size();
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
  const auto slash = url.find_first_of("/?", start);
  const auto authority = url.substr(start, slash == std::string_view::npos ? slash : slash - start);
  const auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
  const auto host = authority.substr(0, colon);
  if (!plain || !is_host(host)) return std::nullopt;
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
  target.loopback = is_loopback(host);
  target.origin = std::string(url.substr(0, start)) + std::string(authority);
  target.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
  if (target.path.starts_with('?')) target.path.insert(0, "/");
  return target;
}

std::unique_ptr<Poster> new_poster(PosterOptions options) { return std::make_unique<HttpPoster>(std::move(options)); }

}  // namespace relais::http
