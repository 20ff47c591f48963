// The shapes of ids and of French territorial codes.
#include <algorithm>

#include "broker/core/network_check_parts.h"

namespace relais::core::network {

namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, digit); }
bool low_or_digit(char c) { return (c >= 'a' && c <= 'z') || digit(c); }

bool metropolitan(std::string_view two) {
  if (two == "2A" || two == "2B") return true;
  return two.size() == 2 && all_digits(two) && two >= "01" && two <= "95" && two != "20";
}

bool overseas(std::string_view three) {
  if (three.size() != 3 || !all_digits(three)) return false;
  return (three >= "971" && three <= "978") || (three >= "984" && three <= "989");
}

}  // namespace

bool is_id(std::string_view text) { return text.size() <= 64 && is_thematic(text); }

bool is_thematic(std::string_view text) {
  return !text.empty() && text.size() <= 128 && low_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return low_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_institution_id(std::string_view text) {
  return text.size() >= 2 && text.size() <= 63 && low_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return low_or_digit(c) || c == '-'; });
}

bool is_commune(std::string_view text) {
  if (text.size() != 5 || !all_digits(text.substr(2))) return false;
  return metropolitan(text.substr(0, 2)) || overseas(text.substr(0, 3));
}

bool is_departement(std::string_view text) { return metropolitan(text) || overseas(text); }

bool is_epci(std::string_view text) {
  if (text.size() != 9 || !all_digits(text)) return false;
  int sum = 0;  // Luhn: every second digit counts double, from the right
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = (text[i] - '0') * (i % 2 == 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

}  // namespace relais::core::network
