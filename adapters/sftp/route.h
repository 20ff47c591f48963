// How one institution's files come and go: its server, and the folders there.
#pragma once

#include <chrono>
#include <string>

#include "adapters/files/arrival.h"
#include "adapters/files/file_system.h"

namespace relais::sftp {

struct Server {
  std::string host;
  std::uint16_t port = 22;
  std::string user;
  files::Path known_hosts;      // in the format of OpenSSH; the only list that counts
  files::Path key_file;         // of ours, mode 0600
  files::Path passphrase_file;  // the same; empty: the key has none
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};  // without any answer, or any byte of a file
};

/// Paths on the server; relative ones are taken from the user's home.
struct RemoteFolders {
  std::string in;       // empty: nothing is fetched
  std::string out;      // empty: nothing is brought
  std::string archive;  // of files fetched; empty: they are removed
  std::string rejects;  // empty: they stay in the folder of this machine
};

struct Route {
  Server server;
  RemoteFolders folders;
  files::ArrivalPolicy arrival;
  std::chrono::milliseconds look_every{30'000};
  std::chrono::milliseconds reconnect_first{1'000};  // doubles with each failure, and varies by a half
  std::chrono::milliseconds reconnect_most{300'000};
};

}  // namespace relais::sftp
