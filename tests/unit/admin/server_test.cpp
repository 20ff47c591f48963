// Who may ask, and what goes out with every answer.
#include <algorithm>
#include <set>
#include <unistd.h>

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

TEST_F(AdminTest, openapi_describes_the_routes_that_there_are_and_no_others) {
  const auto answer = client_->Get("/openapi.json");
  ASSERT_TRUE(answer);
  const auto document = json::parse(answer->body);
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(name + " " + path);
      EXPECT_FALSE(operation.value("summary", "").empty()) << path;
    }
  const auto paths = server_->paths();
  EXPECT_EQ(described, std::set<std::string>(paths.begin(), paths.end()));
}

TEST_F(AdminTest, openapi_refers_only_to_schemas_that_it_has) {
  const auto document = json::parse(client_->Get("/openapi.json")->body);
  int references = 0;
  const std::function<void(const json&)> walk = [&](const json& node) {
    for (const auto& [key, value] : node.items()) {
      if (key == "$ref") {
        ++references;
        EXPECT_TRUE(document.contains(json::json_pointer(value.get<std::string>().substr(1)))) << value;
      }
      if (value.is_structured()) walk(value);
    }
  };
  walk(document);
  EXPECT_GT(references, 20);
}

TEST_F(AdminTest, every_route_of_the_api_asks_for_the_token) {
  for (const auto& name : server_->paths()) {
    const auto path = name.substr(name.find(' ') + 1);
    if (!path.starts_with("/api/") || path.starts_with("/api/v1/login")) continue;
    const auto answer = name.starts_with("POST")
                            ? client_->Post(path, {{"Authorization", "Bearer wrong"}}, "{}", "application/json")
                            : client_->Get(path, {{"Authorization", "Bearer wrong"}});
    ASSERT_TRUE(answer) << name;
    EXPECT_EQ(answer->status, 401) << name;
  }
}

TEST_F(AdminTest, a_name_that_somebody_made_point_here_is_refused) {
  const auto status = [&](const std::string& host) {
    auto headers = signed_in();
    headers.emplace("Host", host);
    const auto answer = client_->Get("/api/v1/status", headers);
    return answer ? answer->status : 0;
  };
  const auto port = ":" + std::to_string(server_->port());
  EXPECT_EQ(status("127.0.0.1" + port), 200);
  EXPECT_EQ(status("localhost" + port), 200);
  EXPECT_EQ(status("[::1]" + port), 200);
  EXPECT_EQ(status("evil.example" + port), 400);
  EXPECT_EQ(status("127.0.0.1.evil.example"), 400);
}

TEST_F(AdminTest, a_page_of_another_site_is_refused) {
  const auto status = [&](const std::string& origin) {
    auto headers = signed_in();
    headers.emplace("Origin", origin);
    const auto answer = client_->Post("/api/v1/dead-letters/requeue", headers, "{}", "application/json");
    return answer ? json::parse(answer->body)["refused"].value("field", "") : "";
  };
  EXPECT_EQ(status("http://evil.example"), "Origin");
  EXPECT_EQ(status("null"), "Origin");
  EXPECT_EQ(status("http://127.0.0.1:" + std::to_string(server_->port())), "operator");
}

TEST_F(AdminTest, what_a_form_can_send_is_no_action) {
  for (const char* type : {"application/x-www-form-urlencoded", "text/plain"}) {
    const auto answer = client_->Post("/api/v1/dead-letters/requeue", signed_in(), "{}", type);
    EXPECT_EQ(read(answer, 400)["refused"]["field"], "Content-Type");
  }
}

TEST_F(AdminTest, an_answer_that_is_known_is_not_sent_again) {
  apply_network();
  const auto first = client_->Get("/api/v1/agreements", signed_in());
  ASSERT_TRUE(first);
  auto headers = signed_in();
  headers.emplace("If-None-Match", first->get_header_value("ETag"));
  const auto second = client_->Get("/api/v1/agreements", headers);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 304);
  EXPECT_EQ(second->body, "");
}

TEST_F(AdminTest, the_console_is_served_whole_and_may_load_nothing_from_elsewhere) {
  const auto page = client_->Get("/console/");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->status, 200);
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page->get_header_value("Content-Security-Policy").starts_with("default-src 'self';"));
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-cache");
  for (auto at = page->body.find("<script"); at != std::string::npos; at = page->body.find("<script", at + 1))
    EXPECT_EQ(page->body.substr(page->body.find('>', at) + 1, 9), "</script>") << "an inline script";
  const std::map<std::string, std::string> types{
      {"js", "text/javascript; charset=utf-8"}, {"css", "text/css; charset=utf-8"}, {"svg", "image/svg+xml"}};
  int files = 0;
  for (const std::string attribute : {"src=\"", "href=\""})
    for (auto at = page->body.find(attribute); at != std::string::npos;
         at = page->body.find(attribute, at + 1), ++files) {
      const auto begin = at + attribute.size();
      const auto path = page->body.substr(begin, page->body.find('"', begin) - begin);
      ASSERT_TRUE(path.starts_with("/console/")) << path;
      const auto file = client_->Get(path);
      ASSERT_TRUE(file);
      EXPECT_EQ(file->status, 200) << path;
      EXPECT_EQ(file->get_header_value("Content-Type"), types.at(path.substr(path.rfind('.') + 1))) << path;
      const auto again = client_->Get(path, {{"If-None-Match", file->get_header_value("ETag")}});
      ASSERT_TRUE(again);
      EXPECT_EQ(again->status, 304);
    }
  EXPECT_GE(files, 3);
  EXPECT_EQ(client_->Get("/")->get_header_value("Location"), "/console/");
  EXPECT_EQ(client_->Get("/console/assets/absent.js")->status, 404);
}

/// A connection that says what it is told to.
class Wire {
 public:
  explicit Wire(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Wire() { ::close(socket_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void say(const std::string& text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// What comes until `end` has come.
  [[nodiscard]] std::string hear(const std::string& end) const {
    std::string heard;
    for (char c = 0; heard.find(end) == std::string::npos && ::recv(socket_, &c, 1, 0) == 1;) heard += c;
    return heard;
  }

 private:
  const int socket_;
};

TEST_F(AdminTest, a_connection_opened_in_advance_may_be_silent_before_its_first_request) {
  const Wire wire(server_->port());
  std::this_thread::sleep_for(std::chrono::seconds(3));
  wire.say("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(wire.hear("\r\n"), "HTTP/1.1 200 OK\r\n");
}

TEST_F(AdminTest, a_body_without_a_bound_is_refused_before_it_comes) {
  const auto told = [&](const std::string& headers) {
    const Wire wire(server_->port());
    wire.say("POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers + "\r\n");
    const auto head = wire.hear("\r\n\r\n");
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
    return head.substr(9, 3) + " " + wire.hear("\n");
  };
  EXPECT_THAT(told("Transfer-Encoding: chunked\r\n"), testing::HasSubstr(R"("field":"Transfer-Encoding")"));
  EXPECT_THAT(told("Content-Length: 9\r\nContent-Encoding: br\r\n"),
              testing::HasSubstr(R"("field":"Content-Encoding")"));
  EXPECT_THAT(told(""), testing::HasSubstr(R"("field":"Content-Length")"));
  EXPECT_THAT(told("Content-Length: 100000\r\n"), testing::StartsWith("401 "));
  const json network{{"operator", "me"}, {"reason", "r"}, {"signed_network", std::string(100'000, 'A')}};
  EXPECT_EQ(post("network", network, 400)["refused"]["field"], "signed_network") << "whoever may speak may say more";
}

TEST_F(AdminTest, what_is_no_utf8_is_refused_like_anything_else) {
  EXPECT_EQ(get("dead-letters?%ff=1", 400)["refused"]["code"], "input.invalid");
  apply_network();
  EXPECT_EQ(get("institutions/caf%ff", 404)["refused"]["code"], "not.found");
}

TEST_F(AdminTest, a_port_belongs_to_one_server) {
  ServerConfig settings;
  settings.port = server_->port();
  settings.token = kToken;
  Server second(settings,
                Sources{store_, *engine_, clock_, [] { return ConnectionFigures{}; }, [this] { return adapters_; },
                        [] { return std::string("tcp://x:1"); }, [] { return false; }, clock_.now()});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.refusal().code, base::RefusalCode::io_failed);
}

}  // namespace
}  // namespace relais::admin
