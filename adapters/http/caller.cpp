#include "adapters/http/caller.h"

#include <algorithm>
#include <atomic>
#include <httplib.h>

namespace relais::http {

namespace {

constexpr auto kConnectMost = std::chrono::seconds(5);

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

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

class HttpCaller final : public Caller {
 public:
  explicit HttpCaller(CallerOptions options) : options_(std::move(options)), client_(options_.origin) {
    client_.set_connection_timeout(std::min<std::chrono::milliseconds>(kConnectMost, options_.timeout));
    client_.set_read_timeout(options_.timeout);
    client_.set_write_timeout(options_.timeout);
    client_.set_follow_location(false);
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.enable_server_certificate_verification(true);
    if (!options_.ca_file.empty()) client_.set_ca_cert_path(options_.ca_file.string());
  }

  base::Result<CallAnswer> call(const Call& call) override {
    if (stopped_) return failed("stopped");
    CallAnswer answer;
    const auto end = std::chrono::steady_clock::now() + options_.timeout;
    bool too_late = false;
    httplib::Request request;
    request.method = call.method;
    request.path = call.path;
    for (const auto& [name, value] : call.headers) request.headers.emplace(name, value);
    request.body = call.body;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      too_late = std::chrono::steady_clock::now() > end;
      // A page without end must not fill the memory.
      const auto room = options_.answer_bytes_max - answer.body.size();
      answer.cut |= size > room;
      answer.body.append(data, std::min(size, room));
      return !too_late && !stopped_;
    };
    httplib::Response response;
    auto error = httplib::Error::Success;
    if (!client_.send(request, response, error)) return failed(too_late ? "timeout" : why_of(error));
    answer.status = response.status;
    answer.headers.assign(response.headers.begin(), response.headers.end());
    return answer;
  }

  void stop() override {
    stopped_ = true;
    client_.stop();
  }

 private:
  const CallerOptions options_;
  httplib::Client client_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::string CallAnswer::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& pair) { return same_name(pair.first, name); });
  return found == headers.end() ? std::string() : found->second;
}

std::unique_ptr<Caller> new_caller(CallerOptions options) { return std::make_unique<HttpCaller>(std::move(options)); }

}  // namespace relais::http
