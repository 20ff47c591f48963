#include "adapters/http/target.h"

#include <algorithm>

namespace relais::http {

namespace {

class HttpPoster final : public Poster {
 public:
  // Of an answer only its first part matters.
  explicit HttpPoster(const PosterOptions& options)
      : path_(options.target.path), caller_(new_caller({options.target.origin, options.ca_file, options.timeout})) {}

  base::Result<SoftwareAnswer> post(const Headers& headers, const std::string& body) override {
    auto answer = caller_->call({"POST", path_, headers, body});
    if (!answer) return answer.refusal();
    return SoftwareAnswer{answer->status, answer->header("Content-Type"), std::move(answer->body),
                          answer->header("Retry-After")};
  }

  void stop() override { caller_->stop(); }

 private:
  const std::string path_;
  const std::unique_ptr<Caller> caller_;
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

std::unique_ptr<Poster> new_poster(const PosterOptions& options) { return std::make_unique<HttpPoster>(options); }

}  // namespace relais::http
