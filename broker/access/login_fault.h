// Why somebody whom a provider of identities sent here is not let in.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/result.h"

namespace relais::access {

enum class LoginFault {
  stale,        // not begun in this browser, begun too long ago, or used already
  declined,     // the provider did not let them in, or they gave up
  unreachable,  // the provider does not answer, or not what can be used
  untrusted,    // what it says is not signed by it, is of another, or for another
  expired,      // what it says is no longer true, or not yet
  too_weak,     // they did not show as strictly who they are as was asked for
  nameless,     // it does not say what they are called
  no_role,      // nobody gave them a role here
  busy,         // too many log in at once
};

/// The console has a sentence for each, by this name.
std::string_view login_fault_name(LoginFault fault);

/// access.login_failed, access.not_allowed or access.too_many_attempts; its field is the fault's name, `why` is for the
/// log: no secret, and nothing that says who it was.
base::Refusal refuse_login(LoginFault fault, std::string why);

}  // namespace relais::access
