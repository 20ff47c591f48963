// Whether the rules of secrecy are compiled in. They are, in every program but the one that a benchmark compares with,
// to say what they cost.
#pragma once

namespace relais::core {

#ifdef RELAIS_WITHOUT_RULES
inline constexpr bool kRulesHold = false;
#else
inline constexpr bool kRulesHold = true;
#endif

}  // namespace relais::core
