// A connection to a host and port, before anything is said over it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "broker/base/result.h"

namespace relais::sftp {

/// The descriptor, blocking; the caller closes it. Each address of the name is tried, all within `at_most`. Refused:
/// name_unknown, connection_refused, unreachable, timeout. `given_up` is asked now and then and ends the wait.
base::Result<int> connect_to(const std::string& host, std::uint16_t port, std::chrono::milliseconds at_most,
                             const std::function<bool()>& given_up);

}  // namespace relais::sftp
