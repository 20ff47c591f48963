// The settings that every server and every client of HTTP has. A fault goes to the table's findings; what is answered
// then is not used.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/target.h"
#include "broker/base/toml_reader.h"

namespace relais::http {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 8480;
  std::string certificate_file;  // both or none; none: plain HTTP
  std::string key_file;
  std::size_t body_bytes_max = std::size_t{4} << 20;
};

/// listen, certificate_file, key_file, plain_http, body_bytes_max.
ServerConfig read_server(base::TableReader& table, const std::filesystem::path& folder);

/// token_files: who speaks to the server.
std::vector<std::string> read_tokens(base::TableReader& table, const std::filesystem::path& folder);

/// url, plain_http.
Target read_url(base::TableReader& table);

/// ca_file; empty: the system's authorities.
std::filesystem::path read_ca_file(base::TableReader& table, const std::filesystem::path& folder);

/// Leaves `value` as it is when the key is absent; `allowed` says what `most` is.
void read_duration(base::TableReader& table, std::string_view key, std::chrono::milliseconds& value,
                   std::chrono::milliseconds most, std::string_view allowed);

}  // namespace relais::http
