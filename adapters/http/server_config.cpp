#include "adapters/http/server_config.h"

#include <algorithm>

#include "adapters/sdk/secret_file.h"

namespace relais::http {

namespace {

using base::TableReader;
using std::filesystem::path;

constexpr std::int64_t kPortMost = 65'535;
constexpr std::int64_t kBodyBytesMost = std::int64_t{64} << 20;
constexpr std::size_t kTokenBytesLeast = 20;

void read_listen(TableReader& table, ServerConfig& server) {
  const auto text = table.text("listen");
  if (text.empty()) return;
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || colon == 0 || std::stol(port) < 1 || std::stol(port) > kPortMost)
    return table.fault("listen", "listen", "is not an address", "ADDRESS:PORT, such as 127.0.0.1:8480");
  server.host = text.substr(0, colon);
  if (server.host.starts_with('[') && server.host.ends_with(']'))
    server.host = server.host.substr(1, server.host.size() - 2);
  server.port = static_cast<int>(std::stol(port));
}

}  // namespace

void read_duration(TableReader& table, std::string_view key, std::chrono::milliseconds& value,
                   std::chrono::milliseconds most, std::string_view allowed) {
  const auto read = table.duration(key);
  if (read == 0) return;
  value = std::chrono::milliseconds(read);
  if (value > most) table.fault(key, key, "is too long", std::string(allowed));
}

ServerConfig read_server(TableReader& table, const path& folder) {
  ServerConfig server;
  read_listen(table, server);
  const auto file_at = [&](std::string_view key) -> std::string {
    const auto file = table.text(key);
    if (file.empty()) return {};
    const auto whole = (folder / file).lexically_normal();
    if (!std::filesystem::is_regular_file(whole)) table.fault(key, key, "is not a file", "a file in PEM form");
    return whole.string();
  };
  server.certificate_file = file_at("certificate_file");
  server.key_file = file_at("key_file");
  if (server.certificate_file.empty() != server.key_file.empty())
    table.fault("certificate_file", "certificate_file", "needs its key, and the key needs it",
                "certificate_file and key_file, or neither");
  if (!server.key_file.empty())
    if (const auto key = sdk::read_secret(server.key_file); !key)
      table.fault("key_file", "key_file", key.refusal().english(), "a private key of mode 0600");
  const bool plain = table.boolean("plain_http");
  if (server.certificate_file.empty() && !is_loopback(server.host) && !plain)
    table.fault("listen", "listen", "would take tokens and persons' data in the clear",
                "a loopback address, certificate_file and key_file, or plain_http = true behind a proxy");
  if (const auto most = table.integer("body_bytes_max", 1); most > kBodyBytesMost)
    table.fault("body_bytes_max", "body_bytes_max", "is too large", "at most 67108864");
  else if (most != 0)
    server.body_bytes_max = static_cast<std::size_t>(most);
  return server;
}

std::vector<std::string> read_tokens(TableReader& table, const path& folder) {
  std::vector<std::string> tokens;
  const auto files = table.texts("token_files");
  if (files.empty())
    table.fault("token_files", "token_files", "is missing", "files with the token that the software sends");
  for (const auto& file : files) {
    auto token = sdk::read_secret_line((folder / file).lexically_normal());
    if (!token)
      table.fault("token_files", "token_files", token.refusal().english(), "a file of mode 0600 with a token");
    else if (token->size() < kTokenBytesLeast)
      table.fault("token_files", "token_files", "holds a token that is too short", "at least 20 characters");
    else
      tokens.push_back(std::move(*token));
  }
  return tokens;
}

Target read_url(TableReader& table) {
  const auto url = table.text("url");
  const auto target = read_target(url);
  const bool plain = table.boolean("plain_http");
  if (!target) {
    table.fault("url", "url", url.empty() ? "is missing" : "is not a web address", "https://host[:port]/path");
    return {};
  }
  if (!target->secure && !target->loopback && !plain)
    table.fault("url", "url", "sends persons' data in the clear", "https, or plain_http = true in a closed network");
  return *target;
}

path read_ca_file(TableReader& table, const path& folder) {
  const auto file = table.text("ca_file");
  if (file.empty()) return {};
  auto whole = (folder / file).lexically_normal();
  if (!std::filesystem::is_regular_file(whole))
    table.fault("ca_file", "ca_file", "is not a file", "certificates in PEM form");
  return whole;
}

}  // namespace relais::http
