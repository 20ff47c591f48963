// Messages for the software that are not in a file of `out` yet: one file each in `work/spool`, on the disk before the
// broker hears that they were delivered.
#pragma once

#include <string>
#include <string_view>

#include "adapters/files/folders.h"
#include "adapters/mapping/message.h"
#include "adapters/sdk/handler.h"

namespace relais::files {

/// `run` is a word of this process alone: names of other runs that nobody knows of are leftovers.
std::string spool_name(std::string_view message_id, std::string_view run);

/// A file of that name is left as it is: it holds the same message.
base::Status put_into_spool(const Folders& folders, const std::string& name, const mapping::OutgoingMessage& message);

/// io.failed; input.invalid when the file is damaged.
base::Result<mapping::OutgoingMessage> read_from_spool(const Folders& folders, const std::string& name);

base::Status remove_from_spool(const Folders& folders, const std::string& name);

/// What the mapping needs of a message; the local references are the caller's.
mapping::OutgoingMessage outgoing(const sdk::Incoming& message);

}  // namespace relais::files
