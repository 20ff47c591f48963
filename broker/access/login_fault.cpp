#include "broker/access/login_fault.h"

namespace relais::access {

namespace {

using base::RefusalCode;

constexpr const char* kBusySeconds = "5";

RefusalCode code_of(LoginFault fault) {
  if (fault == LoginFault::no_role) return RefusalCode::access_not_allowed;
  if (fault == LoginFault::busy) return RefusalCode::access_too_many_attempts;
  return RefusalCode::access_login_failed;
}

}  // namespace

std::string_view login_fault_name(LoginFault fault) {
  switch (fault) {
    case LoginFault::stale:
      return "stale";
    case LoginFault::declined:
      return "declined";
    case LoginFault::unreachable:
      return "unreachable";
    case LoginFault::untrusted:
      return "untrusted";
    case LoginFault::expired:
      return "expired";
    case LoginFault::too_weak:
      return "too_weak";
    case LoginFault::nameless:
      return "nameless";
    case LoginFault::no_role:
      return "no_role";
    case LoginFault::busy:
      return "busy";
  }
  base::fail_check("a fault of a login has a name", std::source_location::current());
}

base::Refusal refuse_login(LoginFault fault, std::string why) {
  auto refusal = base::refuse(code_of(fault), std::string(login_fault_name(fault)), {{"why", std::move(why)}});
  if (fault == LoginFault::busy) refusal.facts.emplace_back("seconds", kBusySeconds);
  return refusal;
}

}  // namespace relais::access
