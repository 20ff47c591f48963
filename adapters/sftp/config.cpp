#include "adapters/sftp/config.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "adapters/files/config.h"
#include "adapters/sftp/ssh_connection.h"

namespace relais::sftp {

namespace {

using base::TableReader;
using std::filesystem::path;

constexpr std::int64_t kPortMost = 65'535;

void duration(TableReader& table, std::string_view key, std::chrono::milliseconds& value) {
  if (const auto read = table.duration(key); read != 0) value = std::chrono::milliseconds(read);
}

std::string needed(TableReader& table, std::string_view key, std::string allowed) {
  auto text = table.text(key);
  if (text.empty()) table.fault(key, key, "is missing", std::move(allowed));
  return text;
}

bool plain(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

std::string read_host(TableReader& table) {
  auto host = needed(table, "host", "a name or an address");
  if (!plain(host) || host.find_first_of("@/[]") != std::string::npos)
    table.fault("host", "host", "is not a host", "a name or an address, without user and port");
  return host;
}

std::string read_user(TableReader& table) {
  auto user = needed(table, "user", "the account on the server");
  if (!plain(user)) table.fault("user", "user", "is not an account", "a name without spaces");
  return user;
}

path read_path(TableReader& table, std::string_view key, const path& folder, std::string allowed) {
  const auto text = needed(table, key, std::move(allowed));
  return text.empty() ? path() : (folder / text).lexically_normal();
}

Server read_server(TableReader& table, const path& folder) {
  Server server;
  server.host = read_host(table);
  if (const auto port = table.integer("port", 1); port > kPortMost)
    table.fault("port", "port", "is too large", "at most " + std::to_string(kPortMost));
  else if (port != 0)
    server.port = static_cast<std::uint16_t>(port);
  server.user = read_user(table);
  server.known_hosts = read_path(table, "known_hosts", folder, "a file in the format of OpenSSH's known_hosts");
  server.key_file = read_path(table, "key_file", folder, "a private key of SSH, mode 0600");
  if (const auto file = table.text("passphrase_file"); !file.empty())
    server.passphrase_file = (folder / file).lexically_normal();
  duration(table, "connect_timeout", server.connect_timeout);
  duration(table, "timeout", server.timeout);
  if (!server.key_file.empty())
    if (const auto key = check_key(server); !key)
      table.fault("key_file", "key_file", key.refusal().english(), "a private key of SSH, mode 0600");
  if (!server.known_hosts.empty() && !server.host.empty())
    if (const auto known = check_known_hosts(server); !known)
      table.fault("known_hosts", "known_hosts", known.refusal().english(),
                  "what ssh-keyscan prints, compared with what the server's operator says");
  return server;
}

/// A folder on the server; without the / at its end.
std::string read_folder(TableReader& table, std::string_view key) {
  auto folder = table.text(key);
  if (folder.find('\0') != std::string::npos || folder.find('\n') != std::string::npos)
    table.fault(key, key, "is not a folder", "a path on the server");
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

RemoteFolders read_folders(TableReader& table, const files::ExchangeConfig& exchange) {
  RemoteFolders folders{read_folder(table, "in"), read_folder(table, "out"), read_folder(table, "archive"),
                        read_folder(table, "rejects")};
  if (folders.in.empty() && !exchange.readers.empty())
    table.fault("in", "in", "is missing", "the folder with the files that [[exchange.read]] reads");
  if (folders.out.empty() && !exchange.writers.empty())
    table.fault("out", "out", "is missing", "the folder for the files that [[exchange.write]] writes");
  // A file of ours in the folder that we read from would come back.
  for (const auto& [key, folder] : {std::pair<std::string_view, const std::string&>{"out", folders.out},
                                    {"archive", folders.archive},
                                    {"rejects", folders.rejects}})
    if (!folder.empty() && folder == folders.in) table.fault(key, key, "is the folder in", "a folder of its own");
  return folders;
}

Route read_route(TableReader& exchange_table, const path& folder, files::ExchangeConfig& exchange) {
  Route route;
  // What holds for the server's folder; here a file appears by renaming.
  route.arrival = std::exchange(exchange.arrival, {files::CompleteWhen::rename, {}, {}, {}});
  auto table = exchange_table.table("server");
  if (!table) {
    exchange_table.fault("server", "server", "is missing", "a table [exchange.server]");
    return route;
  }
  route.server = read_server(*table, folder);
  route.folders = read_folders(*table, exchange);
  duration(*table, "look_every", route.look_every);
  duration(*table, "reconnect_first", route.reconnect_first);
  duration(*table, "reconnect_most", route.reconnect_most);
  if (route.reconnect_most < route.reconnect_first)
    table->fault("reconnect_most", "reconnect_most", "is shorter than the first pause", "at least reconnect_first");
  table->finish();
  return route;
}

}  // namespace

Config read_config(TableReader& whole, const path& folder) {
  Config config;
  std::set<std::tuple<std::string, std::uint16_t, std::string, std::string>> ins;
  config.exchanges = files::read_exchanges(whole, folder, [&](TableReader& table, files::ExchangeConfig& exchange) {
    const auto& route = config.routes.emplace_back(read_route(table, folder, exchange));
    const auto& server = route.server;
    if (!route.folders.in.empty() && !ins.insert({server.host, server.port, server.user, route.folders.in}).second)
      table.fault("server", "server.in", "is that of another exchange", "a folder of its own for each institution");
  });
  return config;
}

}  // namespace relais::sftp
